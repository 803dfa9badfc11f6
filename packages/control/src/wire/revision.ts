/**
 * Changes that must not undo somebody else's (RFC 9110 section 13.1.1): a resource shows its revision as `ETag`, and a
 * change may say by `If-Match` which one it was made for. A resource needs three lines: `IfMatch` among its request's headers,
 * `tagged` around its answer's description, `etag` among its answer's headers.
 */
import { z } from '@hono/zod-openapi';

const LIST = /^\s*(?:W\/)?"[\x21\x23-\x7e]*"\s*(?:,\s*(?:W\/)?"[\x21\x23-\x7e]*"\s*)*$/;
const TAG = /(W\/)?"([^"]*)"/g;
const REVISION = /^[1-9]\d{0,8}$/;

/** The revisions that a list of tags names; weak ones and those of others fit nothing (strong comparison). */
function revisionsOf(header: string): number[] {
  return [...header.matchAll(TAG)]
    .filter(([, weak, tag = '']) => weak === undefined && REVISION.test(tag))
    .map(([, , tag]) => Number(tag));
}

/** Headers of a change. `if-match` becomes the revisions it may be made to; undefined: to any. */
export const IfMatch = z.object({
  'if-match': z
    .string()
    .max(1000)
    .refine((text) => text.trim() === '*' || LIST.test(text), 'must be * or entity tags')
    .transform((text) => (text.trim() === '*' ? undefined : revisionsOf(text)))
    .optional()
    .openapi({
      type: 'string',
      example: '"3"',
      description:
        'The `ETag` that the change was made for, several, or `*`. Where somebody changed it meanwhile, nothing is done ' +
        'and 412 `precondition-failed` says so.',
    }),
});

const ETAG = {
  ETag: {
    description: 'The revision: counts the changes that people made. What a device says of itself is none.',
    schema: { type: 'string' as const, examples: ['"3"'] },
    required: true,
  },
};

/** An answer that shows its revision. */
export function tagged<T extends object>(answer: T): T & { readonly headers: typeof ETAG } {
  return { ...answer, headers: ETAG };
}

/** The header of an answer. */
export const etag = (revision: number): Readonly<Record<string, string>> => ({ etag: `"${revision}"` });
