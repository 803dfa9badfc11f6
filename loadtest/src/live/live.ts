/**
 * The room of live updates under load: listeners and webhooks while a fleet works. Some are told of every station, so that a
 * sequence that is missing shows; from those it is known what the others, who named a few stations, should have been told.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openPostgres } from '@sigec/store';
import { Rest, RestError } from '../api/rest.js';
import { IDENTITY, PASSWORD } from '../fleet/fleet.js';
import { isObject } from '../ocpp/answers.js';
import { type LoadOptions, whole } from '../run/options.js';
import type { LoadResult } from '../run/result.js';
import { runLoad } from '../run/run.js';
import { startStack } from '../stack/stack.js';
import { type Hooks, startHooks } from './hooks.js';
import { type Heard, type Listener, listen } from './listeners.js';

export interface LiveOptions extends Pick<LoadOptions, 'version' | 'seed' | 'onProgress' | 'signal'> {
  /** Default 5,000. */
  readonly stations?: number | undefined;
  /** Default 1,000. */
  readonly listeners?: number | undefined;
  /** Default 200. */
  readonly webhooks?: number | undefined;
  /** Default one minute. */
  readonly durationMs?: number | undefined;
  readonly edges?: number | undefined;
  readonly workers?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** How long nothing must come before all is taken to have come. Default five seconds. */
  readonly quietMs?: number | undefined;
  readonly onLine?: ((text: string) => void) | undefined;
  readonly onNote?: ((text: string) => void) | undefined;
}

export interface LiveResult {
  readonly format: 'sigec-live/1';
  /** Nobody missed anything, no listener was told twice, and every request to a webhook was signed. What the load itself found is in `load`. */
  readonly passed: boolean;
  readonly events: number;
  readonly listeners: number;
  readonly webhooks: number;
  /** Events that somebody should have been told of, and was not. */
  readonly missed: { readonly listeners: number; readonly webhooks: number };
  readonly twice: { readonly listeners: number; readonly webhooks: number };
  /** Of listeners, by the way of sockets that ended. */
  readonly ends: Readonly<Record<string, number>>;
  readonly requests: number;
  /** Of those, whose signature did not hold. */
  readonly unsigned: number;
  /** From the event to its arrival at listeners, ms; the relay's pause is in it. */
  readonly delay: { readonly p50: number; readonly p95: number; readonly max: number };
  readonly load: LoadResult;
}

/** Told of every station. */
const WHOLE_LISTENERS = 5;
const WHOLE_HOOKS = 5;
/** Stations that each of the others named. */
const OF_LISTENER = 5;
const OF_HOOK = 25;
/** One log-in is one person, who gets so many connections here. */
const ENV = { SIGEC_WEBHOOK_PRIVATE: 'on', SIGEC_LIVE_MAX_USER: '100000', SIGEC_RATE_LIMIT: '0' } as const;
const VERSION = '1.6:50,2.0.1:30,2.1:20';
/** A day of the fleet in this time, so that minutes have sessions. */
const DAY_MS = 3_600_000;
/** For what is under way to arrive, ms. */
const SETTLE_MS = 180_000;
const QUIET_MS = 5_000;
const AT_ONCE = 50;

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    done.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  return done;
}

/** Some stations for each of many, spread over all. */
const share = (ids: readonly string[], n: number, each: number): string[] =>
  Array.from({ length: Math.min(each, ids.length) }, (_, k) => ids[(n * each + k) % ids.length] as string);

/** How many of what should have been told was not. */
function missing(truth: Heard, heard: Heard, devices: ReadonlySet<string> | undefined): number {
  let count = 0;
  for (const [sequence, station] of truth)
    if ((devices === undefined || (station !== null && devices.has(station))) && !heard.has(sequence)) count += 1;
  return count;
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((all, one) => all + of(one), 0);

/** @throws {OptionError} where the options cannot be; {Error} where the run could not be made */
export async function runLive(options: LiveOptions): Promise<LiveResult> {
  const stations = whole('stations', options.stations ?? 5_000, 1, 18_000);
  const listenerCount = whole('listeners', options.listeners ?? 1_000, WHOLE_LISTENERS, 4_000);
  const hookCount = whole('webhooks', options.webhooks ?? 200, WHOLE_HOOKS, 200);
  const { edges = 1, workers = 1, durationMs = 60_000, quietMs = QUIET_MS, onLine, onNote = () => undefined } = options;
  const seed = { count: stations, identity: IDENTITY, password: PASSWORD };
  const env = { ...ENV, ...options.env };
  const stack = await startStack({ edges, workers, control: true, env, stations: seed, onLine });
  const hooks: Hooks = await startHooks();
  const listeners: Listener[] = [];
  try {
    const { api } = stack;
    if (api === null) throw new RestError('api: there is none');
    const rest = new Rest(api.url, 60_000);
    const { body } = await rest.send('POST', '/auth/login', { email: api.email, password: api.password });
    const token = isObject(body) ? String(body.token) : '';
    await rest.login(api.email, api.password);
    const ids = await stationIds(stack.databaseUrl);
    const delays: number[] = [];
    const onDelay = (ms: number) => {
      if (delays.length < 1_000_000) delays.push(ms);
    };
    const asked = Array.from({ length: listenerCount }, (_, n) =>
      n < WHOLE_LISTENERS ? undefined : share(ids, n, OF_LISTENER),
    );
    listeners.push(...(await inTurns(asked, (devices) => listen({ url: api.url, token, devices, onDelay }))));
    onNote(`${listeners.length} listeners`);
    for (let n = 0; n < hookCount; n++) {
      const devices = n < WHOLE_HOOKS ? undefined : share(ids, n, OF_HOOK);
      const { url, keep } = hooks.add(devices);
      const wish = { url, topics: ['stations', 'transactions', 'alarms', 'commands', 'network'] };
      const made = await rest.send('POST', '/webhooks', { ...wish, max_events: 100, device_ids: devices ?? null });
      if (made.status !== 201 || !isObject(made.body))
        throw new RestError(`api: a webhook was answered ${made.status}`);
      keep(String(made.body.secret));
    }
    rest.close();
    onNote(`${hookCount} webhooks`);
    const load = await runLoad({
      ...{ url: stack.url, scenario: 'mixed', stations, identity: IDENTITY, password: PASSWORD },
      ...{ version: options.version ?? VERSION, seed: options.seed, dayMs: DAY_MS, durationMs, warmupMs: 0 },
      ...{ watch: stack.watch, maxLedgerRows: 0, onProgress: options.onProgress, signal: options.signal },
    });
    if (stack.failure.aborted) throw stack.failure.reason;
    await settled(stack.databaseUrl, listeners, hooks, quietMs);
    return resultOf(listeners, hooks, delays, load);
  } finally {
    for (const listener of listeners) listener.close();
    hooks.close();
    await stack.stop();
  }
}

async function stationIds(url: string): Promise<string[]> {
  const db = openPostgres({ url, connections: 1 });
  try {
    return (await db.query<{ id: number }>('select id from station order by id')).map(({ id }) => String(id));
  } finally {
    await db.close();
  }
}

// A delivery that failed waits for its turn, so that quiet alone says nothing.
const WAITING = `
  select (select count(*) from webhook_delivery where due_at is not null)::float8
    + (select count(*) from webhook where cursor < $1::int8)::float8 + (select count(*) from outbox)::float8 as waiting`;

/** Waits until nothing more comes to anybody, and nothing waits for a webhook. */
async function settled(url: string, listeners: readonly Listener[], hooks: Hooks, quietMs: number): Promise<void> {
  const count = () => sum(listeners, ({ heard }) => heard.size) + sum(hooks.all, ({ heard }) => heard.size);
  // In the order of the stream, so the last to come is the last there is.
  const last = () => [...(listeners[0]?.heard.keys() ?? [])].at(-1) ?? 0;
  const deadline = performance.now() + SETTLE_MS;
  const db = openPostgres({ url, connections: 1 });
  try {
    let [before, waiting] = [-1, 1];
    while ((before !== count() || waiting > 0) && performance.now() < deadline) {
      before = count();
      await sleep(quietMs);
      waiting = (await db.query<{ waiting: number }>(WAITING, [last()]))[0]?.waiting ?? 0;
    }
  } finally {
    await db.close();
  }
}

function resultOf(listeners: readonly Listener[], hooks: Hooks, delays: number[], load: LoadResult): LiveResult {
  // One tenant and every topic: whoever hears all hears every sequence, so what one of them missed another may have heard,
  // and what all of them missed is a hole.
  const truth: Heard = new Map();
  const whole = [...listeners, ...hooks.all].filter(({ devices }) => devices === undefined);
  for (const { heard } of whole) for (const [sequence, station] of heard) truth.set(sequence, station);
  const sequences = [...truth.keys()].sort((a, b) => a - b);
  const [first = 0, last = 0] = [sequences[0], sequences.at(-1)];
  const holes = truth.size === 0 ? 1 : last - first + 1 - truth.size;
  const missedBy = (all: readonly { heard: Heard; devices: ReadonlySet<string> | undefined }[]) =>
    sum(all, ({ heard, devices }) => missing(truth, heard, devices));
  const missed = { listeners: missedBy(listeners) + holes, webhooks: missedBy(hooks.all) };
  const twice = { listeners: sum(listeners, ({ again }) => again()), webhooks: sum(hooks.all, ({ again }) => again) };
  const unsigned = sum(hooks.all, (hook) => hook.unsigned);
  const ends: Record<string, number> = {};
  for (const code of listeners.flatMap((one) => one.ends())) ends[code] = (ends[code] ?? 0) + 1;
  delays.sort((a, b) => a - b);
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0;
  return {
    format: 'sigec-live/1',
    passed: missed.listeners === 0 && missed.webhooks === 0 && twice.listeners === 0 && unsigned === 0,
    ...{ events: truth.size, listeners: listeners.length, webhooks: hooks.all.length, missed, twice, ends },
    requests: sum(hooks.all, ({ requests }) => requests),
    unsigned,
    delay: { p50: at(0.5), p95: at(0.95), max: at(1) },
    load,
  };
}
