/** The tables of docs/reliability.md are those of the results beside it, and leave out no fault that was injected. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type { ChaosResult } from '../chaos/result.js';
import { writeChaosTables } from './chaos-table.js';

const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url));
const PAGE = join(DOCS, 'reliability.md');
const results = readdirSync(join(DOCS, 'reliability'))
  .filter((name) => name.startsWith('chaos-'))
  .map((name) => join(DOCS, 'reliability', name));
const folder = mkdtempSync(join(tmpdir(), 'sigec-tables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('are what the results say', () => {
  const made = join(folder, 'page.md');
  copyFileSync(PAGE, made);
  writeChaosTables(results, made);
  const page = readFileSync(made, 'utf8');
  expect(readFileSync(PAGE, 'utf8')).toBe(page);

  const runs = results.map((path) => JSON.parse(readFileSync(path, 'utf8')) as ChaosResult);
  const short = runs.filter(({ options }) => options.outages === undefined);
  const rows = [
    ...page.matchAll(/^\| (?:kill|freeze|restart|cut|slow|half-open|disk-full|clock) \| [^|]+ \| (\d+) \|/gm),
  ];
  const counted = rows.reduce((sum, [, times]) => sum + Number(times), 0);
  expect(counted).toBe(short.reduce((sum, { faults }) => sum + faults.length, 0));
  expect(runs.every(({ violations }) => violations.length === 0)).toBe(true);
});
