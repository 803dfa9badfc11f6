/** The room of the files that runs leave behind, and the page is made of: `bench/results/*.json`. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../results/', import.meta.url);

export type ResultName = 'micro' | 'ceiling' | 'fleet' | 'growth';

/** Written beside and then put in place, so that a run that is cut off leaves the file of the one before. */
export function writeResult(name: ResultName, value: unknown): string {
  mkdirSync(FOLDER, { recursive: true });
  const path = new URL(`${name}.json`, FOLDER);
  const fresh = new URL(`${name}.json.new`, FOLDER);
  writeFileSync(fresh, `${JSON.stringify(value, null, 1)}\n`);
  renameSync(fresh, path);
  return `bench/results/${name}.json`;
}

/** Null where there is none. */
export function readResult(name: ResultName): unknown {
  let text: string;
  try {
    text = readFileSync(fileURLToPath(new URL(`${name}.json`, FOLDER)), 'utf8');
  } catch {
    return null;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Error(`bench/results/${name}.json: is not JSON`, { cause });
  }
}
