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
  type UplinkItem,
  unpackUplink,
  WORKER_QUEUE,
} from '@sigec/contract';
import type { Warning } from '@sigec/ocpp';
import { type Logger, type Metrics, traced } from '@sigec/runtime';
import { type Database, isTransient } from '@sigec/store';
import type { LastSeen } from './background/last-seen.js';
import type { LogWriter } from './background/log-writer.js';
import { answerCalls } from './calls.js';
import { Lane } from './lane.js';
import { type From, type Outcome, wantsFrame } from './outcome.js';
import type { Codecs } from './parse.js';
import { Replies } from './replies.js';
import { answerConnects, answerDisconnects } from './sessions.js';
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

/** Just over a microsecond, so that two times stay two when they are kept in microseconds, ms. */
const STEP_MS = 0.00125;
/** A connection that waited here longer than this is not checked: its edge has sent the charger away. ms. */
const CONNECT_LIFETIME_MS = 10_000;
/** Waiting messages per place in a batch; beyond it messages are left to be sent again. */
const WAITING_BATCHES = 64;

export class Consumer {
  readonly #deps: ConsumerDeps;
  readonly #calls: Lane<From<CallItem>>;
  readonly #connects: Lane<From<ConnectItem>>;
  readonly #disconnects: Lane<From<DisconnectItem>>;
  /** Items being worked on, so that one that is sent again meanwhile is not done twice at once. */
  readonly #busy = new Set<string>();
  #answeredAt = 0;
  readonly #counts;
  readonly #subscription;

  constructor(deps: ConsumerDeps) {
    this.#deps = deps;
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
    };
    const lane = <Item>(name: string, parallel: number, run: (batch: From<Item>[]) => Promise<void>) =>
      new Lane<From<Item>>({
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
    this.#calls = lane<CallItem>('calls', settings.parallelBatches, (batch) => this.#runCalls(batch));
    this.#connects = lane<ConnectItem>('connects', 1, (batch) => this.#runConnects(batch));
    this.#disconnects = lane<DisconnectItem>('disconnects', 1, (batch) => this.#runDisconnects(batch));
    this.#subscription = deps.bus.subscribe(UP_WILDCARD, (message) => this.#take(message), { queue: WORKER_QUEUE });
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
    const since = Date.now();
    for (const item of batch.items) this.#sort({ edgeId: batch.edgeId, item, since });
  }

  #sort({ edgeId, item, since }: From<UplinkItem>): void {
    if (item.kind === UPLINK.record) {
      this.#record(item);
      return;
    }
    const key = `${edgeId}:${item.seq}`;
    if (this.#busy.has(key)) return;
    const taken =
      item.kind === UPLINK.connect
        ? // New connections are shed first: they get half the room.
          this.#connects.waiting < this.#deps.settings.batchMax * (WAITING_BATCHES / 2) &&
          this.#connects.push({ edgeId, item, since })
        : item.kind === UPLINK.disconnect
          ? this.#disconnects.push({ edgeId, item, since })
          : this.#calls.push({ edgeId, item, since });
    if (taken) this.#busy.add(key);
    else this.#counts.shed.with({ lane: item.kind === UPLINK.connect ? 'connects' : 'calls' }).inc();
  }

  async #runCalls(batch: From<CallItem>[]): Promise<void> {
    const oldest = Date.now() - this.#deps.settings.messageLifetimeMs;
    try {
      await answerCalls(
        { ...this.#deps, warned: (item, warnings) => this.#warned(item, warnings) },
        batch.filter(({ since }) => since >= oldest),
        (outcomes) => this.#answer(outcomes),
      );
    } finally {
      this.#release(batch);
    }
  }

  #warned({ stationId, action }: CallItem, warnings: readonly Warning[]): void {
    for (const { kind } of warnings) this.#counts.warnings.with({ kind }).inc();
    this.#deps.logger.debug({ station: stationId, action, warnings }, 'accepted against its schema');
  }

  #answer(outcomes: readonly Outcome[]): void {
    const replies = new Replies();
    for (const { from, type, frame, text, booted } of outcomes) {
      const { edgeId, item } = from;
      const { seq } = item;
      if (type === 'stale') replies.add(edgeId, { kind: REPLY.stale, seq });
      else if (wantsFrame(item)) replies.add(edgeId, { kind: REPLY.frame, seq, text: frame, booted });
      else replies.add(edgeId, { kind: REPLY.done, seq });
      this.#counts.messages.with({ action: item.action, outcome: type }).inc();
      if (type === 'stale') continue;
      const { stationId, epoch, at } = item;
      this.#deps.lastSeen.note({ stationId, epoch, edgeId, at });
      this.#logCall(item, wantsFrame(item) ? type : null, text);
    }
    replies.send(this.#deps.bus, this.#deps.logger);
  }

  #logCall(item: CallItem, answer: 'result' | 'error' | null, text: string): void {
    const { log } = this.#deps;
    const common = { stationId: item.stationId, messageId: item.id, action: item.action };
    const type = item.kind === UPLINK.call ? 'call' : 'send';
    log.add(item.version, { ...common, at: item.at, leg: 0, direction: 'in', type, payload: item.payload });
    if (answer === null) return;
    // Never before the call, whatever the clocks of the two machines say.
    const at = Math.max(this.#answerTime(), item.at);
    log.add(item.version, { ...common, at, leg: 1, direction: 'out', type: answer, payload: text });
  }

  /**
   * A time of its own for each answer: two of one station in the same millisecond would be one row of the log. Half a
   * millisecond back, so that it stands before the next CALL, which an answered charger may send within this one.
   */
  #answerTime(): number {
    this.#answeredAt = Math.max(this.#answeredAt + STEP_MS, Date.now() - 0.5);
    return this.#answeredAt;
  }

  #record({ stationId, at, direction, type, id, action, text }: RecordItem): void {
    const leg = type === 'result' || type === 'error' ? 1 : 0;
    // The edge hid the secrets already: it knows the version.
    this.#deps.log.add('', { stationId, at, leg, direction, type, messageId: id, action, payload: text });
  }

  async #runConnects(batch: From<ConnectItem>[]): Promise<void> {
    const { db, settings, bus, logger } = this.#deps;
    const replies = new Replies();
    const oldest = Date.now() - CONNECT_LIFETIME_MS;
    // Or each wave of a storm would be worked through for chargers that are back in the next one (field.md 7).
    const waiting = batch.filter(({ since }) => since >= oldest);
    try {
      const answers = await answerConnects(db, waiting, settings.registerUnknownIn, logger);
      answers.forEach((reply, index) => {
        replies.add((waiting[index] as From<ConnectItem>).edgeId, reply);
      });
      replies.send(bus, logger);
      this.#deps.committed();
    } catch (error) {
      if (!isTransient(error)) throw error;
      logger.warn({ err: error, attempts: waiting.length }, 'connections not checked; their edges will ask again');
    } finally {
      this.#release(batch);
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
      this.#release(batch);
    }
  }

  #release(batch: readonly From<{ seq: number }>[]): void {
    for (const { edgeId, item } of batch) this.#busy.delete(`${edgeId}:${item.seq}`);
  }
}
