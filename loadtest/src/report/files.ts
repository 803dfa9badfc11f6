/** The room of the files a run leaves: result.json and report.html. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChaosResult } from '../chaos/result.js';
import type { FleetResult } from '../fleet/result.js';
import type { LoadResult } from '../run/result.js';
import { renderChaos } from './chaos-html.js';
import { renderFleet } from './fleet-html.js';
import { renderReport } from './html.js';
import type { Language } from './words.js';

/** Writes both into a folder, which is made; returns their paths. */
export function writeFiles(folder: string, result: LoadResult, language: Language): string[] {
  mkdirSync(folder, { recursive: true });
  const [json, html] = [join(folder, 'result.json'), join(folder, 'report.html')];
  writeFileSync(json, resultJson(result));
  writeFileSync(html, renderReport(result, language));
  return [json, html];
}

/** Writes fleet.json and report.html into a folder, which is made; returns their paths. */
export function writeFleetFiles(folder: string, result: FleetResult, language: Language): string[] {
  mkdirSync(folder, { recursive: true });
  const [json, html] = [join(folder, 'fleet.json'), join(folder, 'report.html')];
  writeFileSync(json, fieldsJson(result));
  writeFileSync(html, renderFleet(result, language));
  return [json, html];
}

/** Writes chaos.json and report.html into a folder, which is made; returns their paths. */
export function writeChaosFiles(folder: string, result: ChaosResult, language: Language): string[] {
  mkdirSync(folder, { recursive: true });
  const [json, html] = [join(folder, 'chaos.json'), join(folder, 'report.html')];
  writeFileSync(json, fieldsJson(result));
  writeFileSync(html, renderChaos(result, language));
  return [json, html];
}

/** A line per field: to be read with grep as well as with a parser. */
export function fieldsJson(result: object): string {
  const fields = Object.entries(result).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  return `{\n${fields.join(',\n')}\n}\n`;
}

/** A line per field, and a line per transaction of the ledger: to be read with grep as well as with a parser. */
export function resultJson(result: LoadResult): string {
  const fields = Object.entries(result).map(([name, value]) => {
    if (name !== 'ledger' || result.ledger === undefined) return `"${name}": ${JSON.stringify(value)}`;
    const { transactions, ...rest } = result.ledger;
    const rows = transactions.map((row) => JSON.stringify(row)).join(',\n');
    return `"${name}": ${JSON.stringify(rest).slice(0, -1)},"transactions":[\n${rows}\n]}`;
  });
  return `{\n${fields.join(',\n')}\n}\n`;
}

/** @throws {Error} that names the file, where it is no result */
export function readResult(path: string): LoadResult {
  const value = readJson(path);
  if (formatOf(value) !== 'sigec-loadtest/1') throw new Error(`${path}: not a result of this harness`);
  return value as LoadResult;
}

/** Draws the report of a result again, whichever it is; returns the paths that were written. */
export function writeAgain(folder: string, path: string, language: Language): string[] {
  const value = readJson(path);
  if (formatOf(value) === 'sigec-fleet/1') return writeFleetFiles(folder, value as FleetResult, language);
  if (formatOf(value) === 'sigec-chaos/1') return writeChaosFiles(folder, value as ChaosResult, language);
  return writeFiles(folder, readResult(path), language);
}

const formatOf = (value: unknown) => (value as { format?: unknown } | null)?.format;

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}
