/** A folder of the whole test run (vitest's globalSetup): what takes long to make is made once, and taken from there. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = 'SIGEC_TEST_SHELF';

/** Undefined outside of a test run. */
export const shelf = (): string | undefined => process.env[NAME];

/** Each project of the run calls it; the first makes the folder, and removes it when all have ended. */
export default function setup(): (() => void) | undefined {
  if (shelf() !== undefined) return undefined;
  const path = mkdtempSync(join(tmpdir(), 'sigec-shelf-'));
  // The servers' user reads it.
  chmodSync(path, 0o755);
  process.env[NAME] = path;
  return () => {
    delete process.env[NAME];
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  };
}
