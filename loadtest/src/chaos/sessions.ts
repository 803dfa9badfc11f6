/** The room of a charger's sessions: its meter and clock, and the queue of what was not answered yet. */
import { randomUUID } from 'node:crypto';
import type { CallKind, Version } from '../ocpp/calls.js';
import type { EventBook, SessionBook } from './book.js';
import type { Pace } from './charger.js';
import { eventPayload, KIND_OF } from './messages.js';

/** A message that waits for its answer. */
export interface Meter {
  readonly kind: CallKind;
  readonly session: SessionBook;
  readonly event: EventBook;
  /** Made when it is sent: only then a 1.6 session may know its number. Then it stays the same. */
  payload(): string;
}

export interface SessionsOptions {
  readonly version: Version;
  readonly idToken: string;
  readonly pace: Pick<Pace, 'pauseMs' | 'meterMs'>;
  readonly random: () => number;
  readonly online: () => boolean;
}

/** A charger with so much in its memory begins no new session. */
const MAX_WAITING = 400;
const METERS = [2, 6] as const;
/** Of one message, mWh; a session stays far below what a meter may rise in a moment. */
const MAX_STEP_MWH = 700_000;

export class Sessions {
  readonly books: SessionBook[] = [];
  readonly #queue: Meter[] = [];
  #current: SessionBook | null = null;
  #metersLeft = 0;
  #register: number;
  #clockMs = 0;
  #lastAt = 0;
  #timer: NodeJS.Timeout | null = null;
  #finishing = false;

  constructor(
    private readonly options: SessionsOptions,
    private readonly queued: () => void,
  ) {
    // A meter that has counted for years. Whole Wh, for 1.6 tells starts and stops so.
    this.#register = Math.floor(options.random() * 5_000_000) * 1000;
  }

  start(): void {
    this.#next(this.options.pace.pauseMs);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  finish(): void {
    this.#finishing = true;
    this.#metersLeft = 0;
    this.stop();
    this.#step();
  }

  jump(ms: number): void {
    this.#clockMs += ms;
    this.#lastAt = 0;
  }

  get idle(): boolean {
    return this.#current === null && this.#queue.length === 0;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  head(): Meter | null {
    return this.#queue[0] ?? null;
  }

  /** It was answered. */
  take(entry: Meter): void {
    if (this.#queue[0] === entry) this.#queue.shift();
  }

  #next([least, most]: readonly [number, number]): void {
    this.#timer = setTimeout(() => this.#step(), least + this.options.random() * (most - least));
  }

  #step(): void {
    const { pace, random } = this.options;
    if (this.#current === null) {
      if (this.#finishing) return;
      if (this.#queue.length < MAX_WAITING) {
        this.#begin();
        this.#metersLeft = METERS[0] + Math.floor(random() * (METERS[1] - METERS[0] + 1));
      }
      this.#next(pace.meterMs);
    } else if (this.#metersLeft-- > 0) {
      this.#add('meter');
      this.#next(pace.meterMs);
    } else {
      this.#add('stop');
      this.#current = null;
      if (!this.#finishing) this.#next(pace.pauseMs);
    }
  }

  #begin(): void {
    const { version, idToken } = this.options;
    this.#current = { transactionId: version === '1.6' ? null : randomUUID(), idToken, events: [] };
    this.books.push(this.#current);
    this.#add('start');
  }

  #add(kind: EventBook['kind']): void {
    const session = this.#current!;
    const { version, random } = this.options;
    const unit = version === '1.6' ? 1000 : 1;
    if (kind !== 'start') this.#register += Math.floor((random() * MAX_STEP_MWH) / unit) * unit;
    // Two messages of one millisecond would be one to whoever knows them by their time.
    const atMs = Math.max(Date.now() + this.#clockMs, this.#lastAt + 1);
    this.#lastAt = atMs;
    const event = { kind, seqNo: session.events.length, atMs, registerMWh: this.#register, acked: false, sent: 0 };
    session.events.push(event);
    const offline = !this.options.online();
    const payload = () => eventPayload(version, session, event, offline);
    this.#queue.push({ kind: KIND_OF[kind], session, event, payload });
    this.queued();
  }
}
