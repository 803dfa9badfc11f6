/** Cursors: where a page ended, opaque to clients, checked when they come back. */
import { ProblemError } from '../problem.js';

/** @param kind the list it belongs to, so that no cursor works on another list */
export function writeCursor(kind: string, values: readonly number[]): string {
  return Buffer.from(JSON.stringify([kind, ...values])).toString('base64url');
}

/**
 * The numbers of a cursor, undefined where none was given.
 * @throws {ProblemError} `invalid-cursor`
 */
export function readCursor(kind: string, count: number, cursor: string | undefined): number[] | undefined {
  if (cursor === undefined) return undefined;
  let value: unknown;
  try {
    if (!/^[A-Za-z0-9_-]+$/.test(cursor)) throw new RangeError('cursor: not base64url');
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (cause) {
    throw new ProblemError('invalid-cursor', { cause });
  }
  const [given, ...numbers] = Array.isArray(value) ? (value as unknown[]) : [];
  if (given !== kind || numbers.length !== count || !numbers.every((n) => Number.isSafeInteger(n)))
    throw new ProblemError('invalid-cursor');
  return numbers as number[];
}

/** The id of a cursor of one number. */
export function readIdCursor(kind: string, cursor: string | undefined): number | undefined {
  return readCursor(kind, 1, cursor)?.[0];
}

/** The answer of a list whose cursor is made from its last item. */
export function listAnswer<Row, Item>(
  page: { readonly items: readonly Row[]; readonly more: boolean },
  kind: string,
  keyOf: (row: Row) => readonly number[],
  toItem: (row: Row) => Item,
): { items: Item[]; next_cursor: string | null } {
  const last = page.items.at(-1);
  return {
    items: page.items.map(toItem),
    next_cursor: page.more && last !== undefined ? writeCursor(kind, keyOf(last)) : null,
  };
}
