/** A folder of the whole test run (vitest's globalSetup): what takes long to make is made once, and taken from there. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const NAME = 'SIGEC_TEST_SHELF';
const LOOK_MS = 50;

/**
 * The path of what is kept under a name, a file or a folder. Who finds nothing makes it, while the others wait.
 * @param make leaves it at the path it is given
 * @returns undefined outside of a test run: nothing is made
 */
export async function shelved(name: string, make: (path: string) => Promise<void>): Promise<string | undefined> {
  const shelf = process.env[NAME];
  if (shelf === undefined) return undefined;
  const path = join(shelf, name);
  const claim = `${path}.claim`;
  while (!existsSync(path)) {
    try {
      mkdirSync(claim);
    } catch (error) {
      // Anything else, as a shelf that is gone, would be waited for without end.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      await sleep(LOOK_MS);
      continue;
    }
    try {
      // Another may have made it between the look and the claim.
      if (existsSync(path)) continue;
      await make(`${path}.new`);
      renameSync(`${path}.new`, path);
    } finally {
      // What was left half made is nothing to go on with.
      rmSync(`${path}.new`, { recursive: true, force: true });
      rmdirSync(claim);
    }
  }
  return path;
}

/** Each project of the run calls it; the first makes the folder, and removes it when all have ended (see .ci/test.mjs). */
export default function setup(): (() => void) | undefined {
  if (process.env[NAME] !== undefined) return undefined;
  const path = mkdtempSync(join(tmpdir(), 'sigec-shelf-'));
  // The servers' user reads it.
  chmodSync(path, 0o755);
  process.env[NAME] = path;
  return () => {
    delete process.env[NAME];
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  };
}
