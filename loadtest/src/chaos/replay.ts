/** The room of the command that makes a run again. */
import { DEFAULTS, type Settled } from './options.js';

/** What to type. Options at their default are left out. */
export function commandOf(o: Settled): string {
  const parts = ['pnpm loadtest chaos', `--seed ${o.seed}`, `--stations ${o.stations}`];
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined) parts.push(`--${name} ${value}`);
  };
  const seconds = (ms: number) => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`);
  if (o.outages === undefined) add('duration', seconds(o.durationMs));
  if (o.everyMs !== DEFAULTS.everyMs) add('every', seconds(o.everyMs));
  add('faults', o.faults === undefined ? undefined : quoted(o.faults.join(',')));
  add('outage', o.outages?.map(({ target, durationMs }) => `${target}=${seconds(durationMs)}`).join(','));
  if (o.edges !== DEFAULTS.edges) add('edges', String(o.edges));
  if (o.workers !== DEFAULTS.workers) add('workers', String(o.workers));
  if (o.version !== DEFAULTS.version) add('version', o.version);
  if (o.commandRate !== DEFAULTS.commandRate) add('command-rate', String(o.commandRate));
  if (o.maxHopelessMs !== DEFAULTS.maxHopelessMs) add('max-hopeless', seconds(o.maxHopelessMs));
  if (o.settleMs !== DEFAULTS.settleMs) add('settle', seconds(o.settleMs));
  for (const [name, value] of Object.entries(o.postgres ?? {})) add('postgres', `${name}=${value}`);
  for (const [name, value] of Object.entries(o.env ?? {})) add('set', `${name}=${value}`);
  return parts.join(' ');
}

/** For a shell. */
function quoted(text: string): string {
  return /[^\w:,.-]/.test(text) ? `"${text}"` : text;
}
