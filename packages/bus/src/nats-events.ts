/** The stream EVENTS on JetStream: made where missing, appended to under ids, followed in order. */
import type { Logger } from '@sigec/runtime';
import {
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
  NatsError,
  nanos,
  RetentionPolicy,
  StorageType,
} from 'nats';
import type { Bus, BusSubscription, EventStream, StreamEvent, StreamPage, StreamState } from './bus.js';
import { BusPayloadError, BusUnavailableError } from './errors.js';
import { codeOf, toBusError } from './nats-errors.js';
import { NatsFollower } from './nats-follower.js';
import { inboxPrefixOf, type NatsOptions } from './nats-options.js';
import { readStream } from './nats-reader.js';
import { assertEventSubject, assertPattern, assertSubject } from './subject.js';

export const EVENT_STREAM = 'EVENTS';
const API_MS = 5000;
const WEEK_MS = 7 * 24 * 3_600_000;
const DUPLICATES_MS = 120_000;

export class NatsEvents implements EventStream {
  readonly #connection: NatsConnection;
  readonly #bus: Bus;
  readonly #logger: Logger;
  readonly #options: NatsOptions;
  readonly #client: JetStreamClient;
  #manager: Promise<JetStreamManager> | undefined;

  constructor(connection: NatsConnection, bus: Bus, options: NatsOptions) {
    this.#connection = connection;
    this.#bus = bus;
    this.#logger = options.logger;
    this.#options = options;
    this.#client = connection.jetstream({ timeout: API_MS });
  }

  /** The manager, once the stream is known to exist. Asked again after a failure. */
  #ready(): Promise<JetStreamManager> {
    this.#manager ??= this.#ensure().catch((error) => {
      this.#manager = undefined;
      throw error;
    });
    return this.#manager;
  }

  async #ensure(): Promise<JetStreamManager> {
    const manager = await this.#connection.jetstreamManager({ checkAPI: false, timeout: API_MS });
    try {
      await manager.streams.info(EVENT_STREAM);
      return manager;
    } catch (error) {
      if (!(error instanceof NatsError) || error.api_error?.code !== 404) throw error;
    }
    // Processes that start together ask for the same, and the server makes one. A stream that is there stays as it is:
    // its size and copies are the operator's.
    await manager.streams.add({
      name: EVENT_STREAM,
      subjects: ['events.>'],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      max_age: nanos(WEEK_MS),
      max_bytes: this.#options.eventMaxBytes ?? 1024 * 1024 * 1024,
      duplicate_window: nanos(DUPLICATES_MS),
      num_replicas: this.#options.eventReplicas ?? 1,
    });
    this.#logger.info({ stream: EVENT_STREAM }, 'bus: the stream of events was made');
    return manager;
  }

  #assertConnected(): void {
    if (this.#bus.status !== 'connected') throw new BusUnavailableError(`the bus is ${this.#bus.status}`);
  }

  #failed(error: unknown, subject: string, size: number): Error {
    // Of JetStream "nobody listens" means that it, or its stream, is not there (yet).
    if (codeOf(error) === '503') return new BusUnavailableError('the stream of events is away', { cause: error });
    return toBusError(error, subject, API_MS, size, this.#bus.maxPayload);
  }

  async append(id: string, subject: string, data: Uint8Array): Promise<void> {
    assertSubject(subject);
    assertEventSubject('subject', subject);
    if (data.length > this.#bus.maxPayload) throw new BusPayloadError(data.length, this.#bus.maxPayload);
    this.#assertConnected();
    try {
      await this.#ready();
      await this.#client.publish(subject, data, { msgID: id, expect: { streamName: EVENT_STREAM } });
    } catch (error) {
      if (codeOf(error) === '503') this.#manager = undefined;
      throw this.#failed(error, subject, data.length);
    }
  }

  async follow(
    filter: string,
    handler: (event: StreamEvent) => void,
    options?: { readonly fromSequence?: number },
  ): Promise<BusSubscription> {
    assertPattern(filter);
    assertEventSubject('filter', filter);
    this.#assertConnected();
    const follower = new NatsFollower({
      connection: this.#connection,
      manager: () => this.#ready(),
      bus: this.#bus,
      logger: this.#logger,
      stream: EVENT_STREAM,
      filter,
      handler,
      from: options?.fromSequence,
      inboxPrefix: inboxPrefixOf(this.#options),
    });
    try {
      await follower.start();
    } catch (error) {
      follower.unsubscribe();
      throw this.#failed(error, filter, 0);
    }
    return follower;
  }
  async state(): Promise<StreamState> {
    this.#assertConnected();
    try {
      const manager = await this.#ready();
      const { created, state } = await manager.streams.info(EVENT_STREAM);
      return { made: Date.parse(String(created)), first: Math.max(1, state.first_seq), last: state.last_seq };
    } catch (error) {
      this.#manager = undefined;
      throw this.#failed(error, EVENT_STREAM, 0);
    }
  }

  async read(filter: string, after: number, limit: number): Promise<StreamPage> {
    assertPattern(filter);
    assertEventSubject('filter', filter);
    this.#assertConnected();
    try {
      const manager = await this.#ready();
      const inbox = inboxPrefixOf(this.#options);
      return await readStream(
        { connection: this.#connection, manager, stream: EVENT_STREAM, inbox },
        filter,
        after,
        limit,
      );
    } catch (error) {
      throw this.#failed(error, filter, 0);
    }
  }
}
