/** The in-process twin of a NATS connection: the same meaning, no server. */
import type { Logger } from '@sigec/runtime';
import type {
  Bus,
  BusMessage,
  BusStatus,
  BusSubscription,
  EventStream,
  PublishOptions,
  SubscribeOptions,
} from './bus.js';
import { BusPayloadError, BusTimeoutError, BusUnavailableError, NoRespondersError } from './errors.js';
import { memoryEvents } from './memory-events.js';
import { MAX_PAYLOAD, type MemorySubscription, Switchboard } from './memory-hub.js';
import { StatusBoard } from './status.js';
import { assertPattern, assertQueue, assertSubject } from './subject.js';

/** A bus inside this process; each role has a connection of its own. */
export interface MemoryBusHub {
  /** A new connection; while the hub is down it starts disconnected. */
  connect(name: string): Bus;
  /** Cuts every connection, or those of one name, as the death of a server would: what is on its way is lost. */
  disconnectAll(name?: string): void;
  /** Brings them back, with their subscriptions. */
  reconnectAll(name?: string): void;
}

interface Pending {
  resolve(data: Uint8Array): void;
  reject(error: Error): void;
  readonly subject: string;
  readonly timer: NodeJS.Timeout;
}

let connections = 0;

export class MemoryBus implements Bus {
  readonly maxPayload = MAX_PAYLOAD;
  readonly events: EventStream;
  /** Rises with each loss of the connection. */
  epoch = 0;
  readonly #board: Switchboard;
  readonly #status: StatusBoard;
  readonly #subscriptions = new Set<MemorySubscription>();
  readonly #inbox = `_INBOX.m${++connections}`;
  readonly #requests = new Map<string, Pending>();
  #requestCounter = 0;

  constructor(
    readonly name: string,
    board: Switchboard,
    up: boolean,
    logger: Logger | undefined,
  ) {
    this.#board = board;
    this.#status = new StatusBoard(up ? 'connected' : 'disconnected', logger);
    this.events = memoryEvents(board.events, this);
  }

  get status(): BusStatus {
    return this.#status.status;
  }

  onStatus(listener: (status: BusStatus) => void): () => void {
    return this.#status.listen(listener);
  }

  assertConnected(): void {
    if (this.status !== 'connected') throw new BusUnavailableError(`the bus is ${this.status}`);
  }

  publish(subject: string, data: Uint8Array, options?: PublishOptions): void {
    assertSubject(subject);
    if (options?.replyTo !== undefined) assertSubject(options.replyTo);
    if (data.length > this.maxPayload) throw new BusPayloadError(data.length, this.maxPayload);
    this.assertConnected();
    this.#board.route(this, subject, data, options?.replyTo);
  }

  /** An answer to a message this connection got: never throws. */
  answer(replyTo: string, data: Uint8Array): void {
    if (this.status !== 'connected' || data.length > this.maxPayload) return;
    try {
      this.#board.route(this, replyTo, data, undefined);
    } catch {
      // Too much on its way: the asker times out, as over a network.
    }
  }

  subscribe(subject: string, handler: (message: BusMessage) => void, options?: SubscribeOptions): BusSubscription {
    assertPattern(subject);
    assertQueue(options?.queue);
    if (this.status === 'closed') throw new BusUnavailableError('the bus is closed');
    const subscription: MemorySubscription = { owner: this, subject, handler, queue: options?.queue, active: true };
    this.#subscriptions.add(subscription);
    this.#board.add(subscription);
    return { unsubscribe: () => this.#end(subscription) };
  }

  #end(subscription: MemorySubscription): void {
    subscription.active = false;
    if (this.#subscriptions.delete(subscription)) this.#board.remove(subscription);
  }

  async request(subject: string, data: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (this.#requestCounter === 0) this.subscribe(`${this.#inbox}.*`, (message) => this.#answered(message));
    const replyTo = `${this.#inbox}.${++this.#requestCounter}`;
    this.publish(subject, data, { replyTo });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#requests.delete(replyTo);
        reject(new BusTimeoutError(subject, timeoutMs));
      }, timeoutMs);
      this.#requests.set(replyTo, { resolve, reject, subject, timer });
    });
  }

  #answered(message: BusMessage): void {
    const request = this.#requests.get(message.subject);
    if (!request) return;
    this.#requests.delete(message.subject);
    clearTimeout(request.timer);
    if (message.noResponders) request.reject(new NoRespondersError(request.subject));
    else request.resolve(message.data);
  }

  async flush(): Promise<void> {
    this.assertConnected();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** For the hub: the connection is lost, or back. */
  switch(up: boolean): void {
    if (!up) this.epoch += 1;
    this.#status.set(up ? 'connected' : 'disconnected');
  }

  async close(): Promise<void> {
    if (this.status === 'closed') return;
    this.#status.set('closed');
    for (const subscription of [...this.#subscriptions]) this.#end(subscription);
    for (const request of this.#requests.values()) {
      clearTimeout(request.timer);
      request.reject(new BusUnavailableError('the bus is closed'));
    }
    this.#requests.clear();
  }
}

/** A hub with no connection yet. */
export function createMemoryBus(options: { readonly logger?: Logger } = {}): MemoryBusHub {
  const board = new Switchboard(options.logger);
  const open = new Set<MemoryBus>();
  let up = true;
  const each = (name: string | undefined, next: boolean): void => {
    if (name === undefined) up = next;
    for (const bus of [...open]) if (name === undefined || bus.name === name) bus.switch(next);
  };
  return {
    connect: (name) => {
      const bus = new MemoryBus(name, board, up, options.logger);
      open.add(bus);
      bus.onStatus((status) => {
        if (status === 'closed') open.delete(bus);
      });
      return bus;
    },
    disconnectAll: (name) => each(name, false),
    reconnectAll: (name) => each(name, true),
  };
}
