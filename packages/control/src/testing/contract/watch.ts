/** Holds every answer against the document: its status, its type, its headers, its body. */
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Document, Json, Operation } from './operations.js';

export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Most complaints that are kept: one cause makes many. */
const MOST = 60;
const ALWAYS = ['x-request-id', 'cache-control', 'x-content-type-options', 'content-security-policy'];

const escaped = (part: string): string => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
const wordsOf = (errors: readonly ErrorObject[] | null | undefined): string =>
  (errors ?? [])
    .slice(0, 3)
    .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
    .join('; ');

export class Watch {
  readonly #ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
  readonly #schemas = new Map<string, ValidateFunction>();
  readonly #seen = new Set<string>();
  readonly complaints: string[] = [];

  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document, 'document');
  }

  /** What is wrong with a value, '' where it fits. @param place of the schema in the document */
  check(place: readonly string[], value: unknown, closed = false): string {
    let schema: unknown = this.#document;
    for (const part of place) schema = (schema as Json)[part];
    // Most places name a schema that others name too: it is compiled once.
    const { $ref: named } = schema as { $ref?: string };
    const $ref = `document${named ?? `#/${place.map(escaped).join('/')}`}`;
    const name = `${closed} ${$ref}`;
    const known = this.#schemas.get(name);
    // What stands beside the reference sees which members its schema knows.
    const validate = known ?? this.#ajv.compile(closed ? { $ref, unevaluatedProperties: false } : { $ref });
    this.#schemas.set(name, validate);
    return validate(value) ? '' : wordsOf(validate.errors);
  }

  complain(text: string): void {
    if (this.complaints.length < MOST) this.complaints.push(text);
  }

  see(operation: Operation, said: string, { status, headers, text }: Seen): void {
    const wrong = (what: string) =>
      this.complain(`${operation.key} ${said} -> ${status}: ${what} ${text.slice(0, 300)}`);
    this.#seen.add(`${operation.key} ${status}`);
    const promised = operation.responses[status];
    if (promised === undefined) {
      wrong('is not documented');
      return;
    }
    // A connection that became something else, or was to, has what its own protocol says.
    if (said === 'as an upgrade') return;
    for (const name of ALWAYS) if (!headers.get(name)) wrong(`has no ${name}`);
    for (const [name, { required }] of Object.entries(promised.headers ?? {}))
      if (required === true && !headers.get(name)) wrong(`has no ${name}`);
    const type = headers.get('content-type')?.split(';')[0];
    const content = promised.content ?? {};
    if (Object.keys(content).length === 0) {
      if (text !== '') wrong('has a body, and none is documented');
      return;
    }
    const media = type === undefined ? undefined : content[type];
    if (type === undefined || media === undefined) {
      wrong(`is of the type ${type}`);
      return;
    }
    if (type === 'application/problem+json') this.#problem(status, headers, JSON.parse(text) as Json, wrong);
    if (!type.endsWith('json') || media.schema === undefined) return;
    const place = ['paths', operation.path, operation.method.toLowerCase(), 'responses', String(status), 'content'];
    const found = this.check([...place, type, 'schema'], JSON.parse(text), true);
    if (found !== '') wrong(found);
  }

  #problem(status: number, headers: Headers, problem: Json, wrong: (what: string) => void): void {
    if (problem.status !== status) wrong('says another status');
    if (!headers.get('content-language')) wrong('has no content-language');
    if (status === 401 && !headers.get('www-authenticate')) wrong('has no www-authenticate');
    if (status === 429 && !headers.get('retry-after')) wrong('has no retry-after');
  }

  /** What the document promises, and nobody saw. */
  unseen(operations: readonly Operation[]): string[] {
    return operations.flatMap(({ key, responses }) => {
      const missing = Object.keys(responses).filter((status) => !this.#seen.has(`${key} ${status}`));
      return missing.length === 0 ? [] : [`${key}: ${missing.join(' ')}`];
    });
  }
}
