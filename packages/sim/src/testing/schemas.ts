/** The room of the Open Charge Alliance's schemas, for tests only: the second opinion on every message. */
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Version } from '../frame.js';
import { isObject } from '../json.js';

const require = createRequire(import.meta.url);
const FILES: Record<Version, string> = { '1.6': 'ocpp1_6', '2.0.1': 'ocpp2_0_1', '2.1': 'ocpp2_1' };
const loaded = new Map<Version, Ajv>();

function ajvOf(version: Version): Ajv {
  const known = loaded.get(version);
  if (known !== undefined) return known;
  const ajv = new Ajv({ strict: false, multipleOfPrecision: 6, validateSchema: false });
  addFormats.default(ajv);
  // `urn:Reset.req` is no URN with a namespace, which Ajv wants of an $id; as a plain key it will do.
  for (const { $id, ...schema } of schemasOf(version)) ajv.addSchema(schema, $id.replace('urn:', ''));
  loaded.set(version, ajv);
  return ajv;
}

export function schemasOf(version: Version): (object & { $id: string })[] {
  return require(`ocpp-rpc/lib/schemas/${FILES[version]}.json`);
}

/** Every action of a version, from the ids of its schemas. */
export function actionsOf(version: Version): string[] {
  const ids = schemasOf(version).map((s) => s.$id.replace('urn:', ''));
  const requests = ids.filter((id) => !/(\.conf|Response)$/.test(id));
  return [...new Set(requests.map((id) => id.replace(/(\.req|Request)$/, '')))];
}

function validator(version: Version, action: string, direction: 'request' | 'response'): ValidateFunction | undefined {
  const endings = direction === 'request' ? ['.req', 'Request', ''] : ['.conf', 'Response'];
  for (const ending of endings) {
    const found = ajvOf(version).getSchema(`${action}${ending}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is wrong with a payload, or null. */
export function faultOf(version: Version, action: string, direction: 'request' | 'response', payload: unknown) {
  const validate = validator(version, action, direction);
  if (validate === undefined) return `${action}: no schema`;
  // As on the wire: fields that are undefined are not there.
  const sent: unknown = JSON.parse(JSON.stringify(payload));
  return validate(sent) ? null : `${action} ${direction}: ${ajvOf(version).errorsText(validate.errors)}`;
}

interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  minimum?: number;
  definitions?: Record<string, Schema>;
}

/** The least payload a request's schema accepts: required fields only, first words of lists. */
export function leastRequest(version: Version, action: string): Record<string, unknown> {
  const schema = validator(version, action, 'request')?.schema as Schema;
  const make = (s: Schema): unknown => {
    if (s.$ref !== undefined) return make(schema.definitions?.[s.$ref.split('/').pop() ?? ''] ?? {});
    if (s.enum !== undefined) return s.enum[0];
    if (s.properties !== undefined || s.type === 'object') {
      return Object.fromEntries((s.required ?? []).map((name) => [name, make(s.properties?.[name] ?? {})]));
    }
    if (s.type === 'array') return [make(s.items ?? {})];
    if (s.type === 'integer' || s.type === 'number') return Math.max(1, s.minimum ?? 1);
    if (s.type === 'boolean') return true;
    if (s.format === 'date-time') return '2040-01-01T00:00:00Z';
    return s.format === 'uri' ? 'https://csms.example/file' : 'x';
  };
  const made = make(schema);
  return isObject(made) ? made : {};
}
