/**
 * Turns rows into the columns that `unnest` takes, each as one text in PostgreSQL's own spelling of an array: what a
 * driver makes of a list, element by element, costs several times as much.
 */

/** Numbers and nulls; to be cast as in `$1::text::int8[]`. */
export function numbers<Row>(rows: readonly Row[], pick: (row: Row) => number | null): string {
  let text = '{';
  for (let i = 0; i < rows.length; i++) text += `${i === 0 ? '' : ','}${pick(rows[i] as Row) ?? 'NULL'}`;
  return `${text}}`;
}

/** What would end an element, or be taken for an escape, within quotes. */
const SPECIAL = /["\\]/g;
const HAS_SPECIAL = /["\\]/;

/** Texts and nulls; to be cast as in `$1::text::text[]`. No text may hold U+0000, which PostgreSQL has no place for. */
export function texts<Row>(rows: readonly Row[], pick: (row: Row) => string | null): string {
  let text = '{';
  for (let i = 0; i < rows.length; i++) {
    const value = pick(rows[i] as Row);
    if (i > 0) text += ',';
    if (value === null) text += 'NULL';
    else text += HAS_SPECIAL.test(value) ? `"${value.replace(SPECIAL, '\\$&')}"` : `"${value}"`;
  }
  return `${text}}`;
}
