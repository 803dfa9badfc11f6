/**
 * Examples of bodies and answers, put together from what their schemas say of each member: its own example, its default, its
 * first choice, or a value of its format. A schema that has a whole example of its own keeps it.
 */

export type Schema = Readonly<Record<string, unknown>>;

/** Members that nest deeper are left to the reader. */
const DEEPEST = 6;

const BY_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00.000Z',
  uuid: '0193f000-0000-7000-8000-000000000001',
  email: 'ana@example.com',
  uri: 'https://charging.example.com/path',
  password: 'correct horse battery staple',
};

/** What members of these names hold, wherever they stand. */
const BY_NAME: Readonly<Record<string, string>> = {
  name: 'Entrada norte',
  ocpp_version: 'ocpp2.0.1',
  default_version: 'ocpp1.6',
  firmware_version: '2.4.1',
  address: 'Av. Paulista 1578, São Paulo',
  error_code: 'NoError',
  token: 'the-token',
  title: 'Recurso não encontrado',
  identity: 'BR-SP-0001',
  id_token: '04A2B3C4D5E680',
  currency: 'BRL',
  vendor: 'Vendor',
  model: 'Model',
  site: 'Pátio',
  message_id: '0d8f3a52-6c1e-4f0a-9b7e-2f6d1c9a4e10',
};

function resolved(document: Schema, schema: Schema): Schema {
  const { $ref } = schema;
  if (typeof $ref !== 'string') return schema;
  let found: unknown = document;
  for (const part of $ref.split('/').slice(1)) found = (found as Schema)[part.replaceAll('~1', '/')];
  return found === undefined ? {} : resolved(document, found as Schema);
}

/** Texts of which one fits most patterns. */
const PATTERNS = ['42', 'ab12cd34'.repeat(8), '08:00', '2026-01-31T12:00:00.000Z', 'BR', 'x'];

/** What names of many kinds have in common. */
function byEnd(name: string): string {
  if (/(?:^|_)id$/.test(name)) return '42';
  if (/(?:^|_)url$/.test(name)) return 'https://charging.example.com/path';
  if (/_at$|^since$|^until$|^from$|^to$/.test(name)) return '2026-01-31T12:00:00.000Z';
  return name === '' ? 'text' : name;
}

function textOf(schema: Schema, name: string): string {
  const {
    format,
    minLength = 0,
    maxLength = 1000,
    pattern,
  } = schema as { [key: string]: unknown } & {
    format?: string;
    minLength?: number;
    maxLength?: number;
    pattern?: string;
  };
  const fits = (text: string) => pattern === undefined || new RegExp(pattern, 'u').test(text);
  const known = (format === undefined ? undefined : BY_FORMAT[format]) ?? BY_NAME[name] ?? byEnd(name);
  const found = [known, ...PATTERNS].find((text) => text !== undefined && fits(text)) ?? known;
  return found.padEnd(minLength, 'x').slice(0, maxLength);
}

function numberOf(schema: Schema): number {
  const { minimum, exclusiveMinimum, maximum } = schema as Readonly<Record<string, number | undefined>>;
  const least = exclusiveMinimum === undefined ? minimum : exclusiveMinimum + 1;
  return Math.min(Math.max(1, least === undefined || least < -1e9 ? 1 : least), maximum ?? 1);
}

/** A value that the schema takes. `undefined` where none is known. */
export function exampleOf(document: Schema, given: Schema, name = '', depth = 0): unknown {
  const schema = resolved(document, given);
  if (schema.example !== undefined) return schema.example;
  if (Array.isArray(schema.examples)) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  const choices = (schema.anyOf ?? schema.oneOf) as readonly Schema[] | undefined;
  if (choices !== undefined) {
    const first = choices.find((choice) => choice.type !== 'null');
    return first && exampleOf(document, first, name, depth);
  }
  const all = schema.allOf as readonly Schema[] | undefined;
  if (all !== undefined)
    return Object.assign(
      {},
      ...all.map((part) => exampleOf(document, part, name, depth)),
      members(document, schema, depth),
    );
  const [type] = [schema.type ?? []].flat() as string[];
  switch (type) {
    case 'string':
      return textOf(schema, name);
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'null':
      return null;
    case 'boolean':
      return true;
    case 'array': {
      const item = depth < DEEPEST ? exampleOf(document, (schema.items ?? {}) as Schema, name, depth + 1) : undefined;
      return item === undefined ? [] : [item];
    }
    case 'object':
      return members(document, schema, depth);
    default:
      return undefined;
  }
}

function members(document: Schema, schema: Schema, depth: number): Readonly<Record<string, unknown>> {
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, Schema>>);
  const required = new Set((schema.required ?? []) as string[]);
  return Object.fromEntries(
    properties
      // Of what may be all absent, the first: an empty body shows nothing.
      .filter(([name], i) => required.has(name) || (required.size === 0 && i === 0))
      .map(([name, property]) => [name, exampleOf(document, property, name, depth + 1)])
      .filter(([, value]) => value !== undefined),
  );
}

interface Media {
  schema?: Schema;
  example?: unknown;
}
interface Operation {
  readonly requestBody?: { readonly content?: Readonly<Record<string, Media>> };
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

/** Gives each body in JSON, and each answer in JSON that is no problem, its example. */
export function addExamples(document: Schema): void {
  for (const path of Object.values(
    (document.paths ?? {}) as Readonly<Record<string, Readonly<Record<string, Operation>>>>,
  ))
    for (const { requestBody, responses = {} } of Object.values(path))
      for (const { content } of [requestBody ?? {}, ...Object.values(responses)]) {
        const media = content?.['application/json'];
        if (media?.schema !== undefined) media.example ??= exampleOf(document, media.schema) ?? {};
      }
}
