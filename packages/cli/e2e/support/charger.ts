/** A charger on a client that this project did not write (ocpp-rpc, in its strict mode); it keeps every frame it saw. */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRPCError, createValidator, NOREPLY, RPCClient } from 'ocpp-rpc';
import { type Charge, DIALECTS, type Json, type Message, type Version } from './dialect.js';
import type { Credentials } from './rest.js';

export interface Frame {
  readonly direction: 'out' | 'in';
  readonly message: readonly unknown[];
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface ChargerOptions {
  /** Comes back by itself when its socket is lost. */
  readonly reconnect?: boolean;
  /** How long one CALL may take, ms. */
  readonly callTimeoutMs?: number;
}

interface Schema {
  readonly $id: string;
  readonly definitions?: Readonly<
    Record<string, { readonly properties?: object; readonly additionalProperties?: boolean }>
  >;
}

/**
 * The client's own 2.1 schemas, under the names by which it looks for them: it ships them under others. What they say of
 * additional properties of a string means nothing, and its validator says so on each use.
 */
const schemas21 = createRequire(import.meta.url)('ocpp-rpc/lib/schemas/ocpp2_1.json') as readonly Schema[];
const validator21 = createValidator(
  'ocpp2.1',
  schemas21.map((schema) => ({
    ...schema,
    $id: schema.$id.replace(/Request$/, '.req').replace(/Response$/, '.conf'),
    definitions: Object.fromEntries(
      Object.entries(schema.definitions ?? {}).map(([name, { additionalProperties, ...definition }]) => [
        name,
        definition.properties === undefined ? definition : { ...definition, additionalProperties },
      ]),
    ),
  })),
);

/** A message is delivered again for this long before the test is over, ms. */
const DELIVER_MS = 60_000;
const open = new Set<Charger>();

export class Charger {
  readonly frames: Frame[] = [];
  /** What broke the schema, either way: must stay empty. */
  readonly violations: unknown[] = [];
  /** How each of its sockets ended. */
  readonly closes: Closed[] = [];
  readonly charges: Charge[] = [];
  /** The register, Wh. */
  wh = 0;
  /** The EVSE's status after what the CSMS asked for was done. */
  remoteWork: Promise<void> = Promise.resolve();
  readonly client: RPCClient;
  readonly #dialect;
  #left = false;

  constructor(
    endpoint: string,
    { username, password }: Credentials,
    readonly version: Version,
    { reconnect = false, callTimeoutMs = 45_000 }: ChargerOptions = {},
  ) {
    this.#dialect = DIALECTS[version];
    this.client = new RPCClient({
      endpoint,
      identity: username,
      password,
      protocols: [`ocpp${version}`],
      strictMode: true,
      strictModeValidators: [validator21],
      reconnect,
      callTimeoutMs,
      pingIntervalMs: 0,
      backoff: { initialDelay: 100, maxDelay: 400, factor: 2, randomisationFactor: 0.25 },
    } as ConstructorParameters<typeof RPCClient>[0]);
    this.client.on('message', ({ message, outbound }: { message: string; outbound: boolean }) => {
      this.frames.push({ direction: outbound ? 'out' : 'in', message: JSON.parse(message) as unknown[] });
    });
    this.client.on('strictValidationFailure', (failure: { method: string; error: Error }) =>
      this.violations.push(`${failure.method}: ${failure.error.message}`),
    );
    this.client.on('badMessage', ({ error }: { error: Error }) => this.violations.push(error.message));
    this.client.on('socketError', (error: Error) => this.violations.push(error.message));
    this.client.on('disconnect', (closed: Closed) => this.closes.push(closed));
    this.#obey();
  }

  static async connect(...options: ConstructorParameters<typeof Charger>): Promise<Charger> {
    const charger = new Charger(...options);
    await charger.client.connect();
    open.add(charger);
    return charger;
  }

  /** Ends what tests have left open. */
  static async closeAll(): Promise<void> {
    await Promise.all([...open].map((charger) => charger.close()));
  }

  get connected(): boolean {
    return this.client.state === RPCClient.OPEN;
  }

  async close(): Promise<void> {
    this.#left = true;
    open.delete(this);
    await this.client.close({ force: true });
  }

  /** What a CSMS command gets as answer; `never` keeps silent, an Error becomes a CALLERROR. */
  answer(action: string, response: Json | Error | 'never'): void {
    this.client.handle(action, async () => {
      if (response === 'never') return NOREPLY as unknown as Record<string, unknown>;
      if (response instanceof Error) throw response;
      return response;
    });
  }

  static error(code: string, description: string, details: Json): Error {
    return createRPCError(code, description, details) as Error;
  }

  /** One CALL; rejects with the CALLERROR, or when the socket is lost. */
  async call([action, payload]: Message): Promise<Json> {
    return (await this.client.call(action, payload)) as Json;
  }

  /** A CALL that a charger keeps and repeats until it is answered, as it does with everything of a transaction. */
  async deliver(message: Message): Promise<Json> {
    const deadline = Date.now() + DELIVER_MS;
    for (;;) {
      try {
        return await this.call(message);
      } catch (error) {
        const answered = error instanceof Error && 'rpcErrorCode' in error;
        if (answered || this.#left || Date.now() > deadline) throw error;
        await sleep(100);
      }
    }
  }

  boot(): Promise<Json> {
    return this.call(this.#dialect.boot());
  }

  heartbeat(): Promise<Json> {
    return this.call(['Heartbeat', {}]);
  }

  status(word: 'Available' | 'Occupied', evse = 1): Promise<Json> {
    return this.call(this.#dialect.status(evse, word));
  }

  async authorize(tag: string): Promise<string> {
    return this.#dialect.verdict(await this.call(this.#dialect.authorize(tag)));
  }

  /** Boots and says that its one EVSE is free. */
  async settle(): Promise<void> {
    await this.boot();
    await this.status('Available');
  }

  async start(tag: string, wh: number, more: { evse?: number; remoteStartId?: number } = {}): Promise<Charge> {
    const { evse = 1, remoteStartId } = more;
    this.wh = wh;
    const id = this.version === '1.6' ? undefined : randomUUID();
    const charge: Charge = { evse, tag, id, remoteStartId, seqNo: 0 };
    const answer = await this.deliver(this.#dialect.begin(charge, wh, new Date()));
    if (this.version === '1.6') charge.id = answer.transactionId as number;
    this.charges.push(charge);
    return charge;
  }

  async meter(wh: number): Promise<Json> {
    this.wh = wh;
    return this.deliver(this.#dialect.meter(this.#charge(), wh, new Date()));
  }

  async stop(wh: number, reason = 'Local'): Promise<Json> {
    this.wh = wh;
    const charge = this.#charge();
    const answer = await this.deliver(this.#dialect.end(charge, wh, new Date(), reason));
    this.charges.splice(this.charges.indexOf(charge), 1);
    return answer;
  }

  #charge(): Charge {
    const charge = this.charges.at(-1);
    if (charge === undefined) throw new Error('nothing charges');
    return charge;
  }

  /** The remote start and stop of its version: accepted, and done after the answer has left. */
  #obey(): void {
    const after = (work: () => Promise<unknown>) => {
      this.remoteWork = this.remoteWork.then(async () => {
        await sleep(20);
        await work();
      });
      // Whoever waits for it sees the error; nobody may be waiting yet.
      this.remoteWork.catch(() => undefined);
      return { status: 'Accepted' };
    };
    const start = (tag: string, evse: unknown, remoteStartId?: number) =>
      after(async () => {
        const more = { evse: Number(evse ?? 1), ...(remoteStartId !== undefined && { remoteStartId }) };
        await this.status('Occupied', more.evse);
        await this.start(tag, this.wh, more);
      });
    const stop = (id: unknown) => {
      if (this.charges.at(-1)?.id !== id) return { status: 'Rejected' };
      return after(() => this.stop(this.wh, 'Remote'));
    };
    this.client.handle('RemoteStartTransaction', async ({ params = {} }) =>
      start(String(params.idTag), params.connectorId),
    );
    this.client.handle('RequestStartTransaction', async ({ params = {} }) =>
      start(String((params.idToken as Json).idToken), params.evseId, Number(params.remoteStartId)),
    );
    this.client.handle('RemoteStopTransaction', async ({ params = {} }) => stop(params.transactionId));
    this.client.handle('RequestStopTransaction', async ({ params = {} }) => stop(params.transactionId));
  }
}
