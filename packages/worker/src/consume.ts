/** Takes batches off the bus, sorts their items into lanes, and sends the replies. */
import type { Bus, BusMessage } from '@sigec/bus';
import {
  type CallItem,
  type ConnectItem,
  type DisconnectItem,
  REPLY,
  type RecordItem,
  UP_WILDCARD,
  UPLINK,
  unpackUplink,
  WORKER_QUEUE,
} from '@sigec/contract';
import type { Warning } from '@sigec/ocpp';
import { type CounterSeries, type Logger, type Metrics, traced } from '@sigec/runtime';
import { type Database, isTransient } from '@sigec/store';
import type { LastSeen } from './background/last-seen.js';
import type { LogWriter } from './background/log-writer.js';
import { type CallsDeps, commitCalls, receiveCall, type Work } from './calls.js';
import { Lane } from './lane.js';
import { type From, type Outcome, wantsFrame } from './outcome.js';
import type { Codecs } from './parse.js';
import { Replies } from './replies.js';
import { answerConnects, answerDisconnects, type ConnectsDeps } from './sessions.js';
import type { WorkerSettings } from './settings.js';

export interface ConsumerDeps {
  readonly bus: Bus;
  readonly db: Database;
  readonly codecs: Codecs;
  readonly settings: WorkerSettings;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly log: LogWriter;
  readonly lastSeen: LastSeen;
  /** Called after a commit that wrote events: there is something to relay. */
  readonly committed: () => void;
}

/** A connection that waited here longer than this is not checked: its edge has sent the charger away. ms. */
const CONNECT_LIFETIME_MS = 10_000;
/** Waiting messages per place in a batch; beyond it messages are left to be sent again. */
const WAITING_BATCHES = 64;
/** Waiting items from which on what nobody waits for steps back. */
const PRESSED = 32;
/** More than any version of OCPP has. */
const ACTIONS_MAX = 256;

export class Consumer {
  readonly #deps: ConsumerDeps;
  readonly #calls: Lane<Work>;
  readonly #connects: Lane<From<ConnectItem>>;
  readonly #disconnects: Lane<From<DisconnectItem>>;
  /** By edge: items being worked on, so that one that is sent again meanwhile is not done twice at once. */
  readonly #busy = new Map<string, Set<number>>();
  readonly #counts;
  readonly #series: Readonly<Record<Outcome['type'], Map<string, CounterSeries>>> = {
    result: new Map(),
    error: new Map(),
    stale: new Map(),
  };
  readonly #callsDeps: CallsDeps;
  readonly #connectsDeps: ConnectsDeps;
  readonly #subscription;

  constructor(deps: ConsumerDeps) {
    this.#deps = deps;
    this.#callsDeps = { ...deps, warned: (item, warnings) => this.#warned(item, warnings) };
    const { settings, metrics } = deps;
    this.#counts = {
      messages: metrics.counter({
        name: 'sigec_worker_messages_total',
        help: 'Charger messages answered, by action and outcome',
        labels: ['action', 'outcome'],
        maxSeries: 400,
      }),
      warnings: metrics.counter({
        name: 'sigec_worker_schema_warnings_total',
        help: 'Fields accepted against their schema, by kind of leniency',
        labels: ['kind'],
      }),
      batches: metrics.histogram({
        name: 'sigec_worker_batch_size',
        help: 'Messages per batch',
        labels: ['lane'],
        buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
      }),
      seconds: metrics.histogram({ name: 'sigec_worker_batch_seconds', help: 'Time per batch', labels: ['lane'] }),
      shed: metrics.counter({
        name: 'sigec_worker_shed_total',
        help: 'Items refused by a full lane',
        labels: ['lane'],
      }),
      bad: metrics.counter({ name: 'sigec_worker_bad_envelopes_total', help: 'Envelopes that could not be read' }),
      flapping: metrics.counter({
        name: 'sigec_worker_flapping_total',
        help: 'Stations that connected too often and are held back for a while',
      }),
    };
    this.#connectsDeps = {
      ...{ db: deps.db, logger: deps.logger, flap: settings.flap, registerUnknownIn: settings.registerUnknownIn },
      tripped: (identity) => {
        this.#counts.flapping.inc();
        deps.logger.warn({ station: identity, ...settings.flap }, 'station connects too often; held back for a while');
      },
    };
    const lane = <Item>(name: string, parallel: number, run: (batch: Item[]) => Promise<void>) =>
      new Lane<Item>({
        batchMax: settings.batchMax,
        parallel,
        waitingMax: settings.batchMax * WAITING_BATCHES,
        run: async (batch) => {
          const start = performance.now();
          const attributes = { 'sigec.messages': batch.length };
          await traced(`batch ${name}`, attributes, () => run(batch)).catch((error: unknown) =>
            this.#deps.logger.error({ err: error, lane: name }, 'batch failed'),
          );
          this.#counts.batches.with({ lane: name }).observe(batch.length);
          this.#counts.seconds.with({ lane: name }).observe((performance.now() - start) / 1000);
        },
      });
    this.#calls = lane<Work>('calls', settings.parallelBatches, (batch) => this.#runCalls(batch));
    this.#connects = lane<From<ConnectItem>>('connects', 1, (batch) => this.#runConnects(batch));
    this.#disconnects = lane<From<DisconnectItem>>('disconnects', 1, (batch) => this.#runDisconnects(batch));
    this.#subscription = deps.bus.subscribe(UP_WILDCARD, (message) => this.#take(message), { queue: WORKER_QUEUE });
  }

  /** More waits than is being worked on. */
  get pressed(): boolean {
    return this.#connects.waiting + this.#calls.waiting > PRESSED;
  }

  /** Takes nothing more, finishes what it has, answers it. */
  async close(): Promise<void> {
    this.#subscription.unsubscribe();
    await Promise.all([this.#calls.drained(), this.#connects.drained(), this.#disconnects.drained()]);
  }

  #take(message: BusMessage): void {
    let batch: ReturnType<typeof unpackUplink>;
    try {
      batch = unpackUplink(message.data);
    } catch (error) {
      this.#counts.bad.inc();
      this.#deps.logger.error({ err: error, subject: message.subject }, 'uplink batch could not be read');
      return;
    }
    const { edgeId, items } = batch;
    const since = Date.now();
    const busy = this.#busyOf(edgeId);
    const ready: Outcome[] = [];
    for (const item of items) {
      if (item.kind === UPLINK.record) this.#record(item);
      else if (busy.has(item.seq)) continue;
      else if (item.kind === UPLINK.connect)
        this.#keep(busy, item.seq, 'connects', this.#connect({ edgeId, item, since }));
      else if (item.kind === UPLINK.disconnect)
        this.#keep(busy, item.seq, 'calls', this.#disconnects.push({ edgeId, item, since }));
      else {
        const received = receiveCall(this.#callsDeps, { edgeId, item, since }, since);
        if ('routed' in received) this.#keep(busy, item.seq, 'calls', this.#calls.push(received));
        else ready.push(received);
      }
    }
    if (ready.length > 0) this.#answer(ready);
  }

  /** New connections are shed first: they get half the room. */
  #connect(from: From<ConnectItem>): boolean {
    const room = this.#deps.settings.batchMax * (WAITING_BATCHES / 2);
    return this.#connects.waiting < room && this.#connects.push(from);
  }

  #keep(busy: Set<number>, seq: number, lane: string, taken: boolean): void {
    if (taken) busy.add(seq);
    else this.#counts.shed.with({ lane }).inc();
  }

  async #runCalls(batch: Work[]): Promise<void> {
    const oldest = Date.now() - this.#deps.settings.messageLifetimeMs;
    try {
      await commitCalls(
        this.#callsDeps,
        batch.filter(({ from }) => from.since >= oldest),
        (outcomes) => this.#answer(outcomes),
      );
    } finally {
      for (const { from } of batch) this.#release(from);
    }
  }

  #warned({ stationId, action }: CallItem, warnings: readonly Warning[]): void {
    for (const { kind } of warnings) this.#counts.warnings.with({ kind }).inc();
    this.#deps.logger.debug({ station: stationId, action, warnings }, 'accepted against its schema');
  }

  #answer(outcomes: readonly Outcome[]): void {
    const replies = new Replies();
    const now = Date.now();
    for (const { from, type, frame, text, booted } of outcomes) {
      const { edgeId, item } = from;
      const { seq } = item;
      if (type === 'stale') replies.add(edgeId, { kind: REPLY.stale, seq });
      else if (wantsFrame(item)) replies.add(edgeId, { kind: REPLY.frame, seq, text: frame, booted });
      else replies.add(edgeId, { kind: REPLY.done, seq });
      this.#countOf(item.action, type).inc();
      if (type === 'stale') continue;
      const { stationId, epoch, at } = item;
      // A boot writes that time itself.
      if (item.action !== 'BootNotification') this.#deps.lastSeen.note(stationId, epoch, edgeId, at);
      this.#logCall(item, wantsFrame(item) ? type : null, text, now);
    }
    replies.send(this.#deps.bus, this.#deps.logger);
  }

  /** The series of an action and outcome; looked up by one key each instead of by a list of labels. */
  #countOf(action: string, outcome: Outcome['type']): CounterSeries {
    const ofOutcome = this.#series[outcome];
    const known = ofOutcome.get(action);
    if (known !== undefined) return known;
    const series = this.#counts.messages.with({ action, outcome });
    // An action is whatever a charger calls it: of those beyond the bound each is looked up.
    if (ofOutcome.size < ACTIONS_MAX) ofOutcome.set(action, series);
    return series;
  }

  #logCall(item: CallItem, answer: 'result' | 'error' | null, text: string, now: number): void {
    const { stationId, id: messageId, action, payload, at } = item;
    const type = item.kind === UPLINK.call ? 'call' : 'send';
    // Never before the call, whatever the clocks of the two machines say.
    const answered = answer === null ? null : { type: answer, at: Math.max(now, at), payload: text };
    const row = { stationId, at, direction: 'in', type, messageId, action, payload, answer: answered } as const;
    this.#deps.log.add(item.version, row);
  }

  #record({ stationId, at, direction, type, id, action, text }: RecordItem): void {
    // The edge hid the secrets already: it knows the version.
    this.#deps.log.add('', { stationId, at, direction, type, messageId: id, action, payload: text, answer: null });
  }

  async #runConnects(batch: From<ConnectItem>[]): Promise<void> {
    const { bus, logger } = this.#deps;
    const replies = new Replies();
    const oldest = Date.now() - CONNECT_LIFETIME_MS;
    // Or each wave of a storm would be worked through for chargers that are back in the next one (field.md 7).
    const waiting = batch.filter(({ since }) => since >= oldest);
    try {
      const answers = await answerConnects(this.#connectsDeps, waiting);
      answers.forEach((reply, index) => {
        replies.add((waiting[index] as From<ConnectItem>).edgeId, reply);
      });
      replies.send(bus, logger);
      this.#deps.committed();
    } catch (error) {
      if (!isTransient(error)) throw error;
      logger.warn({ err: error, attempts: waiting.length }, 'connections not checked; their edges will ask again');
    } finally {
      for (const from of batch) this.#release(from);
    }
  }

  async #runDisconnects(batch: From<DisconnectItem>[]): Promise<void> {
    const { db, bus, logger } = this.#deps;
    const replies = new Replies();
    try {
      await answerDisconnects(db, batch);
      for (const { edgeId, item } of batch) replies.add(edgeId, { kind: REPLY.done, seq: item.seq });
      replies.send(bus, logger);
      this.#deps.committed();
    } catch (error) {
      if (!isTransient(error)) throw error;
      logger.warn({ err: error, stations: batch.length }, 'disconnects not written; their edges will tell again');
    } finally {
      for (const from of batch) this.#release(from);
    }
  }

  #busyOf(edgeId: string): Set<number> {
    const known = this.#busy.get(edgeId);
    if (known !== undefined) return known;
    // Edges come and go under new names.
    for (const [other, seqs] of this.#busy) if (seqs.size === 0) this.#busy.delete(other);
    const made = new Set<number>();
    this.#busy.set(edgeId, made);
    return made;
  }

  #release({ edgeId, item }: From<{ seq: number }>): void {
    this.#busy.get(edgeId)?.delete(item.seq);
  }
}
