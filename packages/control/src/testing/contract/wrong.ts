/** Requests that are wrong in one thing each, derived from what the document says is right. */
import { type Document, type Json, type Operation, resolve } from './operations.js';

export interface Variant {
  /** For messages. */
  readonly said: string;
  readonly expect: number;
  /** Parameters of the path in place of those that are good. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the good body; text goes as it is. */
  readonly body?: unknown;
}

const LARGE_BYTES = 1_100_000;

/** A value that a schema of one type cannot take. */
function unfit(schema: Json): unknown {
  const types = [schema.type ?? []].flat() as string[];
  if (types.includes('string')) return { not: 'text' };
  if (types.length > 0) return 'no such thing';
  return { not: { what: 'it is' } };
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects of a body's schema that take members which they do not know, by their places. */
export function openObjects(document: Document, given: Json, place = '', seen: readonly Json[] = []): string[] {
  const schema = resolve(document, given);
  if (seen.includes(schema)) return [];
  const inside = (child: unknown, name: string): string[] =>
    isObject(child) ? openObjects(document, child, `${place}.${name}`, [...seen, schema]) : [];
  const properties = isObject(schema.properties) ? schema.properties : undefined;
  const open = properties !== undefined && schema.additionalProperties === undefined && schema.allOf === undefined;
  return [
    ...(open ? [place] : []),
    ...Object.entries(properties ?? {}).flatMap(([name, child]) => inside(child, name)),
    ...['anyOf', 'oneOf', 'allOf'].flatMap((word) =>
      ((schema[word] ?? []) as Json[]).flatMap((child, i) => inside(child, String(i))),
    ),
    ...inside(schema.items, '*'),
  ];
}

/** One for each member of a body's schema, beside good ones. */
function bodies(document: Document, operation: Operation, good: unknown): Variant[] {
  if (operation.body?.type !== 'application/json' || operation.responses[422] === undefined) return [];
  const schema = resolve(document, operation.body.schema);
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  const known = isObject(good) ? good : {};
  return [
    { said: 'with a list as body', expect: 422, body: [] },
    { said: 'with a member that nobody knows', expect: 422, body: { ...known, no_such_member: 1 } },
    ...((schema.required as string[] | undefined) ?? []).slice(0, 1).map((name): Variant => {
      const { [name]: _, ...rest } = known;
      return { said: `without ${name}`, expect: 422, body: rest };
    }),
    ...properties
      // What takes anything cannot be wrong.
      .filter(([, property]) =>
        Object.keys(resolve(document, property)).some((word) => /^(?:type|anyOf|enum|const|oneOf|allOf)$/.test(word)),
      )
      .map(([name, property]): Variant => {
        return {
          said: `with a wrong ${name}`,
          expect: 422,
          body: { ...known, [name]: unfit(resolve(document, property)) },
        };
      }),
  ];
}

function parameters({ parameters, responses }: Operation): Variant[] {
  if (responses[400] === undefined) return [];
  const stranger = { said: 'with a parameter that nobody knows', expect: 400, query: { no_such_parameter: '1' } };
  const some = parameters.some(({ in: place }) => place === 'query') ? [stranger] : [];
  const each = parameters.flatMap((parameter): Variant[] => {
    const { name, schema = {} } = parameter;
    const typed =
      schema.type === 'integer' || schema.type === 'number' || schema.type === 'boolean' || 'enum' in schema;
    if (parameter.in === 'query' && (typed || name === 'cursor'))
      return [{ said: `with a wrong ${name}`, expect: 400, query: { [name]: 'x x' } }];
    if (name === 'Idempotency-Key') return [{ said: 'with a bad key', expect: 400, headers: { [name]: 'x x' } }];
    if (name === 'if-match') return [{ said: 'with a bad tag', expect: 400, headers: { [name]: 'x' } }];
    return [];
  });
  return [...some, ...each];
}

/** @param good the body of a good request, undefined where it has none */
export function wrongRequests(document: Document, operation: Operation, good: unknown): Variant[] {
  const { responses, body } = operation;
  const ids = operation.parameters.filter(
    ({ in: place, name, schema }) => place === 'path' && (/(?:^|_)id$/.test(name) || schema?.minLength !== undefined),
  );
  return [
    ...parameters(operation),
    ...bodies(document, operation, good),
    ...(responses[400] === undefined
      ? []
      : ids.map(({ name }) => ({ said: `with a wrong ${name}`, expect: 400, path: { [name]: 'x x' } }))),
    ...(body?.type === 'application/json' && responses[400] !== undefined
      ? [{ said: 'with half a body', expect: 400, body: '{"x":' }]
      : []),
    ...(body?.type === 'application/json' && responses[415] !== undefined
      ? [{ said: 'as plain text', expect: 415, headers: { 'content-type': 'text/plain' }, body: good ?? {} }]
      : []),
    ...(responses[413] !== undefined && body?.type === 'application/json'
      ? [{ said: 'too long', expect: 413, body: `{"x":"${'x'.repeat(LARGE_BYTES)}"}` }]
      : []),
    ...(body?.type === 'text/csv'
      ? [
          { said: 'too long', expect: 413, body: 'x'.repeat(LARGE_BYTES) },
          { said: 'of another type', expect: 415, headers: { 'content-type': 'text/plain' }, body: good },
        ]
      : []),
    ...(responses[412] !== undefined ? [{ said: 'of old', expect: 412, headers: { 'if-match': '"999999"' } }] : []),
    ...(responses[206] !== undefined ? [{ said: 'in part', expect: 206, headers: { range: 'bytes=0-1' } }] : []),
    ...(responses[416] !== undefined
      ? [{ said: 'past the end', expect: 416, headers: { range: 'bytes=99999-' } }]
      : []),
  ];
}

/** Ids that nothing has, by those that something has. */
export function nowhere(good: string): string {
  if (/^[0-9A-Z]{10}$/.test(good)) return 'ZZZZZZZZZZ';
  return /^[0-9a-f]{8}-/.test(good) ? '0193f000-0000-7000-8000-000000000000' : '999999999';
}
