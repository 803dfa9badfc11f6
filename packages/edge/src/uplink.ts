/**
 * What goes up to the workers: gathered per turn of the event loop, sent again until it is answered, its deadline passes, or
 * nobody waits for it any more. A turn's items travel in one message under the partition of one of them, as any worker serves
 * any partition and a charger has one CALL on its way: to split them would only make batches small (docs/decisions/0011).
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

/** What is asked; its `seq` is given when it goes up. */
export type Question = ConnectItem | DisconnectItem | CallItem;

/** Who asks. One of the first two is called, once, never within the asking. */
export interface Asker {
  replied(reply: ReplyItem, question: Question): void;
  /** Nobody could answer before the deadline. */
  expired(question: Question): void;
  /** The answer came after all. */
  late?(reply: ReplyItem, question: Question): void;
}

interface Pending {
  readonly item: Question;
  readonly asker: Asker;
  readonly partition: number;
  readonly deadline: number;
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
  readonly #late = new Map<number, { readonly pending: Pending; readonly until: number }>();
  #outbox: UplinkItem[] = [];
  #partition = 0;
  #records = 0;
  #scheduled = false;
  #seq = 0;
  /** Of the last answer, or of the first question after none were open, ms. */
  #heardAt = 0;
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

  /** How long something has waited here while nothing was answered, ms. */
  get silentMs(): number {
    return this.#pending.size === 0 ? 0 : Date.now() - this.#heardAt;
  }

  /** True where the bus takes messages: otherwise nothing new can be kept. */
  get open(): boolean {
    return this.bus.status === 'connected';
  }

  /**
   * Sends an item until it is answered, its deadline passes, or it is forgotten.
   * @returns its number, for {@link forget}
   */
  ask(partition: number, item: Question, lifetimeMs: number, asker: Asker): number {
    const seq = ++this.#seq;
    item.seq = seq;
    const now = Date.now();
    if (this.#pending.size === 0) this.#heardAt = now;
    const deadline = now + lifetimeMs;
    this.#pending.set(seq, { item, asker, partition, deadline, attempts: 1, resendAt: now + RESEND_FIRST_MS });
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
    this.#outbox.push(item);
    this.#partition = partition;
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After the sockets of this turn were read: what came together travels together.
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    this.#records = 0;
    const items = this.#outbox;
    if (items.length === 0) return;
    this.#outbox = [];
    // While the bus is away nothing is lost: what waits for an answer is sent again when it is back.
    if (!this.open) return;
    let from = 0;
    let chars = 0;
    for (let i = 0; i < items.length; i++) {
      chars += sizeOf(items[i] as UplinkItem);
      if (i + 1 - from < BATCH_ITEMS && chars < BATCH_CHARS && i + 1 < items.length) continue;
      this.#publish(this.#partition, from === 0 && i + 1 === items.length ? items : items.slice(from, i + 1));
      from = i + 1;
      chars = 0;
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
    this.#heardAt = Date.now();
    for (const reply of replies) this.#hand(reply);
  }

  #hand(reply: ReplyItem): void {
    const { seq } = reply;
    const pending = this.#pending.get(seq);
    const late = pending === undefined ? this.#late.get(seq)?.pending : undefined;
    // One charger's failure must not stop the others' answers.
    try {
      if (pending !== undefined) {
        this.#pending.delete(seq);
        pending.asker.replied(reply, pending.item);
      } else if (late !== undefined) {
        this.#late.delete(seq);
        late.asker.late?.(reply, late.item);
      }
      // Else a second answer to an item that was sent twice: the first was used.
    } catch (error) {
      this.logger.error({ err: error }, 'a reply could not be used');
    }
  }

  #tick(now: number): void {
    const open = this.open;
    for (const [seq, { until }] of this.#late) if (now >= until) this.#late.delete(seq);
    for (const [seq, pending] of this.#pending) {
      if (now >= pending.deadline) {
        this.#pending.delete(seq);
        if (pending.asker.late !== undefined) this.#late.set(seq, { pending, until: now + LATE_MS });
        this.#counts.expired.inc();
        try {
          pending.asker.expired(pending.item);
        } catch (error) {
          this.logger.error({ err: error }, 'an unanswered item could not be given up');
        }
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
}

function sizeOf(item: UplinkItem): number {
  if ('payload' in item) return item.payload.length + 100;
  return 'text' in item ? item.text.length + 100 : 200;
}
