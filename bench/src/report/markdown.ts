/** The room of Markdown: tables, figures, and cells that hold nothing that would break them. */

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The first column to the left, the others to the right. */
export function mdTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  const rule = head.map((_title, k) => (k === 0 ? '---' : '---:'));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

export function picture(name: string, title: string): string {
  return `![${title}](performance/${name}.svg)`;
}

/** Parts with an empty line between them; what is empty is left out. */
export function paragraphs(...parts: readonly (string | null | undefined | false)[]): string {
  return parts.filter((part) => typeof part === 'string' && part !== '').join('\n\n');
}

/** `2025-06-01 12:00 UTC` of an ISO time. */
export function day(iso: string | undefined): string {
  return iso === undefined ? 'unknown' : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
