/** For tests: the whole control role on the in-process twins, a person of each role, and an edge that answers as told. */
import { hash } from '@node-rs/argon2';
import { type Bus, createMemoryBus } from '@sigec/bus';
import { createMemoryCache } from '@sigec/cache';
import { type CommandReply, downSubject, packCommandReply, tokenOf, unpackDown } from '@sigec/contract';
import { createLogger, createMetrics, HealthRegistry } from '@sigec/runtime';
import { createUser, type Database, schema, type UserRole } from '@sigec/store';
import { borrowPglite } from '@sigec/store/testing';
import { createControl } from '../app.js';
import type { ControlDeps, Services } from '../context.js';

export const PASSWORD = 'a password of tests';
/** A hash says itself what it takes to check it; this one nearly nothing, as each harness logs four people in. */
const CHEAP = { algorithm: 2, memoryCost: 8, timeCost: 1, parallelism: 1 } as const;

export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body, {} where it is not JSON. */
  readonly json: Json;
  readonly text: string;
}

export interface Sent {
  readonly id: string;
  readonly action: string;
  readonly payload: Json;
  readonly timeoutMs: number;
}

export interface Harness {
  readonly deps: ControlDeps;
  readonly app: ReturnType<typeof createControl>['app'];
  readonly db: Database;
  /** What jobs run with. */
  readonly services: Services;
  readonly bus: Bus;
  /** Everything that was logged so far. */
  readonly log: () => string;
  /** Access tokens by role; `stranger` is an operator of another tenant. */
  readonly tokens: Readonly<Record<UserRole | 'stranger', string>>;
  readonly userIds: Readonly<Record<UserRole | 'stranger', string>>;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** A fake edge holding a station; `answer` undefined never answers. */
  edge(identity: string, answer: (sent: Sent) => CommandReply | undefined): { readonly sent: Sent[]; stop(): void };
  /** Registers a station that once spoke `version`; returns its id. */
  station(identity: string, version?: string): Promise<string>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly as?: UserRole | 'stranger' | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export async function startHarness(
  config: Partial<ControlDeps['config']> = {},
  more: Pick<ControlDeps, 'clock'> = {},
): Promise<Harness> {
  const db = await borrowPglite();
  await db.orm.insert(schema.tenant).values({ id: 2, name: 'other' });
  const lines: string[] = [];
  const logger = createLogger({ role: 'control', level: 'trace', destination: { write: (line) => lines.push(line) } });
  const hub = createMemoryBus();
  const bus = hub.connect('control');
  const edgeBus = hub.connect('edge');
  const cache = createMemoryCache();
  const deps: ControlDeps = {
    config: { jwtSecret: 's'.repeat(40), pepper: 'p'.repeat(20), commandTimeoutMs: 3000, ...config },
    db,
    bus,
    cache,
    logger,
    metrics: createMetrics('control'),
    health: new HealthRegistry(),
    ...more,
  };
  const control = createControl(deps);

  const call = async (method: string, path: string, options: CallOptions = {}): Promise<Answer> => {
    const { as, body, headers } = options;
    const response = await control.app.request(path, {
      method,
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${tokens[as]}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      json: isJson && text !== '' ? (JSON.parse(text) as Json) : {},
      text,
    };
  };

  const tokens = {} as Record<UserRole | 'stranger', string>;
  const userIds = {} as Record<UserRole | 'stranger', string>;
  const passwordHash = await hash(PASSWORD, CHEAP);
  for (const name of ['admin', 'operator', 'user', 'stranger'] as const) {
    const role = name === 'stranger' ? 'operator' : name;
    const tenantId = name === 'stranger' ? 2 : 1;
    const made = await createUser(db, { tenantId, name, email: `${name}@example.test`, passwordHash, role });
    userIds[name] = made?.id ?? '';
    const login = await call('POST', '/api/v1/auth/login', {
      body: { email: `${name}@example.test`, password: PASSWORD },
    });
    tokens[name] = String(login.json.token);
  }

  return {
    deps,
    app: control.app,
    db,
    services: control.services,
    bus,
    log: () => lines.join(''),
    tokens,
    userIds,
    call,
    edge(identity, answer) {
      const sent: Sent[] = [];
      const subscription = edgeBus.subscribe(downSubject(tokenOf(identity)), (message) => {
        const down = unpackDown(message.data);
        if (down.type !== 'command') return;
        const { id, action, payload, timeoutMs } = down;
        const one = { id, action, payload: JSON.parse(payload) as Json, timeoutMs };
        sent.push(one);
        const reply = answer(one);
        if (reply) message.respond(packCommandReply(reply));
      });
      return { sent, stop: () => subscription.unsubscribe() };
    },
    async station(identity, version = 'ocpp1.6') {
      const made = await call('POST', '/api/v1/devices', { as: 'operator', body: { identity } });
      if (made.status !== 201) throw new Error(`station: ${JSON.stringify(made.json)}`);
      await db.query('update station set ocpp_version = $1 where identity = $2', [version, identity]);
      return String(made.json.id);
    },
    async close() {
      await control.stop();
      await control.services.aside.idle();
      await bus.close();
      await edgeBus.close();
      await cache.close();
      await db.close();
    },
  };
}

/** The charger's answer with a payload. */
export function result(payload: Json): CommandReply {
  return { status: 'result', payload: JSON.stringify(payload) };
}
