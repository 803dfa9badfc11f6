/** A connection to NATS as a bus. */
import type { CounterSeries, Logger } from '@sigec/runtime';
import { Events, type Msg, type NatsConnection } from 'nats';
import type {
  Bus,
  BusMessage,
  BusStatus,
  BusSubscription,
  EventStream,
  PublishOptions,
  SubscribeOptions,
} from './bus.js';
import { BusPayloadError, BusUnavailableError } from './errors.js';
import { codeOf, toBusError } from './nats-errors.js';
import { NatsEvents } from './nats-events.js';
import type { NatsOptions } from './nats-options.js';
import { StatusBoard } from './status.js';
import { assertPattern, assertQueue, assertSubject } from './subject.js';

/** After so many bytes the server is asked whether it has got them. */
const CHECK_BYTES = 1024 * 1024;
/** Most bytes the server has not confirmed: beyond, a server that reads nothing would fill this process's memory. */
const MAX_UNCONFIRMED = 64 * 1024 * 1024;
const FLUSH_MS = 10_000;

/** A view of a message; made for each one, so it holds nothing but the client's own. */
class NatsMessage implements BusMessage {
  readonly #message: Msg;
  readonly #bus: NatsBus;
  constructor(message: Msg, bus: NatsBus) {
    this.#message = message;
    this.#bus = bus;
  }
  get subject(): string {
    return this.#message.subject;
  }
  get data(): Uint8Array {
    return this.#message.data;
  }
  get noResponders(): boolean {
    // Headers are only looked at where there is nothing else.
    return this.#message.data.length === 0 && this.#message.headers?.code === 503;
  }
  respond(data: Uint8Array): void {
    const { reply } = this.#message;
    if (reply) this.#bus.answer(reply, data);
  }
}

export class NatsBus implements Bus {
  readonly events: EventStream;
  readonly #connection: NatsConnection;
  readonly #logger: Logger;
  readonly #status: StatusBoard;
  readonly #failures: CounterSeries | undefined;
  #maxPayload: number;
  #unconfirmed = 0;
  #confirming = false;
  #closing: Promise<void> | undefined;

  constructor(connection: NatsConnection, options: NatsOptions) {
    const { logger, metrics } = options;
    this.#connection = connection;
    this.#logger = logger;
    this.#status = new StatusBoard('connected', logger);
    this.#maxPayload = connection.info?.max_payload ?? 1_048_576;
    this.#failures = metrics?.counter({
      name: 'sigec_bus_handler_errors_total',
      help: 'Messages whose handler failed.',
    });
    metrics?.gauge({
      name: 'sigec_bus_connected',
      help: '1 while the bus is connected.',
      collect: () => (this.status === 'connected' ? 1 : 0),
    });
    metrics?.gauge({
      name: 'sigec_bus_unconfirmed_bytes',
      help: 'Bytes published that the server has not confirmed.',
      collect: () => this.#unconfirmed,
    });
    this.events = new NatsEvents(connection, this, options);
    void this.#watch();
    logger.info({ server: connection.getServer() }, 'bus: connected');
  }

  get status(): BusStatus {
    return this.#status.status;
  }

  get maxPayload(): number {
    return this.#maxPayload;
  }

  onStatus(listener: (status: BusStatus) => void): () => void {
    return this.#status.listen(listener);
  }

  async #watch(): Promise<void> {
    void this.#connection.closed().then((error) => {
      if (this.#closing === undefined)
        this.#logger.error({ code: codeOf(error) }, 'bus: the connection ended for good');
      this.#status.set('closed');
    });
    for await (const event of this.#connection.status()) {
      if (event.type === Events.Disconnect) {
        this.#unconfirmed = 0;
        if (this.#closing === undefined) this.#logger.warn({ server: event.data }, 'bus: disconnected');
        this.#status.set('disconnected');
      } else if (event.type === Events.Reconnect) {
        this.#maxPayload = this.#connection.info?.max_payload ?? this.#maxPayload;
        this.#logger.info({ server: event.data }, 'bus: connected again');
        this.#status.set('connected');
      } else if (event.type === Events.Error) {
        this.#logger.error(
          { code: event.data, permission: event.permissionContext },
          'bus: the server refused something',
        );
      }
    }
  }

  #assertSendable(data: Uint8Array): void {
    if (this.status !== 'connected') throw new BusUnavailableError(`the bus is ${this.status}`);
    if (data.length > this.#maxPayload) throw new BusPayloadError(data.length, this.#maxPayload);
    if (this.#unconfirmed > MAX_UNCONFIRMED) throw new BusUnavailableError('the bus takes less than is published');
  }

  /** Counts what is on its way, and asks the server now and then how far it has read. */
  #sent(data: Uint8Array): void {
    this.#unconfirmed += data.length;
    if (this.#unconfirmed < CHECK_BYTES || this.#confirming) return;
    this.#confirming = true;
    const asked = this.#unconfirmed;
    const confirmed = (): void => {
      this.#confirming = false;
      this.#unconfirmed = Math.max(0, this.#unconfirmed - asked);
    };
    // A lost connection rejects: nothing is on its way any more.
    this.#connection.flush().then(confirmed, confirmed);
  }

  publish(subject: string, data: Uint8Array, options?: PublishOptions): void {
    assertSubject(subject);
    if (options?.replyTo !== undefined) assertSubject(options.replyTo);
    this.#assertSendable(data);
    try {
      this.#connection.publish(subject, data, options?.replyTo === undefined ? undefined : { reply: options.replyTo });
    } catch (error) {
      throw toBusError(error, subject, 0, data.length, this.#maxPayload);
    }
    this.#sent(data);
  }

  /** An answer to a message this connection got: never throws, as the asker's deadline covers what is lost. */
  answer(replyTo: string, data: Uint8Array): void {
    if (this.status !== 'connected') return;
    try {
      this.#connection.publish(replyTo, data);
      this.#sent(data);
    } catch (error) {
      this.#logger.warn({ code: codeOf(error), bytes: data.length }, 'bus: an answer could not be sent');
    }
  }

  subscribe(subject: string, handler: (message: BusMessage) => void, options?: SubscribeOptions): BusSubscription {
    assertPattern(subject);
    assertQueue(options?.queue);
    if (this.status === 'closed') throw new BusUnavailableError('the bus is closed');
    const callback = (error: Error | null, message: Msg): void => {
      if (error) {
        this.#logger.error({ code: codeOf(error), subject }, 'bus: the server ended a subscription');
        return;
      }
      // What a handler throws would end the reader of the whole connection.
      try {
        handler(new NatsMessage(message, this));
      } catch (err) {
        this.#failures?.inc();
        this.#logger.error({ err, subject: message.subject }, 'bus: a handler failed');
      }
    };
    const queue = options?.queue;
    const subscription = this.#connection.subscribe(subject, queue === undefined ? { callback } : { callback, queue });
    return { unsubscribe: () => subscription.unsubscribe() };
  }

  async request(subject: string, data: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    assertSubject(subject);
    this.#assertSendable(data);
    try {
      return (await this.#connection.request(subject, data, { timeout: Math.max(1, timeoutMs) })).data;
    } catch (error) {
      throw toBusError(error, subject, timeoutMs, data.length, this.#maxPayload);
    }
  }

  async flush(): Promise<void> {
    if (this.status !== 'connected') throw new BusUnavailableError(`the bus is ${this.status}`);
    if (!(await within(this.#connection.flush(), FLUSH_MS))) throw new BusUnavailableError('the bus does not answer');
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.status === 'closed') return;
    if (this.status === 'connected') await within(this.#connection.drain(), 2000);
    await this.#connection.close();
    this.#status.set('closed');
  }
}

/** True where the promise resolved in time; false where it rejected or did not. */
async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([
      promise.then(
        () => true,
        () => false,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
