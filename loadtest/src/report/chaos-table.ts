/** The room of the tables of several chaos runs, as the documentation shows them: written from results, never by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { FAULT_KINDS, type FaultKind } from '../chaos/faults.js';
import type { ChaosResult, FaultReport } from '../chaos/result.js';

const BEGIN = '<!-- chaos: begin -->';
const END = '<!-- chaos: end -->';

/** Puts the tables of these results between the two marks of a file. @throws {Error} that names a file that does not fit */
export function writeChaosTables(results: readonly string[], into: string): void {
  const runs = results.map(readChaos).sort((a, b) => (a.options.seed ?? 0) - (b.options.seed ?? 0));
  const page = readFileSync(into, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${into}: the marks ${BEGIN} and ${END} are not there`);
  writeFileSync(into, `${page.slice(0, from)}${BEGIN}\n${chaosTables(runs)}${page.slice(to)}`);
}

function readChaos(path: string): ChaosResult {
  const value = JSON.parse(readFileSync(path, 'utf8')) as ChaosResult;
  if (value.format !== 'sigec-chaos/1') throw new Error(`${path}: not a result of chaos`);
  return value;
}

/** A row per run, and a row per kind of fault and target over all of them. */
export function chaosTables(runs: readonly ChaosResult[]): string {
  const rows = runs.map((run) => {
    const { ledger, faults, violationCounts } = run;
    const lost = Object.entries(violationCounts).map(([kind, count]) => `${kind} ${count}`);
    const cells = [faults.length, ledger.sessions, ledger.acked, run.resent, ledger.commands];
    return [`\`${run.command}\``, ...cells.map(String), lost.length === 0 ? '**0**' : lost.join(', ')];
  });
  const head = ['command', 'faults', 'sessions', 'messages acked', 'sent again', 'commands', 'lost or wrong'];
  const long = runs.filter((run) => run.options.outages !== undefined);
  const short = runs.filter((run) => !long.includes(run));
  const parts = [
    table(head, rows),
    table(RECOVERY_HEAD, recoveries(short)),
    table(OUTAGE_HEAD, long.flatMap(outagesOf)),
  ];
  return `\n${parts.join('\n')}\n`;
}

const RECOVERY_HEAD = ['fault', 'of', 'times', 'answered again after, median s', 'worst s', 'longest silence s'];
const OUTAGE_HEAD = ['away', 's', 'answered again after s', 'all that was kept said after s', 'sockets closed'];

function outagesOf(run: ChaosResult): string[][] {
  return run.faults.map(({ target, durationMs, recovery }) => {
    const times = [recovery?.answeredMs ?? null, recovery?.drainedMs ?? null];
    const said = times.map((ms) => seconds(ms ?? Number.POSITIVE_INFINITY));
    return [target, seconds(durationMs), ...said, String(run.socketsClosed)];
  });
}

function recoveries(runs: readonly ChaosResult[]): string[][] {
  const groups = new Map<string, FaultReport[]>();
  for (const fault of runs.flatMap(({ faults }) => faults)) {
    const key = `${fault.kind}|${fault.target.replace(/ \d+/g, '')}`;
    groups.set(key, [...(groups.get(key) ?? []), fault]);
  }
  const order = ([key]: readonly [string, unknown]) => FAULT_KINDS.indexOf(key.split('|')[0] as FaultKind);
  return [...groups]
    .sort((a, b) => order(a) - order(b) || (a[0] < b[0] ? -1 : 1))
    .map(([key, faults]) => {
      const [kind = '', target = ''] = key.split('|');
      return [kind, target.replace('>', ' → '), String(faults.length), ...timesOf(faults)];
    });
}

/** Median and worst time, and the longest silence; nothing where none of them was measured, or nobody had to recover. */
function timesOf(faults: readonly FaultReport[]): string[] {
  const measured = faults.flatMap(({ kind, recovery }) => (kind === 'clock' || recovery === null ? [] : [recovery]));
  if (measured.length === 0) return ['', '', ''];
  const times = measured.map(({ answeredMs }) => answeredMs ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const silent = Math.max(...measured.map(({ silentMs }) => silentMs));
  return [times[(times.length - 1) >> 1] ?? 0, times.at(-1) ?? 0, silent].map(seconds);
}

const seconds = (ms: number) => (Number.isFinite(ms) ? (ms / 1000).toFixed(1) : 'never');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return [head, head.map(() => '---'), ...rows].map(line).join('');
}
