/** Shows the configuration: what holds, with secrets masked, and the table of names for the docs. */
import type { ConfigSource, SigecConfig } from './config.js';
import { CONFIG_NAMES } from './config-names.js';
import type { ConfigRow } from './config-row.js';
import { type ConfigName, fieldOf } from './config-values.js';
import { maskUrls } from './mask.js';

export interface PrintedConfig {
  readonly name: ConfigName;
  /** Ready to print: secrets are `***`, the user part of URLs too, what is unset is empty. */
  readonly value: string;
  readonly source: ConfigSource;
}

function show(row: ConfigRow, value: unknown): string {
  if (value === undefined) return '';
  if (row.secret) return '***';
  if (row.kind === 'switch') return value === true ? 'on' : 'off';
  return row.kind === 'url' ? maskUrls(String(value)) : String(value);
}

/** What holds, name by name. */
export function printConfig(config: SigecConfig): PrintedConfig[] {
  const fields = config as unknown as Readonly<Record<string, unknown>>;
  return CONFIG_NAMES.map((row) => ({
    name: row.name,
    value: show(row, fields[fieldOf(row.name)]),
    source: config.sources[row.name],
  }));
}

/** The names as a Markdown table. */
export function configDocs(): string {
  const lines = CONFIG_NAMES.map((row: ConfigRow) => {
    const fixed = typeof row.default === 'function' || row.default === undefined ? '' : show(row, row.default);
    const required = row.required ? ` Required by ${row.required.join(', ')}.` : '';
    const kind = row.values ? row.values.join(' \\| ') : row.kind;
    return `| \`${row.name}\` | ${kind} | ${row.defaultDoc ?? fixed} | ${row.doc}${required} |`;
  });
  return ['| name | kind | default | meaning |', '|---|---|---|---|', ...lines, ''].join('\n');
}
