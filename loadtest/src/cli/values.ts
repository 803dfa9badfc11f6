/** The room of what is typed: durations, counts, pairs, files; each error names the option. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `500ms`, `30s`, `5m`, `1h`; a bare number is seconds. In milliseconds. */
export function duration(text: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  const ms = Math.round(Number(number) * (UNITS[unit] ?? Number.NaN));
  if (number === '' || !Number.isSafeInteger(ms)) throw new InvalidArgumentError('must be like 500ms, 30s, 5m or 1h');
  return ms;
}

/** A whole number, with `k` for thousands and `_` between digits allowed. */
export function count(text: string): number {
  const [, digits = '', thousand] = /^([\d_]+)(k)?$/.exec(text) ?? [];
  const value = Number(digits.replaceAll('_', '')) * (thousand === undefined ? 1 : 1000);
  if (digits === '' || !Number.isSafeInteger(value)) throw new InvalidArgumentError('must be a whole number');
  return value;
}

/** Whole numbers, `1000,10k,100k`. */
export function counts(text: string): number[] {
  return text.split(',').map((part) => count(part.trim()));
}

/** `NAME=value`, as often as it is typed. */
export function setting(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name = '', value = ''] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('must be like SIGEC_MESSAGE_LOG=off');
  return { ...before, [name]: value };
}

/** Words between spaces. */
export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Messages per second: `250`, `0.5`, `2k`, each with or without `/s`. */
export function rate(text: string): number {
  const [, number = '', thousand] = /^(\d+(?:\.\d+)?)(k)?(?:\/s)?$/.exec(text) ?? [];
  const value = Number(number) * (thousand === undefined ? 1 : 1000);
  if (number === '' || !(value > 0)) throw new InvalidArgumentError('must be like 500/s or 2k');
  return value;
}

/** `edge=123,worker=456`. */
export function watched(text: string): { name: string; pid: number }[] {
  return text.split(',').map((part) => {
    const [, name = '', pid = ''] = /^\s*([^=]+)=(\d+)\s*$/.exec(part) ?? [];
    if (name === '') throw new InvalidArgumentError('must be like edge=123,worker=456');
    return { name, pid: Number(pid) };
  });
}

/** A number of addresses, or the addresses. */
export function sources(text: string): number | string[] {
  return /^\d+$/.test(text) ? Number(text) : text.split(',').map((part) => part.trim());
}

/** `200ms` or `200ms,10s`. */
export function backoff(text: string): [number, number] {
  const [min = 0, max = min] = text.split(',').map(duration);
  return [min, max];
}

/** A JSON object. */
export function object(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('must be a JSON object');
}

/** Lines of `identity,password`; empty ones, comments and a heading are passed over. */
export function credentials(path: string): { identity: string; password: string }[] {
  const found: { identity: string; password: string }[] = [];
  for (const [k, line] of readFile(path).split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#') || (k === 0 && line === 'identity,password')) continue;
    const comma = line.indexOf(',');
    if (comma < 1) throw new InvalidArgumentError(`line ${k + 1} is not identity,password`);
    found.push({ identity: line.slice(0, comma), password: line.slice(comma + 1) });
  }
  return found;
}

export function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
