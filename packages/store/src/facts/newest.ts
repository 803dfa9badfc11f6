/** Of rows that replace each other, the last of each key: no statement may touch a row twice. */
export function newest<Row>(rows: readonly Row[], keyOf: (row: Row) => string): string {
  return JSON.stringify([...new Map(rows.map((row) => [keyOf(row), row])).values()]);
}
