/** What there is for each action of each version, found in the source: its handler, the simulator's part, its tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findAction, loadSchemas, OCPP_VERSIONS, type OcppVersion } from '@sigec/ocpp';

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

export interface CoverageRow {
  readonly version: OcppVersion;
  readonly action: string;
  readonly direction: 'toCsms' | 'toStation' | 'both' | 'none';
  /** Paths from the root of the project; empty where there is none. */
  readonly handlers: readonly string[];
  readonly simulator: readonly string[];
  readonly tests: readonly string[];
}

interface Source {
  readonly path: string;
  readonly text: string;
}

function sources(folder: string, wanted: (path: string) => boolean): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => path.endsWith('.ts') && !/\/(?:node_modules|dist|gen)\//.test(path) && wanted(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

const isTest = (path: string): boolean => /\.(?:test|contract)\.ts$/.test(path);
const plain = (path: string): boolean => !isTest(path) && !path.includes('/testing/');

/** How sources spell that they speak of a version. */
const SPELLED: Readonly<Record<OcppVersion, RegExp>> = {
  'ocpp1.6': /ocpp1\.6|'1\.6'|of16|_16\b/,
  'ocpp2.0.1': /ocpp2\.0\.1|'2\.0\.1'|_2X\b|_201\b/,
  'ocpp2.1': /ocpp2\.1|'2\.1'|_2X\b|_21\b/,
};

/** An action as a value or a key, not as a part of another word. */
const named = (action: string): RegExp => new RegExp(`['"\`]${action}['"\`]|\\b${action}:|\\b${action},$`, 'm');

/** `define('ocpp2.0.1', 'NotifyReport', ...`: the file of a handler says of which version and action it is. Only 2.1 has a SEND. */
function definitions(files: readonly Source[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { path, text } of files) {
    for (const [, action] of text.matchAll(/defineSend\(\s*'(\w+)'/g)) found.set(`ocpp2.1 ${action}`, path);
    for (const [, version, action] of text.matchAll(/define\(\s*'(ocpp[\d.]+)',\s*'(\w+)'/g)) {
      found.set(`${version} ${action}`, path);
      // 2.1 repeats what 2.0.1 has.
      if (version === 'ocpp2.0.1' && !found.has(`ocpp2.1 ${action}`)) found.set(`ocpp2.1 ${action}`, path);
    }
  }
  return found;
}

/** The numbers of `field.md` that tests carry at the head of their names, as `it('24, 25: ...'`. */
export function fieldNumbers(): ReadonlySet<number> {
  const found = new Set<number>();
  const tests = [...sources('packages', isTest), ...sources('packages/cli/e2e/suites', () => true)];
  for (const { text } of tests)
    for (const [, numbers] of text.matchAll(/\b(?:it|describe)(?:\.each\([^\n]*\))?\(\s*['"`](\d+(?:, \d+)*): /g))
      for (const number of String(numbers).split(', ')) found.add(Number(number));
  return found;
}

/** Where a test of a message of either direction stands; what merely names it elsewhere is none. */
const TESTED_IN = {
  toCsms: /^packages\/(?:worker\/|cli\/e2e\/suites\/)/,
  toStation: /^packages\/(?:control\/|sim\/|cli\/e2e\/)/,
  both: /^packages\/(?:worker|control|sim|cli)\//,
  none: /^$/,
} as const;

/** Every command leaves through it: filled in, checked by its schema, noted, sent, its answer checked and taken up. */
const DOOR = 'packages/control/src/command/perform.ts';

export async function scan(): Promise<CoverageRow[]> {
  const defined = definitions(sources('packages/worker/src/handlers', plain));
  const control = sources('packages/control/src/command', plain);
  const simulator = sources('packages/sim/src', plain);
  const own = (path: string) => path.includes('/e2e/ocpp-coverage/') || path.includes('/e2e/support/');
  const tests = [
    ...sources('packages', (path) => isTest(path) && !own(path)),
    ...sources('packages/cli/e2e/suites', () => true),
    ...sources('packages/cli/e2e/support', (path) => path.endsWith('/commands.ts')),
  ];
  const rows: CoverageRow[] = [];
  for (const version of OCPP_VERSIONS) {
    const { requests } = await loadSchemas(version);
    for (const action of Object.keys(requests).sort()) {
      const name = named(action);
      const saying = (files: readonly Source[]) => files.filter(({ text }) => name.test(text)).map(({ path }) => path);
      const direction = findAction(version, action)?.direction ?? 'none';
      const handler = defined.get(`${version} ${action}`);
      const commands = direction === 'toCsms' ? [] : [DOOR, ...saying(control).filter((path) => path !== DOOR)];
      rows.push({
        version,
        action,
        direction,
        handlers: [...(handler === undefined ? [] : [handler]), ...commands],
        simulator: saying(simulator),
        tests: tests
          .filter(({ path, text }) => TESTED_IN[direction].test(path) && name.test(text) && SPELLED[version].test(text))
          .map(({ path }) => path),
      });
    }
  }
  return rows;
}
