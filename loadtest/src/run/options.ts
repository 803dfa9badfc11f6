/** The room of what a run is told, as a caller of the library or the command line says it, and the checks of it. */
import { availableParallelism } from 'node:os';
import { VERSIONS, type Version } from '../ocpp/calls.js';
import { scenarioOf } from '../scenarios/index.js';
import type { Progress } from './progress.js';

export interface ApiOptions {
  /** Base of the REST API, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly email: string;
  readonly password: string;
  /** OCPP action to send; without it DataTransfer, whose answer must name the station it was meant for. */
  readonly action?: string | undefined;
  readonly payload?: Readonly<Record<string, unknown>> | undefined;
  /** Commands at once, where no rate is given. Default 8. */
  readonly concurrency?: number | undefined;
}

/** All times in milliseconds. What may be absent has the default that the command line's help names. */
export interface LoadOptions {
  /** ws:// or wss://, without the identity. */
  readonly url: string;
  /** One of the names of `SCENARIOS`. */
  readonly scenario: string;
  readonly stations: number;
  /** 0 runs the swarm in this process. Default: as many as there are cores, and as the stations need. */
  readonly processes?: number | undefined;
  /** `1.6`, or a mix such as `1.6:50,2.0.1:30,2.1:20`. Default `2.0.1`. */
  readonly version?: string | undefined;
  /** With `%d` or `%06d` for the number. Default `LT-%06d`. */
  readonly identity?: string | undefined;
  /** Number of the first station. Default 1. */
  readonly first?: number | undefined;
  /** Basic auth, one password for all. */
  readonly password?: string | undefined;
  /** Or stations with a password each; the identities are taken from here. */
  readonly credentials?: readonly { readonly identity: string; readonly password: string }[] | undefined;
  readonly idToken?: string | undefined;
  /** Open loop: messages (in `commands`, commands) per second of the whole swarm. */
  readonly rate?: number | undefined;
  /** Open loop: each station sends every so often. */
  readonly intervalMs?: number | undefined;
  readonly rampMs?: number | undefined;
  readonly warmupMs?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  /** Handshakes under way at once, per process. */
  readonly connectConcurrency?: number | undefined;
  /** How long all stations may take to come into service. */
  readonly readyTimeoutMs?: number | undefined;
  readonly backoffMs?: readonly [min: number, max: number] | undefined;
  /** False leaves BootNotification out. */
  readonly boot?: boolean | undefined;
  /** The server is an echo: every answer must be the CALL itself. Nothing is booted. */
  readonly echo?: boolean | undefined;
  readonly meters?: number | undefined;
  readonly dayMs?: number | undefined;
  /** Of the scenario `hold`. Defaults: 60 s, 30 s, 0.2. */
  readonly heartbeatMs?: number | undefined;
  readonly meterMs?: number | undefined;
  readonly charging?: number | undefined;
  readonly rounds?: number | undefined;
  /** How many addresses of 127.0.0.0/8 to come from, or which addresses. Default: as the stations need, on loopback. */
  readonly sources?: number | readonly string[] | undefined;
  readonly api?: ApiOptions | undefined;
  /** Processes to watch, by name; `tree` takes the processes that they have started with them. */
  readonly watch?: readonly { readonly name: string; readonly pid: number; readonly tree?: boolean }[] | undefined;
  /** Watch every process whose command line holds one of these. */
  readonly watchName?: readonly string[] | undefined;
  readonly parseEvery?: number | undefined;
  readonly maxExamples?: number | undefined;
  readonly maxLedgerRows?: number | undefined;
  readonly seed?: number | undefined;
  /** Faults do not fail the run. */
  readonly tolerate?: boolean | undefined;
  /** PEM of the authority of a wss:// server; or no check at all. */
  readonly ca?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Ends the load early, in order. */
  readonly signal?: AbortSignal | undefined;
}

/** An option that cannot be; the message names it. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/** A process may open 20,000 files; some are its own. */
export const MAX_PER_PROCESS = 18_000;
const MAX_STATIONS = 1_000_000;
const MAX_CYCLE = 1000;

export function whole(name: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new OptionError(`${name}: must be a whole number from ${min} to ${max}, not ${value}`);
}

export function processesOf({ processes, stations }: LoadOptions): number {
  whole('stations', stations, 1, MAX_STATIONS);
  const needed = Math.ceil(stations / MAX_PER_PROCESS);
  if (processes === undefined) return Math.min(stations, Math.max(availableParallelism(), needed));
  whole('processes', processes, 0, 256);
  if (Math.max(processes, 1) < needed)
    throw new OptionError(`processes: ${stations} stations need at least ${needed} (${MAX_PER_PROCESS} sockets each)`);
  return Math.min(processes, stations);
}

/**
 * The cycle of versions for a mix, as even as it can be: `1.6:2,2.1:1` is 1.6, 2.1, 1.6.
 * @throws {OptionError}
 */
export function versionCycle(mix: string): Version[] {
  const shares = mix.split(',').map((part) => {
    const [name = '', share = '1'] = part.trim().split(':');
    const version = VERSIONS.find((known) => known === name);
    if (version === undefined) throw new OptionError(`version: ${name} is none of ${VERSIONS.join(', ')}`);
    return { version, share: whole(`version: share of ${name}`, Number(share), 1, MAX_CYCLE), credit: 0 };
  });
  const total = shares.reduce((sum, { share }) => sum + share, 0);
  if (total > MAX_CYCLE) throw new OptionError(`version: the shares add up to more than ${MAX_CYCLE}`);
  return Array.from({ length: shares.length === 1 ? 1 : total }, () => {
    for (const one of shares) one.credit += one.share;
    const next = shares.reduce((best, one) => (one.credit > best.credit ? one : best));
    next.credit -= total;
    return next.version;
  });
}

/** @throws {OptionError} where options contradict each other */
export function checkTogether(o: LoadOptions): void {
  const { driver } = scenarioOf(o.scenario);
  if (o.rate !== undefined && o.intervalMs !== undefined) throw new OptionError('rate: not together with interval');
  if (o.rate !== undefined && !(o.rate > 0 && o.rate <= 1e7)) throw new OptionError('rate: must be positive');
  if (o.rate !== undefined && driver === 'storm') throw new OptionError('rate: a storm has none');
  if (driver === 'commands' && o.api === undefined) throw new OptionError('api: the scenario commands needs it');
  if (o.password !== undefined && o.credentials !== undefined)
    throw new OptionError('password: not together with passwords');
  if (o.credentials !== undefined && o.credentials.length < o.stations)
    throw new OptionError(`passwords: ${o.credentials.length} for ${o.stations} stations`);
  if (o.identity !== undefined && o.stations > 1 && !/%(?:0\d+)?d/.test(o.identity))
    throw new OptionError('identity: needs %d or %06d for the number of the station');
  if (o.idToken !== undefined && !/^[\x20-\x7e]{1,36}$/.test(o.idToken.replace(/["\\]/g, '\n')))
    throw new OptionError('idToken: 1 to 36 printable ASCII characters without quotes');
}
