/** The OpenAPI 3.1 document, made from the schemas that check the requests. */

import { addExamples, type Schema } from './openapi-examples.js';
import { COMMAND_PATH, MESSAGE_TAGS, type MessageSection, messageSection, VERB_PATH } from './openapi-messages.js';
import type { App } from './routes/application.js';

export type OpenApiDocument = ReturnType<App['getOpenAPI31Document']>;

const TAGS = [
  { name: 'auth', description: 'Sessions of people, registration, and what is proven by mail.' },
  { name: 'account', description: "One's own account." },
  { name: 'api keys', description: 'Keys of machines.' },
  { name: 'people', description: 'The people of a tenant, for its administrators.' },
  { name: 'devices', description: 'Charging stations, their connectors and their OCPP log.' },
  { name: 'sites', description: 'Where devices stand, when that is open, and whether drivers are shown it.' },
  { name: 'groups', description: 'Devices that belong together.' },
  { name: 'commands', description: 'OCPP commands to a station. A command always ends: answered, refused, or failed.' },
  {
    name: 'firmware and logs',
    description: 'Images of firmware and their updates, logs that chargers bring, and what they know of customers.',
  },
  { name: 'command queue', description: 'Commands that wait for their device, and commands to many devices.' },
  { name: 'alarms', description: 'What is wrong with devices, who sees to it, and the rules by which it is watched.' },
  { name: 'transactions', description: 'Charging sessions: energy in Wh, money in minor units.' },
  { name: 'live updates', description: 'Events as they happen, as Server-Sent Events or over a WebSocket.' },
  { name: 'webhooks', description: 'Events as signed requests to an address of yours.' },
  { name: 'id tokens', description: 'Cards and accounts that may charge.' },
  { name: 'operations', description: 'Health and metrics.' },
  ...MESSAGE_TAGS,
];

const DESCRIPTION = `Charging network management over OCPP 1.6, 2.0.1 and 2.1.

Fields are snake_case, ids strings, times RFC 3339 in UTC. Lists answer \`items\` and \`next_cursor\`; pass the cursor
back as \`cursor\`. Errors are RFC 9457 \`application/problem+json\`: \`code\` is for programs, \`title\` for people,
\`temporary\` says whether trying again can help.`;

const operation = (summary: string, description: string, responses: object) => ({
  tags: ['operations'],
  summary,
  description,
  responses: responses as Record<string, { description: string }>,
});

const check = {
  type: 'object',
  required: ['ok', 'detail'],
  properties: { ok: { type: 'boolean' }, detail: { type: 'string' } },
};
const report = (description: string, ok: boolean) => ({
  description,
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['ok', 'checks'],
        properties: { ok: { type: 'boolean' }, checks: { type: 'object', additionalProperties: check } },
      },
      example: { ok, checks: { database: { ok, detail: ok ? 'ok' : 'Error' } } },
    },
  },
});

/** The document's generator takes a pattern with its flags for its text (`.../u`); readers of schemas know no flags. */
function mendPatterns(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const schema = value as Record<string, unknown>;
  if (typeof schema.pattern === 'string') schema.pattern = schema.pattern.replace(/^\/?(.*)\/[gimsuy]+$/s, '$1');
  for (const child of Object.values(schema)) mendPatterns(child);
}

/** As {@link problems} writes it into the document. */
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const whole = (description: string) => ({ description, schema: { type: 'integer' } });
const LIMITED = {
  429: {
    ...problem('Too many; try later.'),
    headers: {
      'RateLimit-Limit': whole('Requests of a minute; with the two below on every answer to somebody who is limited.'),
      'RateLimit-Remaining': whole('What is left of them.'),
      'RateLimit-Reset': whole('Seconds until there are as many again.'),
      'Retry-After': whole('Seconds to wait.'),
    },
  },
};

/** What becomes of a key that does not fit. */
const KEYED = {
  400: problem('A parameter or the JSON itself cannot be read, or `Idempotency-Key` is none.'),
  409: problem('The request that had this `Idempotency-Key` is still under way, or nobody knows what became of it.'),
  422: problem('`Idempotency-Key` was used for another request.'),
};

/** What every POST of somebody who is known takes. */
const REPEATABLE = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  description:
    'A name of your own for this request, new for each. Sent again within 24 hours with the same body, the request is not ' +
    'done again: its first answer comes, with `Idempotent-Replayed: true`. Refusals that are temporary leave the key free.',
};

/** What generated clients call an operation that has no name: `get-devices-by-id`. */
const nameOf = (method: string, path: string): string =>
  `${method} ${path}`
    .replace(' /api/v1', '')
    .replace(/\{(\w+)\}/g, 'by-$1')
    .replace(/[^a-zA-Z0-9]+/g, '-');

type Documented = { security?: readonly object[]; responses: object; parameters?: readonly object[] };

/** Built once by whoever serves it: it holds every OCPP message of every version. */
export async function openApiDocument(app: App): Promise<OpenApiDocument> {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'SIGEC-VE', version: '1', description: DESCRIPTION },
    servers: [{ url: '/' }],
    tags: TAGS,
  });
  document.components = {
    ...document.components,
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT or API key' } },
  };
  // The limit of a person holds on every route that knows the person.
  for (const path of Object.values(document.paths ?? {}))
    for (const [method, operation] of Object.entries(path as Readonly<Record<string, Documented>>)) {
      const { security } = operation;
      // Where a token is not asked for, nobody is counted by theirs.
      if (security === undefined || security.some((one) => Object.keys(one).length === 0)) continue;
      operation.responses = { ...LIMITED, ...(method === 'post' ? KEYED : {}), ...operation.responses };
      if (method === 'post') operation.parameters = [...(operation.parameters ?? []), REPEATABLE];
    }
  document.paths = {
    ...document.paths,
    '/health/live': {
      get: operation('Whether the process answers', 'Asks nobody else.', { 200: report('It does.', true) }),
    },
    '/health/ready': {
      get: operation('Whether it can serve', 'Asks the database, the bus and the cache.', {
        200: report('It can.', true),
        503: report('Not yet, or not now: `checks` says why.', false),
      }),
    },
    '/metrics': {
      get: operation('Prometheus metrics', 'Of this process.', {
        200: { description: 'The text that Prometheus reads.', content: { 'text/plain': {} } },
      }),
    },
  };
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods as Readonly<Record<string, { operationId?: string }>>))
      operation.operationId ??= nameOf(method, path);
  mendPatterns(document.components.schemas);
  mendPatterns(document.paths);
  addExamples(document as unknown as Schema);
  return withMessages(document);
}

/** The operations of every OCPP message and of every verb, after all the others. */
async function withMessages(document: OpenApiDocument): Promise<OpenApiDocument> {
  const paths = document.paths as Readonly<Record<string, { readonly post?: Record<string, unknown> }>>;
  const command = paths[COMMAND_PATH]?.post ?? {};
  const verb = paths[VERB_PATH]?.post ?? {};
  const made: MessageSection = await messageSection({ command, verb });
  const components = { ...document.components, schemas: { ...document.components?.schemas, ...made.schemas } };
  // Made from tables, in shapes that the document's own types do not follow one by one.
  return { ...document, paths: { ...document.paths, ...made.paths }, components } as OpenApiDocument;
}
