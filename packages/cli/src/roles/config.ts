/** `sigec config`: what holds, where it comes from; secrets masked. */
import { printConfig, type Role } from '@sigec/runtime';
import pc from 'picocolors';
import { configure } from '../host.js';
import { say } from '../out.js';

export function showConfig(role: Role): void {
  const config = configure(role);
  if (config === undefined) return;
  const rows = printConfig(config);
  const width = Math.max(...rows.map((row) => row.name.length));
  for (const { name, value, source } of rows) {
    const text = String(value ?? '');
    say(`${pc.cyan(name.padEnd(width))}  ${text === '' ? pc.dim('(unset)') : text}  ${pc.dim(source)}`);
  }
}
