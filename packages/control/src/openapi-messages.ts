/**
 * The part of the OpenAPI document that is made from tables: each OCPP message that a station takes with its schemas, by
 * version, and each verb with its body. The schemas are those of the Open Charge Alliance; only their references are made
 * to point within this document.
 */
import { z } from '@hono/zod-openapi';
import { catalogueOf, type JsonSchema, loadSchemas, OCPP_VERSIONS, type OcppVersion } from '@sigec/ocpp';
import { VERBS } from './command/verbs/index.js';

type Json = Readonly<Record<string, unknown>>;
interface Operation extends Json {
  readonly parameters?: readonly Json[];
  readonly responses?: Readonly<Record<string, Json>>;
}

export interface MessageSection {
  readonly paths: Readonly<Record<string, Json>>;
  readonly schemas: Readonly<Record<string, Json>>;
}

export const MESSAGE_TAGS = [
  { name: 'verbs', description: 'What a device does, in one body for all versions of OCPP.' },
  {
    name: 'OCPP messages',
    description:
      'Each message from the system to a device, with the schema of every version that has it: the payload is that of ' +
      "the device's own version. The schemas are by the Open Charge Alliance (CC BY-ND 4.0).",
  },
];

export const COMMAND_PATH = '/api/v1/devices/{id}/commands/{action}';
export const VERB_PATH = '/api/v1/devices/{id}/actions/{verb}';

const pointer = (name: string): string => `#/components/schemas/${name}`;

/** As it stands in the components: its own names and places are those of the document. */
function component(name: string, title: string, { $id: _id, $schema: _schema, ...schema }: JsonSchema): Json {
  const within = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(within);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) =>
        key === '$ref' && typeof child === 'string' && child.startsWith('#/')
          ? [key, `${pointer(name)}${child.slice(1)}`]
          : [key, within(child)],
      ),
    );
  };
  return { title, ...(within(schema) as Json) };
}

/** The versions that have an action, each with the names of its schemas. */
type Spoken = readonly { readonly version: OcppVersion; readonly request: string; readonly response: string }[];

const anyOf = (names: readonly string[]): Json =>
  names.length === 1 ? { $ref: pointer(names[0] ?? '') } : { anyOf: names.map((name) => ({ $ref: pointer(name) })) };

/** The parameters of the general path without the one that a path of its own says. */
const without = (operation: Operation, name: string): readonly Json[] =>
  (operation.parameters ?? []).filter((parameter) => parameter.name !== name);

function messageOperation(general: Operation, action: string, spoken: Spoken): Json {
  const responses = { ...general.responses };
  const answer = {
    allOf: [
      { $ref: pointer('CommandAnswer') },
      { type: 'object', properties: { response: anyOf(spoken.map(({ response }) => response)) } },
    ],
  };
  responses[200] = { description: 'The charger answered.', content: { 'application/json': { schema: answer } } };
  return {
    ...general,
    tags: ['OCPP messages'],
    operationId: `command${action}`,
    summary: action,
    description: `In ${spoken.map(({ version }) => version).join(', ')}.`,
    parameters: without(general, 'action'),
    requestBody: {
      required: false,
      content: { 'application/json': { schema: anyOf(spoken.map(({ request }) => request)) } },
    },
    responses,
  };
}

/** What the schemas of bodies say of inputs, as JSON schema. */
const schemaOf = (body: z.ZodType): Json => {
  const { $schema: _schema, ...schema } = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' });
  return schema as Json;
};

/** @param generals the operations of {@link COMMAND_PATH} and {@link VERB_PATH} */
export async function messageSection(generals: {
  readonly command: Operation;
  readonly verb: Operation;
}): Promise<MessageSection> {
  const schemas: Record<string, Json> = {};
  const actions = new Map<string, Spoken>();
  for (const version of OCPP_VERSIONS) {
    const { requests, responses } = await loadSchemas(version);
    for (const { action, direction, kind } of catalogueOf(version)) {
      const [asked, answered] = [requests[action], responses[action]];
      if (direction === 'toCsms' || kind !== 'call' || asked === undefined || answered === undefined) continue;
      const request = `${version}.${action}Request`;
      const response = `${version}.${action}Response`;
      schemas[request] = component(request, `${action} (${version})`, asked);
      schemas[response] = component(response, `${action} answer (${version})`, answered);
      actions.set(action, [...(actions.get(action) ?? []), { version, request, response }]);
    }
  }
  const paths: Record<string, Json> = {};
  for (const verb of VERBS) {
    const name = `Verb.${verb.name}`;
    schemas[name] = { title: verb.name, ...schemaOf(verb.body) };
    paths[VERB_PATH.replace('{verb}', verb.name)] = {
      post: {
        ...generals.verb,
        tags: ['verbs'],
        operationId: `verb-${verb.name}`,
        summary: verb.summary,
        description: verb.becomes,
        parameters: without(generals.verb, 'verb'),
        requestBody: { required: false, content: { 'application/json': { schema: { $ref: pointer(name) } } } },
      },
    };
  }
  for (const [action, spoken] of [...actions].sort(([a], [b]) => (a < b ? -1 : 1)))
    paths[COMMAND_PATH.replace('{action}', action)] = { post: messageOperation(generals.command, action, spoken) };
  return { paths, schemas };
}
