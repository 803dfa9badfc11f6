/** The page of what is covered, as Markdown. */
import { basename } from 'node:path';
import { OCPP_VERSIONS } from '@sigec/ocpp';
import type { CoverageRow } from './scan.js';

const DIRECTIONS = { toCsms: '→ CSMS', toStation: '→ station', both: '↔', none: '?' } as const;
/** More say nothing more. */
const MOST_LINKS = 4;

/** Files by their short names; a name that stands twice is told with its folder. */
function links(paths: readonly string[]): string {
  const shown = paths.slice(0, MOST_LINKS).map((path) => {
    const short = basename(path) === 'index.ts' ? path.split('/').slice(-2).join('/') : basename(path);
    return `[${short}](../${path})`;
  });
  return [...shown, ...(paths.length > MOST_LINKS ? [`+${paths.length - MOST_LINKS}`] : [])].join(', ') || '**none**';
}

const percent = (part: number, whole: number): string => `${Math.floor((100 * part) / whole)} %`;

export function coveragePage(rows: readonly CoverageRow[]): string {
  const covered = ({ handlers, tests }: CoverageRow) => handlers.length > 0 && tests.length > 0;
  const sections = OCPP_VERSIONS.map((version) => {
    const own = rows.filter((row) => row.version === version);
    const lines = own.map(
      ({ action, direction, handlers, simulator, tests }) =>
        `| ${action} | ${DIRECTIONS[direction]} | ${links(handlers)} | ${links(simulator)} | ${links(tests)} |`,
    );
    return [
      `## ${version}`,
      '',
      `${own.length} actions of the schemas; ${percent(own.filter(covered).length, own.length)} with a handler and a test.`,
      '',
      '| action | direction | handled in | simulator | tests |',
      '| --- | --- | --- | --- | --- |',
      ...lines,
    ].join('\n');
  });
  return `# OCPP coverage

Made from the schemas of the Open Charge Alliance, the action catalogue and the source by
\`npx vitest run packages/cli/e2e/ocpp-coverage -u\`; a test fails where a row has no handler or no test.

Every handler is run with each of its samples by [responses.test.ts](../packages/worker/src/handlers/responses.test.ts), which
checks its answers against their schemas; every command is sent by REST to the simulator by
[catalogue.ts](../packages/cli/e2e/suites/catalogue.ts), which checks the simulator's. The tests below name the action beside that.

${sections.join('\n\n')}
`;
}
