/**
 * Mutated payloads of every handled action and version through the consumer, the handlers and the database.
 * SIGEC_FUZZ_FRAMES says how many, SIGEC_FUZZ_SEED from where; a failure names the message.
 */
import { createMemoryBus } from '@sigec/bus';
import { createMemoryCache } from '@sigec/cache';
import { type CallItem, REPLY, UPLINK } from '@sigec/contract';
import type { OcppVersion } from '@sigec/ocpp';
import { createLogger, createMetrics } from '@sigec/runtime';
import { CHARGER_FRAMES, createMutator, seeded } from '@sigec/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROUTES } from './route.js';
import { addStations, openWatched, type Watched } from './testing/database.js';
import { FakeEdge } from './testing/edge.js';
import { callItem, SETTINGS } from './testing/fixtures.js';
import { CODECS } from './testing/plain.js';
import { ASKED, SAMPLES } from './testing/samples.js';
import { startWorker, type Worker } from './worker.js';

const FRAMES = Number(process.env.SIGEC_FUZZ_FRAMES ?? 2000);
const SEED = Number(process.env.SIGEC_FUZZ_SEED ?? 20_260_101);
const VERSIONS = ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'] as const;
/** Of each version those that are fuzzed; as many beside them say nothing and must stay as they are. */
const STATIONS = 3;
const BATCH = 60;
/** Share of payloads that are left whole: they make what the others then meet. */
const WHOLE = 0.15;
const INSIDE =
  /\b(select|insert|update|delete|where|values)\b .*\b(from|into|set|and|null)\b|relation|violates|syntax|pg_|\$\d|\.(?:ts|js):\d|node_modules|\bat \w+\.|\bstack\b|\bundefined\b|not a function/i;

interface Sample {
  readonly action: string;
  readonly payload: string;
}

/** Valid calls of the actions that a version handles: what chargers say over sockets, and a sample of every handler. */
function samplesOf(version: OcppVersion): Sample[] {
  const frames = CHARGER_FRAMES[version].flatMap((frame) => {
    const [type, , action, payload] = JSON.parse(frame) as [number, string, string, object];
    return type === 2 && ROUTES[version].has(action) ? [{ action, payload: JSON.stringify(payload) }] : [];
  });
  const samples = Object.entries(SAMPLES[version] as Readonly<Record<string, readonly object[]>>).flatMap(
    ([action, payloads]) => payloads.map((payload) => ({ action, payload: JSON.stringify(payload) })),
  );
  return [...frames, ...samples];
}

const failures: { msg: string; err?: { type?: string; message?: string }; action?: string }[] = [];
const hub = createMemoryBus();
const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);
let db: Watched;
let worker: Worker;
let edge: FakeEdge;
const fuzzed = new Map<OcppVersion, number[]>();

beforeAll(async () => {
  process.on('uncaughtExceptionMonitor', note);
  db = await openWatched();
  for (const version of VERSIONS) fuzzed.set(version, await addStations(db, `F-${version}-`, STATIONS));
  const quiet = await addStations(db, 'QUIET-', STATIONS);
  // Each has what a message of another could hit: a transaction of the same name, a connector, a card.
  for (const [n, station] of quiet.entries())
    await db.query(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, id_token, status,
         started_at, currency, register, tariff, meter_start_mwh)
       values (1, $1::int8, 1, 1, $2, 'tx-1', 'CARD-1', 'started', '2026-01-02T03:00:00Z', 'BRL', '{}',
         '{"currency":"BRL","perKwhMinor":75}', 0)`,
      [station, VERSIONS[n % 3] as string],
    );
  for (const station of [...fuzzed.values()].flat())
    for (const [requestId, action] of ASKED)
      await db.query(
        `insert into station_request (tenant_id, station_id, action, request_id, status, payload)
         values (1, $1::int8, $2, $3::int4, 'accepted', '{}')`,
        [station, action, requestId],
      );
  const logger = createLogger({
    role: 'test',
    level: 'error',
    destination: { write: (line) => failures.push(JSON.parse(line) as (typeof failures)[number]) },
  });
  const metrics = createMetrics('worker');
  const deps = { bus: hub.connect('worker'), cache: createMemoryCache(), db, workerId: 'w', logger, metrics };
  worker = await startWorker({ ...deps, settings: SETTINGS });
  edge = new FakeEdge(hub.connect('edge'), 'edge');
});
afterAll(async () => {
  process.off('uncaughtExceptionMonitor', note);
  await worker?.close();
  await edge?.bus.close();
  await db?.close();
});

/** All rows of stations that said nothing. */
const bystanders = () =>
  Promise.all(
    ['station', 'transaction', 'connector'].map((table) => {
      const own = table === 'station' ? 'id' : 'station_id';
      return db.query(
        `select * from ${table} where ${own} in (select id from station where identity like 'QUIET-%') order by 1, 2, 3`,
      );
    }),
  );

/** What is wrong with the answer to a call, or undefined. */
function wrongWith(version: OcppVersion, item: CallItem, text: string): string | undefined {
  const frame = JSON.parse(text) as unknown[];
  const [type, id, ...rest] = frame;
  if (id !== item.id) return 'the id is another';
  if (type === 3) {
    if (frame.length !== 3) return 'a CALLRESULT has three parts';
    const verdict = CODECS[version].validateResponse(item.action, rest[0], { strict: true });
    return verdict.ok ? undefined : `the answer breaks its schema: ${verdict.description}`;
  }
  if (type !== 4 || frame.length !== 5) return 'it is neither CALLRESULT nor CALLERROR';
  const [code, description, details] = rest;
  if (typeof code !== 'string' || !/^[A-Za-z]+$/.test(code)) return 'its code is none';
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return 'its details are no object';
  // What the charger wrote may be quoted; what happened inside may not be told.
  const said = `${String(description)} ${JSON.stringify(details)}`;
  return INSIDE.test(said) ? `it tells of the inside: ${said}` : undefined;
}

it('samples hold every action that is handled', () => {
  for (const version of VERSIONS) {
    const missing = [...ROUTES[version].keys()].filter(
      (key) => !samplesOf(version).some(({ action }) => action === key),
    );
    expect(missing, version).toEqual([]);
  }
});

it('every call is answered, and nothing else happens', { timeout: 60_000 + FRAMES * 20 }, async () => {
  const before = await bystanders();
  const random = seeded(SEED);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const mutators = new Map(
    VERSIONS.flatMap((version) =>
      samplesOf(version).map(
        ({ payload }, n) => [`${version} ${n}`, createMutator([payload], SEED + n, WHOLE)] as const,
      ),
    ),
  );
  const counts = { result: 0, error: 0 };
  const wrong: string[] = [];
  for (let sent = 0; sent < FRAMES; sent += BATCH) {
    const items = Array.from({ length: BATCH }, () => {
      const version = pick(VERSIONS);
      const samples = samplesOf(version);
      const n = Math.floor(random() * samples.length);
      const payload = mutators.get(`${version} ${n}`)?.next().toString('utf8') ?? '';
      const { action } = samples[n] as Sample;
      const station = pick(fuzzed.get(version) ?? []);
      return { version, item: callItem(version, action, payload, { station }) };
    });
    edge.messages.length = 0;
    const replies = await edge.ask(...items.map(({ item }) => item));
    for (const [at, reply] of replies.entries()) {
      const { version, item } = items[at] as (typeof items)[number];
      // A SEND has no answer (2.1 part 4 section 4.2.5): the edge only hears that it was taken.
      const sent = item.kind === UPLINK.send;
      const what = reply.kind === REPLY.frame && !sent ? wrongWith(version, item, reply.text) : undefined;
      if ((reply.kind === REPLY.done) !== sent) wrong.push(`${version} ${item.action}: answered with ${reply.kind}`);
      if (what !== undefined) wrong.push(`${version} ${item.action} ${item.payload}: ${what}`);
      if (reply.kind === REPLY.frame) counts[reply.text.startsWith('[3') ? 'result' : 'error']++;
    }
    expect(wrong.slice(0, 3), `seed ${SEED}`).toEqual([]);
  }
  // Both ends are reached: what is taken, and what is refused.
  expect(counts.result).toBeGreaterThan(FRAMES / 20);
  expect(counts.error).toBeGreaterThan(FRAMES / 20);
  // The database may refuse a value; a handler may not stumble over one.
  const stumbled = failures.filter(({ err }) => /^(Type|Range|Reference|Syntax)Error$/.test(err?.type ?? ''));
  expect(stumbled.slice(0, 3)).toEqual([]);
  expect(uncaught).toEqual([]);
  expect(await bystanders()).toEqual(before);
  if (process.env.SIGEC_FUZZ_FRAMES !== undefined)
    process.stderr.write(`fuzz: ${JSON.stringify({ ...counts, failed: failures.length, seed: SEED })}\n`);
});
