/** The room of what is said on the terminal: lines, and tables whose columns stand under each other. */
import { stripVTControlCharacters } from 'node:util';

export function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** The first column to the left, the others to the right save those named; colours take no room. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly number[] = [],
): string {
  const width = (text: string) => stripVTControlCharacters(text).length;
  const widths = head.map((title, k) => Math.max(width(title), ...rows.map((row) => width(row[k] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, k) => {
        const fill = ' '.repeat(Math.max(0, (widths[k] ?? 0) - width(cell)));
        return k === 0 || left.includes(k) ? cell + fill : fill + cell;
      })
      .join('  ')
      .trimEnd();
  return [head, ...rows].map((row) => `  ${line(row)}`).join('\n');
}

/** 1,234,567; below a hundred with as many digits as say something, save what is whole. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '-';
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

export function share(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '-' : `${(value * 100).toFixed(0)} %`;
}

/** A ratio, to two digits. */
export function times(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(2);
}
