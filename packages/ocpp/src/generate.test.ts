/** Generation is deterministic, and src/gen is what the sources give. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../scripts/generate.mjs', import.meta.url));
const own = fileURLToPath(new URL('./gen', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ocpp-gen-'));

afterAll(() => rmSync(folder, { recursive: true }));

const content = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

// The build has made src/gen in a run of its own: that is the other time.
it('gives the same bytes each time', () => {
  execFileSync(process.execPath, [script, '--out', folder]);
  const again = content(folder);
  expect(Object.keys(again)).toHaveLength(16);
  for (const [name, text] of Object.entries(again)) {
    expect(readFileSync(join(own, name), 'utf8') === text, `src/gen/${name}`).toBe(true);
    expect(text, name).not.toMatch(/\brequire\(|\/node_modules\//);
  }
});
