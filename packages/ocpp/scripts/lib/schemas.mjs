// Reads the published OCPP schemas and merges each version's into one tree of shared definitions. The originals are
// only read: what is derived here (structure without prose) feeds types and validators and is never published.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Versions to generate: subprotocol name, file suffix, and where the schemas stand. */
export const VERSIONS = [
  { version: 'ocpp1.6', suffix: '16', source: 'ocpp-rpc/lib/schemas/ocpp1_6.json' },
  { version: 'ocpp2.0.1', suffix: '201', source: 'ocpp-rpc/lib/schemas/ocpp2_0_1.json' },
  { version: 'ocpp2.1', suffix: '21', source: 'ocpp-rpc/lib/schemas/ocpp2_1.json' },
];

export function sourceText(source) {
  return readFileSync(require.resolve(source), 'utf8');
}

/** `urn:Authorize.req` and `urn:AuthorizeRequest` -> { action: 'Authorize', side: 'requests' }. */
export function messageOf(id) {
  const name = /^urn:([A-Za-z0-9]+)(\.req|\.conf)?$/.exec(id);
  if (!name) throw new Error(`schema id not understood: ${id}`);
  const [, text, dotted] = name;
  if (dotted) return { action: text, side: dotted === '.req' ? 'requests' : 'responses' };
  if (text.endsWith('Request')) return { action: text.slice(0, -'Request'.length), side: 'requests' };
  if (text.endsWith('Response')) return { action: text.slice(0, -'Response'.length), side: 'responses' };
  // 2.1 sends NotifyPeriodicEventStream without expecting an answer, so its schema has no suffix.
  return { action: text, side: 'requests' };
}

const PROSE = new Set(['$schema', '$id', 'description', 'comment', 'javaType', 'default', 'additionalItems', 'title']);

/** The structure of a schema: everything a validator needs, no prose. */
function structure(schema) {
  const out = {};
  for (const [key, value] of Object.entries(schema)) {
    if (PROSE.has(key) || key === 'definitions') continue;
    // Published enums of 2.x carry a meaningless `additionalProperties` on strings.
    if (key === 'additionalProperties' && schema.type !== 'object') continue;
    if (key === 'properties') {
      out.properties = Object.fromEntries(Object.entries(value).map(([name, child]) => [name, structure(child)]));
    } else if (key === 'items') out.items = structure(value);
    else if (KNOWN.has(key)) out[key] = value;
    else throw new Error(`schema keyword not known to the validator: ${key}`);
  }
  return out;
}

/** Keywords that src/walk.ts also implements; a new one in the sources must stop the generation. */
const KNOWN = new Set([
  ...['$ref', 'type', 'required', 'additionalProperties', 'enum', 'maxLength', 'minItems', 'maxItems'],
  ...['minimum', 'maximum', 'multipleOf', 'format'],
]);

/**
 * One version merged: { definitions, requests: [action...], responses: [action...] }. Messages become the definitions
 * `<Action>Request` and `<Action>Response`. Two different definitions of one name are an error, not a guess.
 */
export function merge(schemas) {
  const definitions = {};
  const actions = { requests: [], responses: [] };
  const add = (name, schema) => {
    const text = JSON.stringify(schema);
    if (definitions[name] !== undefined && JSON.stringify(definitions[name]) !== text) {
      throw new Error(`two different definitions of ${name}`);
    }
    definitions[name] = schema;
  };
  for (const schema of schemas) {
    const { action, side } = messageOf(schema.$id);
    for (const [name, child] of Object.entries(schema.definitions ?? {})) add(name, structure(child));
    add(`${action}${side === 'requests' ? 'Request' : 'Response'}`, structure(schema));
    actions[side].push(action);
  }
  const sorted = Object.fromEntries(
    Object.keys(definitions)
      .sort()
      .map((name) => [name, definitions[name]]),
  );
  return { definitions: sorted, requests: actions.requests.sort(), responses: actions.responses.sort() };
}
