/** Tables as comma-separated values (RFC 4180): read, with the line of each row, and written. */
import { parse } from 'csv-parse/sync';
import type { Text } from '../problem.js';
import { isKeepable, NOT_KEEPABLE } from '../wire/keepable.js';

/** What is wrong, and where. `field` empty: the line as a whole. */
export interface LineError {
  /** From 1; the head is the first. A row of several lines is known by its last. */
  readonly line: number;
  readonly field: string;
  readonly message: string;
}

export interface TableRow {
  readonly line: number;
  /** By column; a cell without anything in it is absent. */
  readonly cells: Readonly<Record<string, string>>;
}

export interface Table {
  readonly rows: readonly TableRow[];
  readonly errors: readonly LineError[];
}

export const MAX_ROWS = 10_000;
const MAX_CELL = 2000;

export const NOT_UTF8: Text = { pt: 'O arquivo não está em UTF-8', en: 'The file is not UTF-8' };

interface Info {
  readonly lines: number;
}

/** What a spreadsheet may take for a formula gets a quote before it as it is written, and loses it as it is read. */
const FORMULA = /^[=+\-@\t\r]/;

/** The head decides: spreadsheets of countries with a decimal comma write semicolons. */
const delimiterOf = (text: string): string => {
  const [head = ''] = text.split(/[\r\n]/, 1);
  return head.includes(';') && !head.includes(',') ? ';' : ',';
};

function headErrors(head: readonly string[], columns: ReadonlySet<string>, required: string): LineError[] {
  const errors = head.flatMap((name, n) => {
    if (!columns.has(name)) return [{ line: 1, field: name.slice(0, 100), message: 'is not a column' }];
    return head.indexOf(name) === n ? [] : [{ line: 1, field: name, message: 'is there twice' }];
  });
  return head.includes(required) ? errors : [{ line: 1, field: required, message: 'is missing' }, ...errors];
}

/**
 * Reads a table whose first line names its columns.
 * @param columns that there may be; `required` must be there
 */
export function readTable(text: string, columns: ReadonlySet<string>, required: string): Table {
  let records: { record: string[]; info: Info }[];
  try {
    records = parse(text, {
      ...{ bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true },
      ...{ delimiter: delimiterOf(text), max_record_size: 100_000 },
    }) as unknown as { record: string[]; info: Info }[];
  } catch (error) {
    const { lines } = error as { lines?: unknown };
    const line = typeof lines === 'number' ? lines : 1;
    return { rows: [], errors: [{ line, field: '', message: 'is not comma-separated values: a quote is wrong' }] };
  }
  const [first, ...rest] = records;
  const head = (first?.record ?? []).map((name) => name.toLowerCase());
  const wrong = headErrors(head, columns, required);
  if (wrong.length > 0) return { rows: [], errors: wrong };
  if (rest.length > MAX_ROWS)
    return { rows: [], errors: [{ line: MAX_ROWS + 2, field: '', message: `is over ${MAX_ROWS} rows` }] };
  const rows: TableRow[] = [];
  const errors: LineError[] = [];
  for (const { record, info } of rest) {
    const line = info.lines;
    if (record.length !== head.length) {
      const message = `has ${record.length} cells, and the head ${head.length}`;
      errors.push({ line, field: '', message });
      continue;
    }
    const filled = head.flatMap((name, n) => {
      const cell = record[n] ?? '';
      return cell === ''
        ? []
        : [[name, /^'/.test(cell) && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell] as const];
    });
    const wrong = filled.flatMap(([field, cell]): LineError[] => {
      if (cell.length > MAX_CELL) return [{ line, field, message: `is over ${MAX_CELL} characters` }];
      return isKeepable(cell) ? [] : [{ line, field, message: NOT_KEEPABLE }];
    });
    if (wrong.length > 0) errors.push(...wrong);
    else rows.push({ line, cells: Object.fromEntries(filled) });
  }
  return { rows, errors };
}

const quoted = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function cellOf(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  return quoted(FORMULA.test(value) ? `'${value}` : value);
}

/** One line of a table, with its end. */
export const writeLine = (cells: readonly (string | number | boolean | null)[]): string =>
  `${cells.map(cellOf).join(',')}\r\n`;
