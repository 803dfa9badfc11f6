/** What many bodies share: ids, times, pages, problems. The schemas are the checks, and the OpenAPI document. */
import { z } from '@hono/zod-openapi';
import { PROBLEMS, type ProblemCode } from '../problem.js';

/** Ids are numbers inside and strings on the wire: no client's number type loses their end. */
export const ID = /^[1-9]\d{0,15}$/;
export const IdText = z.string().regex(ID, 'must be the digits of a positive whole number').openapi({ example: '42' });
const Id = IdText.transform(Number).refine(Number.isSafeInteger, 'is too large');

export const IdParam = z.object({ id: Id.openapi({ param: { name: 'id', in: 'path' }, type: 'string' }) });
/** An id within a body or query. */
export const IdField = Id.openapi({ type: 'string', example: '42' });

export const Time = z.string().openapi({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' });
export const TimeInput = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time with zone' })
  .transform((text) => new Date(text))
  .openapi({ type: 'string', format: 'date-time', example: '2026-01-31T12:00:00Z' });

/** RFC 3339, UTC, milliseconds. */
export function iso(time: Date): string;
export function iso(time: Date | null): string | null;
export function iso(time: Date | null): string | null {
  return time === null ? null : isoOf(time.getTime());
}

const DAY_MS = 86_400_000;
/** 00 to 99. */
const TWO = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));
let day = Number.NaN;
let dayText = '';

/** As `Date.prototype.toISOString`, which is slow, for an answer full of times of the same few days. */
function isoOf(ms: number): string {
  const of = Math.floor(ms / DAY_MS);
  if (of !== day) {
    dayText = new Date(ms).toISOString().slice(0, -13);
    day = of;
  }
  const rest = ms - of * DAY_MS;
  const seconds = Math.floor(rest / 1000);
  const minutes = Math.floor(seconds / 60);
  const thousandths = rest - seconds * 1000;
  const hours = Math.floor(minutes / 60);
  return `${dayText}${TWO[hours]}:${TWO[minutes - hours * 60]}:${TWO[seconds - minutes * 60]}.${thousandths < 100 ? '0' : ''}${TWO[thousandths] ?? thousandths}Z`;
}

const MAX_LIMIT = 200;
export const DEFAULT_LIMIT = 50;

export const Limit = z
  .string()
  .regex(/^\d{1,4}$/, 'must be a whole number')
  .transform(Number)
  .pipe(z.number().min(1, 'must be at least 1').max(MAX_LIMIT, `must be at most ${MAX_LIMIT}`))
  .optional()
  .openapi({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT });

export const PageQuery = z.strictObject({
  cursor: z.string().max(512).optional().openapi({ description: '`next_cursor` of the page before.' }),
  limit: Limit,
});

/** Seconds a charger gets in this request, as a query parameter. */
export const Timeout = z
  .string()
  .regex(/^\d{1,3}$/, 'must be a whole number of seconds')
  .transform(Number)
  .pipe(z.number().min(1, 'must be at least 1').max(120, 'must be at most 120'))
  .optional()
  .openapi({ type: 'integer', minimum: 1, maximum: 120, description: 'Seconds to wait for the charger.' });
export const TimeoutQuery = z.strictObject({ timeout: Timeout });

export function listOf<T extends z.ZodType>(name: string, item: T) {
  return z
    .object({
      items: z.array(item),
      next_cursor: z.string().nullable().openapi({ description: 'null on the last page.' }),
    })
    .openapi(name);
}

export const Money = z
  .object({ amount_minor: z.int().openapi({ example: 1234 }), currency: z.string().openapi({ example: 'BRL' }) })
  .openapi('Money');

export const Problem = z
  .object({
    type: z.string().openapi({ example: 'urn:sigec:problem:not-found' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    temporary: z.boolean().openapi({ description: 'Whether the same request may succeed later.' }),
    request_id: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .catchall(z.unknown())
  .openapi('Problem', { description: 'RFC 9457. `title` is in the language of Accept-Language: pt-BR, or en.' });

const said = <const D extends string>(description: D) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
});

const ANSWERS = {
  400: said('A parameter or the JSON itself cannot be read.'),
  401: said('No valid token.'),
  403: said('Neither the role nor a grant allows it.'),
  404: said('Not found.'),
  409: said('The state of the resource does not allow it.'),
  412: said('It is not as `If-Match` says any more; read it again.'),
  413: said('The body is over 1 MB.'),
  415: said('The body is not application/json.'),
  422: said('A field is wrong; `errors` names it.'),
  426: said('The address is a WebSocket.'),
  429: said('Too many; try later.'),
  502: said('The charger answered with an error, or its connection was lost.'),
  503: said('A part of the system is away; try later.'),
  504: said('The charger did not answer in time.'),
} as const;

/** The problems a route documents. */
export function problems<S extends keyof typeof ANSWERS>(...statuses: S[]): Pick<typeof ANSWERS, S> {
  return Object.fromEntries(statuses.map((status) => [status, ANSWERS[status]])) as Pick<typeof ANSWERS, S>;
}

/** A JSON answer. */
export function json<T extends z.ZodType>(description: string, schema: T) {
  return { description, content: { 'application/json': { schema } } };
}

/** A JSON body that must be there. */
export function body<T extends z.ZodType>(schema: T) {
  return { required: true as const, content: { 'application/json': { schema } } };
}

/** The mark of a route that wants a token. */
export const SECURED = [{ bearer: [] }];
