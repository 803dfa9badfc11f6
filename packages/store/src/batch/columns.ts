/** Turns rows of objects into the columns that `unnest` takes. */
import type { Column } from '../database.js';

type Cell = number | string | null;

/** One column per picker, all of the rows' length. */
export function columns<Row>(rows: readonly Row[], ...pickers: readonly ((row: Row) => Cell)[]): Column[] {
  return pickers.map((pick) => rows.map(pick));
}
