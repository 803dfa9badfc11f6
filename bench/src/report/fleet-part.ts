/** The room of the page's part on whole fleets, and on what a message costs as they grow. */
import { count, times } from '../out.js';
import type { Pictures } from './ceiling-part.js';
import { type Data, type FleetFile, type GrowthFile, type PhaseFile, phaseOf } from './data.js';
import { day, mdTable, paragraphs, picture } from './markdown.js';
import { lines, stacks } from './svg.js';

const MB = 1024 * 1024;
const KB = 1024;
const whole = (value: number | undefined) => (value === undefined ? '-' : value.toLocaleString('en-US'));
const kilobytes = (bytes: number | undefined) => (bytes === undefined ? '-' : (bytes / KB).toFixed(2));

/** The facts that a table of phases has no column for, by the names that people read. */
const FACTS: Readonly<Record<string, string>> = {
  readySeconds: 'last station in service after s',
  connectedSeconds: 'last socket open after s',
  targetRate: 'asked/s',
  behind: 'behind',
  sessions: 'sessions of the killed edge',
  lost: 'sockets lost',
  hitP99: 'p99 of messages under way ms',
  backP50: 'back after ms, p50',
  backP99: 'back after ms, p99',
  transactions: 'transactions',
  online: 'online in the database',
};

/** The command that repeats it: what it was told, defaults written out. Nothing but numbers is taken from the file. */
export function fleetCommand({ stations, edges, workers, options = {} }: FleetFile): string {
  const time = (name: string, key: string) => {
    const ms = options[key];
    return typeof ms === 'number' ? ` --${name} ${ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`}` : '';
  };
  const number = (name: string, value: unknown) => (typeof value === 'number' ? ` --${name} ${value}` : '');
  return `pnpm loadtest fleet${number('stations', stations)}${number('edges', edges)}${number('workers', workers)}${time('hold', 'holdMs')}${time('heartbeat', 'heartbeatMs')}${time('meter', 'meterMs')}`;
}

export function growthCommand({ sizes = [], edges, workers, options = {} }: GrowthFile): string {
  const { rate } = options;
  const number = (name: string, value: unknown) => (typeof value === 'number' ? ` --${name} ${value}` : '');
  const all = sizes.map(({ stations }) => stations).join(',');
  return `pnpm loadtest growth --stations ${all}${number('rate', rate)}${number('edges', edges)}${number('workers', workers)}`;
}

function factsOf({ facts = {} }: PhaseFile): string {
  return Object.entries(facts)
    .flatMap(([name, value]) => (FACTS[name] === undefined ? [] : `${FACTS[name]} ${count(value)}`))
    .join(', ');
}

function phases({ phases: all = [] }: FleetFile): string {
  const rows = all.map((phase) => [
    phase.name ?? '-',
    count(phase.seconds),
    whole(phase.messages),
    count(phase.rate),
    count(phase.latency?.p50),
    count(phase.latency?.p95),
    count(phase.latency?.p99),
    factsOf(phase),
  ]);
  return mdTable(['phase', 's', 'messages', 'per s', 'p50 ms', 'p95 ms', 'p99 ms', ''], rows);
}

function memory(fleet: FleetFile): string {
  const idle = phaseOf(fleet, 'idle');
  const { bytesPerCharger, natsBytesPerCharger, otherBytesPerCharger, clientBytesPerCharger } = idle?.facts ?? {};
  if (bytesPerCharger === undefined) return '';
  const total = Object.entries(idle?.rssBytes ?? {})
    .filter(([, bytes]) => bytes > 0)
    .map(([group, bytes]) => `${group} ${count(bytes / MB)} MB`)
    .join(', ');
  return (
    `An idle charger costs ${kilobytes(bytesPerCharger)} KB in edge and worker, ${kilobytes(natsBytesPerCharger)} KB in the NATS server, ` +
    `${kilobytes(otherBytesPerCharger)} KB in all others (and ${kilobytes(clientBytesPerCharger)} KB in the harness). Resident then: ${total}.`
  );
}

function draw(fleet: FleetFile, pictures: Pictures): string[] {
  const { series, groups, stations } = fleet;
  const drawn: string[] = [];
  if (series?.second !== undefined && series.ready !== undefined && series.second.length > 1) {
    const name = `fleet-${stations}-ready`;
    const title = `Chargers in service, of ${whole(stations)}`;
    pictures.set(
      name,
      lines(title, series.second, [{ name: 'in service', values: series.ready }], (v) => whole(Math.round(v))),
    );
    drawn.push(picture(name, title));
  }
  if (groups?.second !== undefined && groups.second.length > 1) {
    const all = (groups.all ?? []).filter(({ name }) => name !== undefined);
    for (const [key, title, scale, unit] of [
      ['cpu', 'Cores in use', 1, ''],
      ['rssBytes', 'Resident memory', MB, ' MB'],
    ] as const) {
      const name = `fleet-${stations}-${key === 'cpu' ? 'cpu' : 'memory'}`;
      const curves = all.map((group) => ({
        name: group.name ?? '',
        values: (group[key] ?? []).map((value) => (value === null ? null : value / scale)),
      }));
      pictures.set(
        name,
        lines(title, groups.second, curves, (v) => `${count(v)}${unit}`),
      );
      drawn.push(picture(name, title));
    }
  }
  return drawn;
}

function one(fleet: FleetFile, pictures: Pictures): string {
  const failed = (fleet.checks ?? []).filter(({ passed }) => passed !== true);
  return paragraphs(
    `### ${whole(fleet.stations)} chargers`,
    `${day(fleet.startedAt)}. ${fleet.edges ?? '-'} edge and ${fleet.workers ?? '-'} worker processes, ${fleet.processes ?? '-'} of the swarm; ${whole(fleet.retries)} handshakes made again. ` +
      (fleet.passed === true
        ? `All ${fleet.checks?.length ?? 0} checks passed.`
        : `**Not passed:** ${failed.map(({ check, detail }) => `${check} (${detail})`).join('; ')}.`),
    phases(fleet),
    memory(fleet),
    ...draw(fleet, pictures),
  );
}

export function fleetPart({ fleets, notes }: Data, pictures: Pictures): string {
  const title = '## A whole fleet';
  if (fleets.length === 0)
    return paragraphs(title, 'Not measured yet: `pnpm loadtest fleet --stations 100000`.', notes.fleet);
  return paragraphs(
    title,
    'Real NATS, Redis and PostgreSQL, edges on one port, workers, control: all chargers connect and boot, idle, are sent commands, are held with heartbeats and meter values, lose all sockets at once, and lose an edge to SIGKILL under load. Every answer is checked, and in the end the books of both sides are compared.',
    ...fleets.map((fleet) => one(fleet, pictures)),
    notes.fleet,
  );
}

export function growthPart({ growth, notes }: Data, pictures: Pictures): string {
  const title = '## What a message costs in a larger fleet';
  const sizes = growth?.sizes ?? [];
  if (growth === null || sizes.length === 0)
    return paragraphs(title, 'Not measured yet: `pnpm loadtest growth --stations 1000,10000,100000`.', notes.growth);
  const servers = (micros: Readonly<Record<string, number>> = {}) =>
    Object.entries(micros).reduce((sum, [group, value]) => (group === 'client' ? sum : sum + value), 0);
  const rows = sizes.map((size) => [
    whole(size.stations),
    count(size.rate),
    count(size.latency?.p50),
    count(size.latency?.p99),
    count(servers(size.cpuMicros)),
    times(size.ratio),
    count(servers(size.netMicros)),
    times(size.netRatio),
    whole(size.faults),
  ]);
  const parts = sizes.map(({ stations, cpuMicros = {} }) => ({
    name: `${whole(stations)} chargers`,
    parts: Object.fromEntries(
      Object.entries(cpuMicros).filter(([group, value]) => group !== 'client' && value >= 0.05),
    ),
  }));
  pictures.set('growth-cpu', stacks('CPU per message, servers', parts, 'µs'));
  return paragraphs(
    title,
    `${day(growth.startedAt)}. The same rate of messages at every size, one platform of ${growth.edges ?? '-'} edge and ${growth.workers ?? '-'} worker processes. "net" is without what the fleet costs while nobody says anything (pings, leases).`,
    mdTable(
      [
        'chargers',
        'messages/s',
        'p50 ms',
        'p99 ms',
        'µs per message',
        'times the first',
        'net µs',
        'net, times the first',
        'faults',
      ],
      rows,
    ),
    picture('growth-cpu', 'CPU per message by fleet size'),
    notes.growth,
  );
}
