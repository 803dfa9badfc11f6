/**
 * The room of one charger that does what OCPP says: dials with back-off, boots, runs sessions with a meter of its own,
 * keeps every message of money until it is answered, and sends it again in order.
 */
import { isObject, type Json } from '../ocpp/answers.js';
import { actionOf, CALL, type CallKind, type Version } from '../ocpp/calls.js';
import { seeded } from '../swarm/random.js';
import { type Endpoint, SUBPROTOCOL } from '../ws/handshake.js';
import { Link, type LinkOwner } from '../ws/link.js';
import type { ChargerBook, EventBook, GotCommand, SessionBook } from './book.js';
import { answerTo, fixedPayload, verdictIn } from './messages.js';
import { type Meter, Sessions } from './sessions.js';

/** Times of a charger, ms. Real ones have tens of seconds; here a day is short. */
export interface Pace {
  /** Between two sessions; between two messages of a session. */
  readonly pauseMs: readonly [number, number];
  readonly meterMs: readonly [number, number];
  readonly heartbeatMs: number;
  /** For an answer; for the upgrade. After it the socket counts as dead, or the message is sent again. */
  readonly answerMs: number;
  readonly backoffMs: readonly [number, number];
  /** Share of unanswered messages that are sent again on the same socket; otherwise it hangs up. */
  readonly patience: number;
}

export interface ChargerOptions {
  readonly number: number;
  readonly identity: string;
  readonly version: Version;
  readonly endpoint: Endpoint;
  readonly password: string;
  readonly idToken: string;
  readonly seed: number;
  readonly pace: Pace;
  /** A message of money was answered. */
  readonly onAck: () => void;
}

interface InFlight {
  readonly id: string;
  readonly kind: CallKind;
  readonly entry: Meter | null;
  readonly timer: NodeJS.Timeout;
}

/** Ids that were given up, whose late answers still say something. */
const REMEMBERED = 16;
const RETRY_MS = 1000;
/** A reconnect after which it boots again; else its boot still stands. */
const REBOOTS = 0.2;

export class Charger implements LinkOwner {
  readonly #random: () => number;
  readonly #sessions: Sessions;
  readonly #commands = new Map<string, GotCommand>();
  readonly #oddities: string[] = [];
  readonly #given = new Map<string, InFlight>();
  #link: Link | null = null;
  #open = false;
  #booted = false;
  #flight: InFlight | null = null;
  #counter = 0;
  #failures = 0;
  #closedOnIt = 0;
  #redial: NodeJS.Timeout | null = null;
  #retry: NodeJS.Timeout | null = null;
  #heartbeat: NodeJS.Timeout | null = null;
  #beatDue = false;
  #off = false;

  constructor(private readonly options: ChargerOptions) {
    this.#random = seeded(options.seed * 65_537 + options.number);
    const { version, idToken, pace } = options;
    this.#sessions = new Sessions({ version, idToken, pace, random: this.#random, online: () => this.#open }, () =>
      this.#pump(),
    );
  }

  start(): void {
    const { heartbeatMs } = this.options.pace;
    this.#heartbeat = setInterval(
      () => {
        this.#beatDue = true;
        this.#pump();
      },
      heartbeatMs * (0.8 + 0.4 * this.#random()),
    );
    this.#redialIn(this.#random() * 1000);
    this.#sessions.start();
  }

  /** Its clock is wrong from now on. */
  jump(ms: number): void {
    this.#sessions.jump(ms);
  }

  /** Ends its session, and begins no other. */
  finish(): void {
    this.#sessions.finish();
  }

  /** Nothing is left to say. */
  get done(): boolean {
    return this.#sessions.idle;
  }

  get connected(): boolean {
    return this.#open && this.#booted;
  }

  /** Messages of money that wait for their answer. */
  get waiting(): number {
    return this.#sessions.waiting;
  }

  /** Sockets that were open, and that somebody else closed. */
  get closedOnIt(): number {
    return this.#closedOnIt;
  }

  /** Hangs up, and stays away. */
  leave(): Promise<void> {
    this.#off = true;
    this.#sessions.stop();
    for (const timer of [this.#redial, this.#retry, this.#heartbeat]) if (timer !== null) clearTimeout(timer);
    this.#unfly();
    const link = this.#link;
    this.#link = null;
    this.#open = false;
    return link === null ? Promise.resolve() : new Promise((resolve) => link.close(resolve));
  }

  book(): ChargerBook {
    const { identity, version } = this.options;
    const { books: sessions } = this.#sessions;
    return { identity, version, connected: this.#open, sessions, commands: this.#commands, oddities: this.#oddities };
  }

  // The link ---------------------------------------------------------------------------------------------------------

  #redialIn(ms: number): void {
    if (this.#off || this.#redial !== null) return;
    this.#redial = setTimeout(() => {
      this.#redial = null;
      this.#dial();
    }, ms);
  }

  #dial(): void {
    const { endpoint, identity, version, password, pace } = this.options;
    const unused = { localAddress: undefined, localPort: undefined, ca: undefined, insecure: false };
    const subprotocol = SUBPROTOCOL[version];
    const link = new Link(this, { ...unused, endpoint, address: '127.0.0.1', identity, subprotocol, password });
    this.#link = link;
    this.#retry = setTimeout(() => {
      link.cut();
      this.#lost(link);
    }, pace.answerMs);
  }

  linkOpen(link: Link): void {
    if (link !== this.#link) return;
    this.#clearRetry();
    this.#open = true;
    this.#failures = 0;
    if (this.#random() < REBOOTS) this.#booted = false;
    this.#pump();
  }

  linkFailed(link: Link): void {
    this.#lost(link);
  }

  linkClosed(link: Link): void {
    if (link === this.#link) this.#closedOnIt++;
    this.#lost(link);
  }

  #lost(link: Link): void {
    if (link !== this.#link) return;
    this.#link = null;
    this.#open = false;
    this.#clearRetry();
    this.#unfly();
    const [least, most] = this.options.pace.backoffMs;
    const wait = Math.min(most, least * 2 ** this.#failures++);
    this.#redialIn(wait * (0.5 + this.#random()));
  }

  // Up ---------------------------------------------------------------------------------------------------------------

  /** One CALL at a time: the boot, then money in its order, then the heartbeat. */
  #pump(): void {
    if (!this.#open || this.#flight !== null || this.#retry !== null) return;
    if (!this.#booted) {
      this.#send(CALL.boot, null, fixedPayload(this.options.version, CALL.boot));
      return;
    }
    const entry = this.#sessions.head();
    if (entry !== null) this.#send(entry.kind, entry, entry.payload());
    else if (this.#beatDue) {
      this.#beatDue = false;
      this.#send(CALL.heartbeat, null, '{}');
    }
  }

  #send(kind: CallKind, entry: Meter | null, payload: string): void {
    const { version, number, pace } = this.options;
    const id = `${number}-${(this.#counter++).toString(36)}`;
    if (entry !== null) entry.event.sent++;
    const timer = setTimeout(() => this.#unanswered(), pace.answerMs);
    this.#flight = { id, kind, entry, timer };
    this.#link?.sendText(`[2,"${id}","${actionOf(version, kind)}",${payload}]`);
  }

  #unanswered(): void {
    const link = this.#link;
    this.#unfly();
    if (this.#random() < this.options.pace.patience || link === null) this.#pump();
    else {
      link.cut();
      this.#lost(link);
    }
  }

  /** Nobody waits for this answer any more. */
  #unfly(): void {
    const flight = this.#flight;
    if (flight === null) return;
    this.#flight = null;
    clearTimeout(flight.timer);
    if (flight.entry === null) return;
    this.#given.set(flight.id, flight);
    for (const id of this.#given.keys()) if (this.#given.size > REMEMBERED) this.#given.delete(id);
  }

  #clearRetry(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  linkText(bytes: Buffer, start: number, end: number): void {
    const frame: unknown = JSON.parse(bytes.toString('utf8', start, end));
    if (!Array.isArray(frame) || typeof frame[1] !== 'string') this.#odd('a frame that is none');
    else if (frame[0] === 2) this.#command(frame[1], String(frame[2]), frame[3]);
    else if (frame[0] === 3) this.#answered(frame[1], isObject(frame[2]) ? frame[2] : {});
    else if (frame[0] === 4) this.#refused(frame[1]);
  }

  #answered(id: string, payload: Json): void {
    const flight = this.#flight;
    if (flight === null || flight.id !== id) {
      // Late: it was sent again meanwhile, and the answer must be the same.
      const before = this.#given.get(id);
      if (before?.entry) this.#acked(before.entry.session, before.entry.event, payload);
      return;
    }
    this.#flight = null;
    clearTimeout(flight.timer);
    if (flight.kind === CALL.boot) {
      this.#booted = payload.status === 'Accepted';
      if (!this.#booted) this.#later();
    }
    if (flight.entry !== null) {
      this.#acked(flight.entry.session, flight.entry.event, payload);
      this.#sessions.take(flight.entry);
    }
    this.#pump();
  }

  #acked(session: SessionBook, event: EventBook, payload: Json): void {
    if (event.kind === 'start' && this.options.version === '1.6') {
      const told = String(payload.transactionId);
      if (session.transactionId !== null && session.transactionId !== told)
        this.#odd(`one start, two numbers: ${session.transactionId} and ${told}`);
      session.transactionId ??= told;
    }
    const verdict = verdictIn(payload);
    if (verdict !== null && verdict !== 'Accepted') this.#odd(`its card is ${verdict}`);
    if (event.acked) return;
    event.acked = true;
    this.options.onAck();
  }

  /** A CALLERROR: what carries money is sent again after a while, as 1.6 section 4.6.3 of its settings says. */
  #refused(id: string): void {
    if (this.#flight?.id !== id) return;
    const { kind } = this.#flight;
    this.#unfly();
    this.#given.delete(id);
    if (kind === CALL.heartbeat) this.#pump();
    else this.#later();
  }

  #later(): void {
    this.#clearRetry();
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#pump();
    }, RETRY_MS);
  }

  // Down -------------------------------------------------------------------------------------------------------------

  #command(id: string, action: string, payload: unknown): void {
    const got = this.#commands.get(id) ?? { times: 0, answered: false };
    got.times++;
    this.#commands.set(id, got);
    this.#link?.sendText(`[3,"${id}",${answerTo(this.options.version, action)}]`);
    got.answered = true;
    if (action !== 'TriggerMessage' || !isObject(payload)) return;
    if (payload.requestedMessage === 'BootNotification') this.#booted = false;
    else this.#beatDue = true;
    this.#pump();
  }

  #odd(what: string): void {
    if (this.#oddities.length < REMEMBERED) this.#oddities.push(what);
  }
}
