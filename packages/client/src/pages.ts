/** Lists that come in pages. */

/** A page as every list of the API answers it. */
export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/**
 * Every item of a list, asked for page by page as they are taken.
 * @param read asks for the page at a cursor; undefined is the first
 */
export async function* pages<T>(read: (cursor: string | undefined) => Promise<PageOf<T>>): AsyncGenerator<T> {
  let cursor: string | undefined;
  for (;;) {
    const { items, next_cursor } = await read(cursor);
    yield* items;
    if (next_cursor === null) return;
    cursor = next_cursor;
  }
}
