/**
 * What goes up to the workers: gathered per turn of the event loop and partition, sent again until it is answered, its
 * deadline passes, or nobody waits for it any more.
 */
import { type Bus, BusUnavailableError } from '@sigec/bus';
import {
  type CallItem,
  type ConnectItem,
  type DisconnectItem,
  edgeSubject,
  packUplink,
  type RecordItem,
  type ReplyItem,
  type UplinkItem,
  unpackReplies,
  upSubject,
} from '@sigec/contract';
import type { Logger, Metrics } from '@sigec/runtime';

type Unsent<Item> = Item extends { seq: number } ? Omit<Item, 'seq'> : never;
export type Question = Unsent<ConnectItem> | Unsent<DisconnectItem> | Unsent<CallItem>;

interface Pending {
  readonly item: Exclude<UplinkItem, RecordItem>;
  readonly partition: number;
  readonly deadline: number;
  readonly onReply: (reply: ReplyItem) => void;
  readonly onExpired: () => void;
  readonly onLate: ((reply: ReplyItem) => void) | undefined;
  attempts: number;
  resendAt: number;
}

/** First wait before sending again, doubled up to the last, ms. */
const RESEND_FIRST_MS = 1_500;
const RESEND_LAST_MS = 6_000;
/** After the bus said that no worker listens: soon, for one is being started. */
const RESEND_NOBODY_MS = 400;
/** Items of one message, so that it stays below the bus's limit; large payloads are split on their size as well. */
const BATCH_ITEMS = 512;
const BATCH_CHARS = 400_000;
/** Log records waiting in one turn beyond which they are shed. */
const RECORDS_MAX = 5_000;
const TICK_MS = 200;
/** How long a late answer is told to whoever must know of it, ms. */
const LATE_MS = 60_000;

export class Uplink {
  readonly #pending = new Map<number, Pending>();
  /** Given up, but what it brought about must be undone. */
  readonly #late = new Map<number, { readonly onReply: (reply: ReplyItem) => void; readonly until: number }>();
  #outbox = new Map<number, UplinkItem[]>();
  #records = 0;
  #scheduled = false;
  #seq = 0;
  readonly #subject: string;
  readonly #subscription;
  readonly #timer: NodeJS.Timeout;
  readonly #offStatus: () => void;
  readonly #counts;

  constructor(
    private readonly bus: Bus,
    private readonly edgeId: string,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.#subject = edgeSubject(edgeId);
    this.#counts = {
      sent: metrics.counter({ name: 'sigec_edge_uplink_items_total', help: 'Items sent to the workers' }),
      batches: metrics.counter({ name: 'sigec_edge_uplink_batches_total', help: 'Messages they were sent in' }),
      resent: metrics.counter({ name: 'sigec_edge_uplink_resent_total', help: 'Items sent again' }),
      expired: metrics.counter({ name: 'sigec_edge_uplink_expired_total', help: 'Items given up at their deadline' }),
      shed: metrics.counter({ name: 'sigec_edge_records_shed_total', help: 'Log records shed' }),
    };
    this.#subscription = bus.subscribe(this.#subject, (message) => {
      if (message.noResponders) this.#nobodyListens();
      else this.#take(message.data);
    });
    this.#offStatus = bus.onStatus((status) => {
      if (status === 'connected') this.#hurry(0, RESEND_FIRST_MS);
    });
    this.#timer = setInterval(() => this.#tick(Date.now()), TICK_MS);
  }

  /** Items that wait for an answer. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** True where the bus takes messages: otherwise nothing new can be kept. */
  get open(): boolean {
    return this.bus.status === 'connected';
  }

  /**
   * Sends an item until it is answered. One of the first two callbacks is called, once, never within this call.
   * @param onLate called where the answer comes after `onExpired`
   * @returns its number, for {@link forget}
   */
  ask(
    partition: number,
    question: Question,
    lifetimeMs: number,
    onReply: (reply: ReplyItem) => void,
    onExpired: () => void,
    onLate?: (reply: ReplyItem) => void,
  ): number {
    const seq = ++this.#seq;
    const item = { ...question, seq } as Pending['item'];
    const now = Date.now();
    this.#pending.set(seq, {
      item,
      partition,
      deadline: now + lifetimeMs,
      onReply,
      onExpired,
      onLate,
      attempts: 1,
      resendAt: now + RESEND_FIRST_MS,
    });
    this.#put(partition, item);
    return seq;
  }

  /** Nobody waits for the answer any more. */
  forget(seq: number): void {
    this.#pending.delete(seq);
  }

  /** A line for the message log: sent once, and the first thing shed. */
  record(partition: number, item: RecordItem): void {
    if (this.#records >= RECORDS_MAX || !this.open) {
      this.#counts.shed.inc();
      return;
    }
    this.#records++;
    this.#put(partition, item);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#offStatus();
    this.#flush();
    this.#subscription.unsubscribe();
    this.#pending.clear();
    this.#late.clear();
  }

  #put(partition: number, item: UplinkItem): void {
    const items = this.#outbox.get(partition);
    if (items) items.push(item);
    else this.#outbox.set(partition, [item]);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After the sockets of this turn were read: what came together travels together.
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    this.#records = 0;
    const outbox = this.#outbox;
    if (outbox.size === 0) return;
    this.#outbox = new Map();
    // While the bus is away nothing is lost: what waits for an answer is sent again when it is back.
    if (!this.open) return;
    for (const [partition, items] of outbox) {
      let from = 0;
      let chars = 0;
      for (let i = 0; i < items.length; i++) {
        chars += sizeOf(items[i] as UplinkItem);
        if (i + 1 - from < BATCH_ITEMS && chars < BATCH_CHARS && i + 1 < items.length) continue;
        this.#publish(partition, items.slice(from, i + 1));
        from = i + 1;
        chars = 0;
      }
    }
  }

  #publish(partition: number, items: UplinkItem[]): void {
    try {
      const data = packUplink(this.edgeId, items);
      // Characters were counted, but the bus counts bytes, and one item that it does not take shall keep no other back.
      if (data.length > this.bus.maxPayload && items.length > 1) {
        const half = items.length >> 1;
        this.#publish(partition, items.slice(0, half));
        this.#publish(partition, items.slice(half));
        return;
      }
      this.bus.publish(upSubject(partition), data, { replyTo: this.#subject });
      this.#counts.sent.inc(items.length);
      this.#counts.batches.inc();
    } catch (error) {
      if (!(error instanceof BusUnavailableError)) this.logger.error({ err: error }, 'uplink batch not sent');
    }
  }

  #take(data: Uint8Array): void {
    let replies: ReplyItem[];
    try {
      replies = unpackReplies(data);
    } catch (error) {
      this.logger.error({ err: error }, 'replies could not be read');
      return;
    }
    for (const reply of replies) {
      const pending = this.#pending.get(reply.seq);
      // A second answer to an item that was sent twice: the first was used.
      const { onReply } = pending ?? this.#late.get(reply.seq) ?? {};
      if (onReply === undefined) continue;
      this.#pending.delete(reply.seq);
      this.#late.delete(reply.seq);
      this.#guard(() => onReply(reply));
    }
  }

  #tick(now: number): void {
    const open = this.open;
    for (const [seq, { until }] of this.#late) if (now >= until) this.#late.delete(seq);
    for (const [seq, pending] of this.#pending) {
      if (now >= pending.deadline) {
        this.#pending.delete(seq);
        if (pending.onLate) this.#late.set(seq, { onReply: pending.onLate, until: now + LATE_MS });
        this.#counts.expired.inc();
        this.#guard(pending.onExpired);
      } else if (open && now >= pending.resendAt) {
        const wait = Math.min(RESEND_LAST_MS, RESEND_FIRST_MS * 2 ** pending.attempts);
        pending.attempts++;
        pending.resendAt = now + wait * (0.75 + Math.random() / 2);
        this.#counts.resent.inc();
        this.#put(pending.partition, pending.item);
      }
    }
  }

  #nobodyListens(): void {
    this.#hurry(RESEND_NOBODY_MS, RESEND_NOBODY_MS);
  }

  /** Brings the next sending forward to between `fromMs` and `fromMs + spreadMs` from now. */
  #hurry(fromMs: number, spreadMs: number): void {
    const now = Date.now();
    for (const pending of this.#pending.values())
      pending.resendAt = Math.min(pending.resendAt, now + fromMs + Math.random() * spreadMs);
  }

  /** One charger's callback must not stop the others'. */
  #guard(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.logger.error({ err: error }, 'a reply could not be used');
    }
  }
}

function sizeOf(item: UplinkItem): number {
  if ('payload' in item) return item.payload.length + 100;
  return 'text' in item ? item.text.length + 100 : 200;
}
