/**
 * Follows a stream in order and without a gap. The server pushes through a consumer that lives in its memory only; this
 * side knows how far it came, and makes a new consumer from there whenever the old one is lost, silent or has a gap.
 */
import { backoff, type Logger, sleep } from '@sigec/runtime';
import {
  AckPolicy,
  createInbox,
  DeliverPolicy,
  type JetStreamManager,
  type Msg,
  type NatsConnection,
  nanos,
  ReplayPolicy,
  type Subscription,
} from 'nats';
import type { Bus, BusSubscription, StreamEvent } from './bus.js';
import { codeOf } from './nats-errors.js';

export interface FollowerOptions {
  readonly connection: NatsConnection;
  readonly manager: () => Promise<JetStreamManager>;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly stream: string;
  readonly filter: string;
  readonly handler: (event: StreamEvent) => void;
  /** Where the consumer delivers to begins with it. */
  readonly inboxPrefix: string;
  /** Exclusive; undefined: only new events. */
  readonly from: number | undefined;
}

const HEARTBEAT_MS = 5000;
/** The server forgets a consumer nobody has heard for so long. */
const FORGOTTEN_MS = 60_000;

export class NatsFollower implements BusSubscription {
  readonly #options: FollowerOptions;
  readonly #ended = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #inbox: Subscription | undefined;
  #consumer: string | undefined;
  /** The last sequence of the stream that was handed on; undefined until the start is known. */
  #position: number | undefined;
  /** How many events the present consumer has sent. */
  #delivered = 0;
  #heard = 0;
  #renewing = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#position = options.from;
    this.#timer = setInterval(() => {
      if (performance.now() - this.#heard > 3 * HEARTBEAT_MS) this.#renew('silent');
    }, HEARTBEAT_MS);
    this.#timer.unref();
    this.#stopListening = options.bus.onStatus((status) => {
      if (status === 'connected') this.#renew('reconnected');
      if (status === 'closed') this.unsubscribe();
    });
  }

  /** Makes the first consumer. Rejects where that fails; later ones are tried until they succeed. */
  start(): Promise<void> {
    return this.#attach();
  }

  unsubscribe(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    clearInterval(this.#timer);
    this.#stopListening();
    this.#detach();
  }

  #detach(): void {
    this.#inbox?.unsubscribe();
    this.#inbox = undefined;
    const old = this.#consumer;
    this.#consumer = undefined;
    if (old === undefined || this.#options.bus.status !== 'connected') return;
    // Best effort: without it the server forgets the consumer by itself.
    this.#options
      .manager()
      .then((manager) => manager.consumers.delete(this.#options.stream, old))
      .catch(() => {});
  }

  async #attach(): Promise<void> {
    const { connection, stream, filter } = this.#options;
    this.#detach();
    this.#heard = performance.now();
    const manager = await this.#options.manager();
    const { last_seq: last } = (await manager.streams.info(stream)).state;
    // A stream that was made anew counts from one again.
    const position = this.#position === undefined ? last : this.#position > last ? 0 : this.#position;
    this.#position = position;
    if (this.#ended.signal.aborted) return;
    this.#delivered = 0;
    const inbox = createInbox(this.#options.inboxPrefix);
    const subscription = connection.subscribe(inbox, {
      callback: (error, message) => this.#hear(error, message, inbox),
    });
    this.#inbox = subscription;
    const info = await manager.consumers.add(stream, {
      deliver_subject: inbox,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: position + 1,
      replay_policy: ReplayPolicy.Instant,
      ack_policy: AckPolicy.None,
      filter_subject: filter,
      flow_control: true,
      idle_heartbeat: nanos(HEARTBEAT_MS),
      inactive_threshold: nanos(FORGOTTEN_MS),
      max_deliver: 1,
      num_replicas: 1,
    });
    if (this.#inbox !== subscription) return;
    this.#consumer = info.name;
    this.#heard = performance.now();
  }

  #renew(reason: string): void {
    if (this.#renewing || this.#ended.signal.aborted || this.#options.bus.status !== 'connected') return;
    this.#renewing = true;
    this.#options.logger.debug({ filter: this.#options.filter, reason }, 'bus: events are followed anew');
    void this.#untilAttached(reason).finally(() => {
      this.#renewing = false;
    });
  }

  async #untilAttached(reason: string): Promise<void> {
    const delays = backoff({ baseMs: 100, maxMs: 5000 });
    // While disconnected it stops: the reconnection begins anew.
    while (!this.#ended.signal.aborted && this.#options.bus.status === 'connected') {
      try {
        await this.#attach();
        return;
      } catch (error) {
        const { logger, filter } = this.#options;
        logger.warn({ filter, reason, code: codeOf(error) }, 'bus: events cannot be followed yet, tries again');
        await sleep(delays.next().value, this.#ended.signal);
      }
    }
  }

  #hear(error: Error | null, message: Msg, inbox: string): void {
    // What an older consumer sent is late: its events come again.
    if (this.#ended.signal.aborted || this.#inbox?.getSubject() !== inbox) return;
    if (error) {
      this.#renew(codeOf(error));
      return;
    }
    this.#heard = performance.now();
    if (message.data.length === 0 && message.headers?.code === 100) {
      this.#control(message);
      return;
    }
    const { streamSequence, deliverySequence } = sequencesOf(message.reply ?? '');
    if (deliverySequence !== this.#delivered + 1) {
      this.#renew('gap');
      return;
    }
    this.#delivered = deliverySequence;
    this.#position = streamSequence;
    try {
      this.#options.handler({ sequence: streamSequence, subject: message.subject, data: message.data });
    } catch (err) {
      this.#options.logger.error({ err, subject: message.subject }, 'bus: a handler of events failed');
    }
  }

  /** A heartbeat, or the server asks whether it may go on. */
  #control(message: Msg): void {
    const goOn = message.reply || message.headers?.get('Nats-Consumer-Stalled');
    if (goOn && this.#options.bus.status === 'connected') this.#options.connection.publish(goOn);
    const sent = message.headers?.get('Nats-Last-Consumer');
    if (sent && Number(sent) > this.#delivered) this.#renew('gap');
  }
}

/** The reply subject tells where an event stands: `$JS.ACK.[domain.account.]stream.consumer.tries.sequence.delivered...`. */
export function sequencesOf(reply: string): { readonly streamSequence: number; readonly deliverySequence: number } {
  const tokens = reply.split('.');
  const at = tokens.length > 9 ? 7 : 5;
  return { streamSequence: Number(tokens[at]), deliverySequence: Number(tokens[at + 1]) };
}
