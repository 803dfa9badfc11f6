/** What is told of a text that the database cannot keep: which field it stood in. */
import type { Context } from 'hono';
import type { AppEnv } from '../context.js';
import type { FieldError, ProblemCode, ProblemOptions } from '../problem.js';

const NUL = '\u0000';
const MESSAGE = 'must not hold the character U+0000';
/** Fields named in one answer, and how deep they are looked for. */
const [MOST, DEEPEST] = [50, 20];

function* textsWithNul(value: unknown, path: readonly string[]): Generator<string> {
  if (typeof value === 'string' && value.includes(NUL)) yield path.join('.');
  if (typeof value !== 'object' || value === null || path.length > DEEPEST) return;
  for (const [name, child] of Object.entries(value)) yield* textsWithNul(child, [...path, name]);
}

/** A problem that names the fields: of the query, or of the body, which was read before. */
export async function unstorable({ req }: Context<AppEnv>): Promise<[ProblemCode, ProblemOptions]> {
  const inQuery = [...textsWithNul(req.query(), [])];
  const body: unknown =
    inQuery.length > 0 || req.method === 'GET' ? undefined : await req.json().catch(() => undefined);
  const fields = body === undefined ? inQuery : [...textsWithNul(body, [])];
  const errors: FieldError[] = (fields.length > 0 ? fields : [''])
    .slice(0, MOST)
    .map((field) => ({ field, message: MESSAGE }));
  return [body === undefined ? 'invalid-parameter' : 'validation', { errors }];
}
