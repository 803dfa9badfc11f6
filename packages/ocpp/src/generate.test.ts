/** Generation is deterministic, and src/gen is what the sources give. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../scripts/generate.mjs', import.meta.url));
const own = fileURLToPath(new URL('./gen', import.meta.url));
const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'ocpp-gen-')));

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const content = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

it('gives the same bytes each time', { timeout: 120_000 }, () => {
  for (const folder of folders) execFileSync(process.execPath, [script, '--out', folder]);
  const [first, second] = folders.map(content);
  expect(Object.keys(first!)).toHaveLength(16);
  expect(Object.keys(second!)).toEqual(Object.keys(first!));
  for (const name of Object.keys(first!)) {
    expect(second![name] === first![name], name).toBe(true);
    expect(readFileSync(join(own, name), 'utf8') === first![name], `src/gen/${name}`).toBe(true);
    expect(first![name], name).not.toMatch(/\brequire\(|\/node_modules\//);
  }
});
