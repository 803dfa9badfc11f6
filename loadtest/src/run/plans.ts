/** The room of the plan: from what the run was told to what each process is told. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { newRun } from '../ocpp/message-id.js';
import { scenarioOf } from '../scenarios/index.js';
import { formatPattern, type Pacing, type SwarmPlan } from '../swarm/plan.js';
import { type Endpoint, parseEndpoint } from '../ws/handshake.js';
import { checkTogether, type LoadOptions, OptionError, processesOf, versionCycle, whole } from './options.js';

/** Connections per source address; a range of ports has 28,000, and closed ones keep theirs for a minute. */
const PER_SOURCE = 7000;
const DAY = 86_400_000;
/** In closed loop only connects and boots wait for a tick. */
const SLOW_TICK_MS = 10;
/** More processes than cores, each with a timer per millisecond, would be a load of their own. */
const FEW_PROCESSES = 4;
const SHARED_TICK_MS = 5;

export interface RunPlan {
  readonly swarms: readonly SwarmPlan[];
  /** The swarm runs in this process. */
  readonly local: boolean;
  readonly readyTimeoutMs: number;
  readonly rounds: number;
  /** Messages per second that are asked for; null in closed loop and where the scenario has its own time. */
  readonly targetRate: number | null;
}

/** @throws {OptionError} that names what cannot be */
export async function makePlans(o: LoadOptions): Promise<RunPlan> {
  const processes = processesOf(o);
  const scenario = scenarioOf(o.scenario);
  checkTogether(o);
  const endpoint = endpointOf(o.url);
  const address = await addressOf(endpoint);
  const storm = scenario.driver === 'storm';
  const pacing = pacingOf(o, scenario.pacing, scenario.driver === 'commands');
  const shared = {
    run: newRun(),
    endpoint,
    address,
    ca: o.ca,
    insecure: o.insecure ?? false,
    total: o.stations,
    versions: versionCycle(o.version ?? '2.0.1'),
    idToken: o.idToken ?? 'SIGEC-DEMO',
    scenario: o.scenario,
    scenarioOptions: {
      meters: whole('meters', o.meters ?? 5, 0, 10_000),
      dayMs: whole('day', o.dayMs ?? 3_600_000, 1000, DAY),
      heartbeatMs: whole('heartbeat', o.heartbeatMs ?? 60_000, 10, DAY),
      meterMs: whole('meter', o.meterMs ?? 30_000, 10, DAY),
      charging: share('charging', o.charging ?? 0.2),
    },
    tickMs: pacing.kind === 'closed' ? SLOW_TICK_MS : processes > FEW_PROCESSES ? SHARED_TICK_MS : 1,
    pacing,
    boot: o.echo === true ? false : (o.boot ?? true),
    echo: o.echo ?? false,
    rampMs: whole('ramp', o.rampMs ?? 0, 0, DAY),
    connectConcurrency: whole('connectConcurrency', o.connectConcurrency ?? (storm ? 1000 : 200), 1, 100_000),
    connectTimeoutMs: whole('connectTimeout', o.connectTimeoutMs ?? 30_000, 1, DAY),
    timeoutMs: whole('timeout', o.timeoutMs ?? 30_000, 1, DAY),
    backoffMs: backoffOf(o),
    warmupMs: whole('warmup', o.warmupMs ?? 0, 0, DAY),
    durationMs: whole('duration', o.durationMs ?? 30_000, 1, 30 * DAY),
    parseEvery: whole('parseEvery', o.parseEvery ?? 256, 1, 1_000_000),
    maxExamples: whole('maxExamples', o.maxExamples ?? 5, 0, 1000),
    maxLedgerRows: Math.ceil(whole('maxLedgerRows', o.maxLedgerRows ?? 1_000_000, 0, 1e8) / Math.max(processes, 1)),
    seed: whole('seed', o.seed ?? 1, 0, 2 ** 31),
  };
  const names = identitiesOf(o);
  const shares = Math.max(processes, 1);
  const sources = sourcesOf(o, address, shares);
  const swarms = Array.from({ length: shares }, (_none, k): SwarmPlan => {
    const from = Math.floor((o.stations * k) / shares);
    const to = Math.floor((o.stations * (k + 1)) / shares);
    const passwords =
      o.credentials?.slice(from, to).map(({ password }) => password) ?? (o.password === undefined ? [] : [o.password]);
    const own = sources.exclusive ? sources.all.filter((_source, n) => n % shares === k) : sources.all;
    return {
      ...shared,
      from,
      count: to - from,
      identities: names.slice(from, to),
      passwords,
      sources: own,
      ownPorts: sources.exclusive,
    };
  });
  return {
    swarms,
    local: processes === 0,
    readyTimeoutMs: whole('readyTimeout', o.readyTimeoutMs ?? 120_000 + shared.rampMs, 1, DAY),
    rounds: whole('rounds', o.rounds ?? 1, 1, 1000),
    targetRate: o.rate ?? (pacing.kind === 'interval' ? (o.stations * 1000) / pacing.everyMs : null),
  };
}

function share(name: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new OptionError(`${name}: must be from 0 to 1, not ${value}`);
}

function endpointOf(url: string): Endpoint {
  try {
    return parseEndpoint(url);
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

async function addressOf({ host }: Endpoint): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host, { family: host === 'localhost' ? 4 : 0 })).address;
  } catch {
    throw new OptionError(`url: the host ${host} is not known`);
  }
}

function pacingOf(o: LoadOptions, own: Pacing['kind'], commands: boolean): Pacing {
  if (o.intervalMs !== undefined) return { kind: 'interval', everyMs: whole('interval', o.intervalMs, 1, DAY) };
  if (o.rate !== undefined && !commands) return { kind: 'interval', everyMs: (o.stations * 1000) / o.rate };
  return own === 'closed' ? { kind: 'closed' } : { kind: 'natural' };
}

function backoffOf({ backoffMs: [min, max] = [200, 10_000] }: LoadOptions): readonly [number, number] {
  whole('backoff', min, 1, DAY);
  return [min, whole('backoff', max, min, DAY)];
}

/** Addresses to come from; `exclusive` where each process has its own of them, and so may choose their ports. */
interface Sources {
  readonly all: readonly string[];
  readonly exclusive: boolean;
}

function sourcesOf({ sources, stations }: LoadOptions, address: string, shares: number): Sources {
  if (typeof sources === 'object') {
    for (const source of sources) if (isIP(source) === 0) throw new OptionError(`sources: ${source} is no IP address`);
    return { all: sources, exclusive: false };
  }
  if (!address.startsWith('127.')) {
    if (sources !== undefined) throw new OptionError('sources: a number is for 127.0.0.0/8; name the addresses');
    return { all: [], exclusive: false };
  }
  // Elsewhere than on Linux loopback has one address, and more only where somebody has added them.
  const each = process.platform === 'linux' ? shares : 1;
  const count = whole('sources', sources ?? Math.max(Math.ceil(stations / PER_SOURCE), each), 1, 60_000);
  const exclusive = process.platform === 'linux' && count >= shares;
  // A net of one's own: nobody else's connections, nor those of a run before, are from there.
  const net = exclusive ? 1 + (process.pid % 250) : 0;
  const all = Array.from({ length: count }, (_none, k) => `127.${net}.${Math.floor(k / 250)}.${(k % 250) + 1}`);
  return { all, exclusive };
}

function identitiesOf({ credentials, identity = 'LT-%06d', first = 1, stations }: LoadOptions): string[] {
  if (credentials !== undefined) return credentials.slice(0, stations).map((one) => one.identity);
  whole('first', first, 0, 1e9);
  return Array.from({ length: stations }, (_none, k) => formatPattern(identity, first + k));
}
