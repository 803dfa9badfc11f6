/** The room of the files that runs leave behind, and the page is made of: `bench/results/*.json`. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const FOLDER = new URL('../results/', import.meta.url);

/** What is written here; the harness's own files, `fleet.json` and `growth.json`, are copied. */
export type ResultName = 'micro' | 'ceiling';

/** Written beside and then put in place, so that a run that is cut off leaves the file of the one before. */
export function writeResult(name: ResultName, value: unknown): string {
  mkdirSync(FOLDER, { recursive: true });
  const path = new URL(`${name}.json`, FOLDER);
  const fresh = new URL(`${name}.json.new`, FOLDER);
  writeFileSync(fresh, `${JSON.stringify(value, null, 1)}\n`);
  renameSync(fresh, path);
  return `bench/results/${name}.json`;
}

/** Null where there is none. @throws {Error} that names the file, where it is not JSON */
export function readResult(name: string): unknown {
  let text: string;
  try {
    text = readFileSync(new URL(`${name}.json`, FOLDER), 'utf8');
  } catch {
    return null;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Error(`bench/results/${name}.json: is not JSON`, { cause });
  }
}

/** Every file whose name begins so: `fleet.json`, `fleet-500000.json`. */
export function readResults(prefix: string): unknown[] {
  let names: string[];
  try {
    names = readdirSync(FOLDER);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.startsWith(prefix) && name.endsWith('.json'))
    .sort()
    .map((name) => readResult(name.slice(0, -'.json'.length)));
}
