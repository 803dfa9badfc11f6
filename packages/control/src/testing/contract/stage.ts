/** Where the contract is tried: control servers on ports of their own, whole, limited and cut off, and stations that obey. */
import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Cache, CacheUnavailableError } from '@sigec/cache';
import type { CommandReply } from '@sigec/contract';
import { createMetrics } from '@sigec/runtime';
import type { Database } from '@sigec/store';
import { createControl } from '../../app.js';
import type { ControlDeps, Services } from '../../context.js';
import { takeUpgrades } from '../../live/upgrades.js';
import { openServer } from '../../server.js';
import { type Harness, result, type Sent } from '../harness.js';
import type { Seen } from './watch.js';

export interface Running {
  readonly base: string;
  /** Opens no more sockets, as before it ends. */
  leave(): void;
  close(): Promise<void>;
}

interface Application {
  readonly app: Harness['app'];
  readonly services: Services;
}

/** Puts an application on a port. */
async function listen({ app, services }: Application, stop: () => Promise<void>): Promise<Running> {
  const server: Server = openServer(app.fetch);
  const upgrades = takeUpgrades(server, services);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leave: upgrades.close,
    async close() {
      upgrades.close();
      await stop();
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

/** What a server says to a WebSocket's beginning; one that opens is closed at once. */
export function askToUpgrade(url: string): Promise<Seen> {
  const headers = {
    ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  };
  const seen = ({ statusCode = 0, headers: said }: IncomingMessage, text: string): Seen => ({
    status: statusCode,
    headers: new Headers(Object.entries(said).map(([name, value]) => [name, String(value)])),
    text,
  });
  return new Promise((resolve, reject) => {
    const asked = get(url, { headers, agent: false });
    asked.on('error', reject);
    asked.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve(seen(answer, ''));
    });
    asked.on('response', async (answer) => resolve(seen(answer, (await answer.toArray()).join(''))));
  });
}

export const whole = (h: Harness): Promise<Running> => listen(h, async () => undefined);

/** The same installation by another process, in which something is otherwise. */
export function beside(h: Harness, otherwise: Partial<ControlDeps>): Promise<Running> {
  const control = createControl({ ...h.deps, metrics: createMetrics('control'), ...otherwise });
  return listen(control, control.stop);
}

/** One that has given out all that its limits allow. */
export function limited(h: Harness): Promise<Running> {
  const { cache, config } = h.deps;
  const spent: Cache = { ...cache, take: async () => ({ taken: 0, left: 0, resetMs: 1000 }) };
  return beside(h, { config: { ...config, rateLimit: 10 }, cache: spent });
}

/** As a driver tells that the server went away. */
const gone = () => Promise.reject(Object.assign(new Error('connection'), { code: 'CONNECTION_CLOSED' }));

/** One whose database and cache go away when told. */
export async function cutOff(h: Harness): Promise<Running & { cut(): void }> {
  let away = false;
  const { db, cache } = h.deps;
  const failing = (reason: () => Promise<never>) => ({
    get: (of: object, name: string | symbol, self: unknown) => {
      const value = Reflect.get(of, name, self) as unknown;
      if (typeof value !== 'function') return value;
      return away ? reason : value.bind(of);
    },
  });
  const database = new Proxy<Database>(db, {
    get: (of, name) => {
      if (name === 'orm') return away ? neverDone : of.orm;
      return failing(gone).get(of, name, of);
    },
  });
  const lost = () => Promise.reject(new CacheUnavailableError('away'));
  const running = await beside(h, { db: database, cache: new Proxy<Cache>(cache, failing(lost)) });
  return { ...running, cut: () => (away = true) };
}

/** A query of any shape that fails when it is waited for. */
const neverDone = new Proxy(() => undefined, {
  get: (_, name): unknown =>
    name === 'then' ? (_done: unknown, failed: (reason: unknown) => void) => void gone().catch(failed) : neverDone,
  apply: () => neverDone,
}) as unknown as Database['orm'];

export type Mood = 'obeys' | 'refuses' | 'fails' | 'silent';

/** Of OCPP 1.6. */
const SCHEDULE = {
  ...{ status: 'Accepted', connectorId: 1, scheduleStart: '2026-01-01T00:00:00Z' },
  chargingSchedule: { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 1000 }] },
};

const ANSWERS: Readonly<Record<Mood, (sent: Sent) => CommandReply | undefined>> = {
  obeys: ({ action }) => result(action === 'GetCompositeSchedule' ? SCHEDULE : { status: 'Accepted' }),
  refuses: () => result({ status: 'Rejected' }),
  fails: () => ({ status: 'error', code: 'InternalError', description: 'no', details: '{}' }),
  silent: () => undefined,
};

export interface Station {
  readonly identity: string;
  readonly id: string;
}

/** Stations at an edge while something is done; without a mood nobody holds them. */
export async function withStations(h: Harness, stations: readonly Station[], mood: Mood, work: () => Promise<void>) {
  const edges = stations.map(({ identity }) => h.edge(identity, ANSWERS[mood]));
  try {
    await work();
  } finally {
    for (const edge of edges) edge.stop();
  }
}
