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

/** No JSON text holds it: control characters are escaped there. */
const SEPARATOR = '\x1e';

/**
 * JSON documents, for `string_to_array($1::text, E'\\x1e')::json[]`: nothing in them has to be escaped, which a list of texts
 * would need for every quote. There must be at least one row.
 */
export function documents<Row>(rows: readonly Row[], pick: (row: Row) => unknown): string {
  let text = '';
  for (let i = 0; i < rows.length; i++) text += `${i === 0 ? '' : SEPARATOR}${JSON.stringify(pick(rows[i] as Row))}`;
  return text;
}
