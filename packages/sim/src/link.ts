/**
 * The room of the calls: one CALL in flight, messages of a transaction kept until they are answered, everything else
 * failed at once while there is no connection (1.6 chapter 3.7.1 and 4.1; 2.0.1 E04, E13 and part 4 chapter 4).
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { answerToBad, type BadFrame, type Frame, parseFrame, type Version, writeFrame } from './frame.js';
import { FieldError, type JsonObject } from './json.js';
import { ReconnectingSocket, type SocketOptions } from './socket.js';
import { quiet } from './timers.js';

/** Why a CALL got no CALLRESULT. `code` is the CALLERROR's where there was one. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  constructor(
    readonly action: string,
    readonly why: 'offline' | 'timeout' | 'error' | 'full' | 'closed',
    readonly code = '',
    readonly description = '',
  ) {
    super(`${action}: ${why}${code === '' ? '' : ` ${code}`}${description === '' ? '' : ` (${description})`}`);
  }
}

/** The answer to a CALL of the CSMS, and what the station does once it has left. */
export interface Reply {
  answer: JsonObject;
  after?: (() => void) | undefined;
}

/** A refusal of a CALL of the CSMS, sent as CALLERROR. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly code: string,
    description: string,
  ) {
    super(description);
  }
}

/** A message of a transaction. `payload` is built at each sending, as ids may become known meanwhile. */
export interface KeptMessage {
  action: string;
  payload: () => JsonObject;
  /** May be given up when the queue is full; starts and ends may not. */
  droppable: boolean;
  onAnswer: (payload: JsonObject) => void;
  onDrop: (why: CallFailed) => void;
}

export interface LinkOptions extends SocketOptions {
  version: Version;
  messageTimeoutMs: number;
  /** TransactionMessageAttempts and TransactionMessageRetryInterval (ms), asked for at each failure. */
  retry: () => { attempts: number; intervalMs: number };
  /** Most messages kept while offline. */
  maxKept: number;
  onCall: (action: string, payload: JsonObject) => Reply;
}

/** One frame that crossed the socket; `action` is known for answers too. */
export interface FrameEvent {
  direction: 'out' | 'in';
  text: string;
  frame: Frame | BadFrame;
  action: string | null;
}

interface LinkEvents {
  open: [];
  close: [code: number, reason: string];
  refused: [status: number];
  failed: [reason: string];
  frame: [event: FrameEvent];
  /** The CSMS broke the specification, or a message was given up. */
  problem: [text: string];
}

interface Waiting {
  id: string;
  order: number;
  action: string;
  payload: () => JsonObject;
  settle: (result: JsonObject | CallFailed) => void;
}

interface Kept extends Waiting {
  message: KeptMessage;
  attempts: number;
  notBefore: number;
}

const MAX_QUEUED = 500;

export class Link extends EventEmitter<LinkEvents> {
  readonly #o: LinkOptions;
  readonly socket: ReconnectingSocket;
  readonly #queue: Waiting[] = [];
  readonly #kept: Kept[] = [];
  #inFlight: Waiting | null = null;
  #timeout: NodeJS.Timeout | null = null;
  #wake: NodeJS.Timeout | null = null;
  #order = 0;
  #released = false;
  #closed = false;

  constructor(options: LinkOptions) {
    super();
    this.#o = options;
    this.socket = new ReconnectingSocket(options);
    this.socket.on('open', () => {
      this.emit('open');
      this.#pump();
    });
    this.socket.on('close', (code, reason) => this.#onClose(code, reason));
    this.socket.on('refused', (status) => this.emit('refused', status));
    this.socket.on('failed', (reason) => this.emit('failed', reason));
    this.socket.on('text', (text) => this.#onText(text));
  }

  get isOpen(): boolean {
    return this.socket.isOpen;
  }

  /** Messages of transactions that no answer has come for. */
  get keptCount(): number {
    return this.#kept.length;
  }

  /** Whether anything waits for an answer, of a transaction or not. */
  get isBusy(): boolean {
    return this.#inFlight !== null || this.#queue.length > 0 || this.#kept.length > 0;
  }

  /** Whether messages of transactions may leave: only once the CSMS has accepted the station. */
  set released(value: boolean) {
    this.#released = value;
    if (value) this.#pump();
  }

  /** Sends a CALL; rejects with {@link CallFailed}, at once when there is no connection. */
  call(action: string, payload: JsonObject): Promise<JsonObject> {
    const answer = new Promise<JsonObject>((resolve, reject) => {
      if (this.#closed) return reject(new CallFailed(action, 'closed'));
      if (!this.isOpen) return reject(new CallFailed(action, 'offline'));
      if (this.#queue.length >= MAX_QUEUED) return reject(new CallFailed(action, 'full'));
      this.#queue.push({
        id: randomUUID(),
        order: this.#order++,
        action,
        payload: () => payload,
        settle: (result) => (result instanceof CallFailed ? reject(result) : resolve(result)),
      });
      this.#pump();
    });
    return quiet(answer);
  }

  /** Keeps a message of a transaction until it is answered, in order, over any number of connections. */
  keep(message: KeptMessage): void {
    if (this.#closed) {
      message.onDrop(new CallFailed(message.action, 'closed'));
      return;
    }
    if (this.#kept.length >= this.#o.maxKept && !this.#makeRoom(message)) return;
    const kept: Kept = {
      id: randomUUID(),
      order: this.#order++,
      action: message.action,
      payload: message.payload,
      message,
      attempts: 0,
      notBefore: 0,
      settle: (result) => this.#settleKept(kept, result),
    };
    this.#kept.push(kept);
    this.#pump();
  }

  /** Sends an unconfirmed message (SEND, 2.1 part 4, 4.2.5). */
  sendUnconfirmed(action: string, payload: JsonObject): void {
    if (!this.isOpen) throw new CallFailed(action, 'offline');
    this.#write({ kind: 'send', id: randomUUID(), action, payload }, action);
  }

  /** Ends everything; what waits is failed, what was kept is dropped. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#wake !== null) clearTimeout(this.#wake);
    if (this.#timeout !== null) clearTimeout(this.#timeout);
    const inFlight = this.#inFlight;
    this.#inFlight = null;
    for (const w of [...(inFlight === null ? [] : [inFlight]), ...this.#queue.splice(0)]) {
      if (!('message' in w)) w.settle(new CallFailed(w.action, 'closed'));
    }
    for (const k of this.#kept.splice(0)) k.message.onDrop(new CallFailed(k.action, 'closed'));
    await this.socket.stop();
  }

  // E04: when memory runs short, messages in the middle of a transaction go first, the oldest before the younger.
  #makeRoom(message: KeptMessage): boolean {
    const index = this.#kept.findIndex((k) => k.message.droppable && k !== this.#inFlight);
    const full = (m: KeptMessage) => m.onDrop(new CallFailed(m.action, 'full'));
    if (index >= 0) {
      for (const k of this.#kept.splice(index, 1)) full(k.message);
      return true;
    }
    full(message);
    return false;
  }

  #settleKept(kept: Kept, result: JsonObject | CallFailed): void {
    const at = this.#kept.indexOf(kept);
    if (at < 0) return;
    if (result instanceof CallFailed) {
      if (result.why === 'offline') return;
      kept.attempts += 1;
      const { attempts, intervalMs } = this.#o.retry();
      if (kept.attempts < attempts) {
        kept.notBefore = performance.now() + intervalMs * kept.attempts;
        return;
      }
      this.#kept.splice(at, 1);
      this.emit('problem', `${kept.action}: dropped after ${kept.attempts} attempts, ${result.message}`);
      kept.message.onDrop(result);
    } else {
      this.#kept.splice(at, 1);
      kept.message.onAnswer(result);
    }
  }

  #pump(): void {
    if (this.#inFlight !== null || !this.isOpen || this.#closed) return;
    const next = this.#pick();
    if (next === undefined) return;
    this.#inFlight = next;
    this.#timeout = setTimeout(() => this.#finish(new CallFailed(next.action, 'timeout')), this.#o.messageTimeoutMs);
    this.#write({ kind: 'call', id: next.id, action: next.action, payload: next.payload() }, next.action);
  }

  // The older of the two heads; a kept message that waits for its retry lets the others pass.
  #pick(): Waiting | undefined {
    const kept = this.#released ? this.#kept[0] : undefined;
    const wait = kept === undefined ? 0 : kept.notBefore - performance.now();
    if (kept !== undefined && wait > 0) {
      if (this.#wake !== null) clearTimeout(this.#wake);
      this.#wake = setTimeout(() => this.#pump(), wait + 1);
    } else if (kept !== undefined && kept.order < (this.#queue[0]?.order ?? Number.POSITIVE_INFINITY)) {
      return kept;
    }
    return this.#queue.shift();
  }

  #finish(result: JsonObject | CallFailed): void {
    const done = this.#inFlight;
    if (this.#timeout !== null) clearTimeout(this.#timeout);
    this.#inFlight = null;
    done?.settle(result);
    this.#pump();
  }

  #write(frame: Frame, action: string | null): void {
    const text = writeFrame(frame);
    if (this.socket.send(text)) this.emit('frame', { direction: 'out', text, frame, action });
  }

  #onClose(code: number, reason: string): void {
    if (this.#timeout !== null) clearTimeout(this.#timeout);
    const failed = this.#inFlight === null ? this.#queue.splice(0) : [this.#inFlight, ...this.#queue.splice(0)];
    this.#inFlight = null;
    for (const w of failed) w.settle(new CallFailed(w.action, 'offline'));
    this.emit('close', code, reason);
  }

  #onText(text: string): void {
    const frame = parseFrame(text, this.#o.version);
    if (frame.kind === 'bad') {
      this.emit('frame', { direction: 'in', text, frame, action: null });
      this.emit('problem', `bad frame (${frame.fault})`);
      const answer = answerToBad(frame, this.#o.version);
      if (answer !== null) this.#write(answer, null);
      if (frame.type === 3 && frame.id !== null) this.#answered(frame.id, 'FormatViolation', 'payload is no object');
      return;
    }
    const action = frame.kind === 'call' || frame.kind === 'send' ? frame.action : this.#actionOf(frame.id);
    this.emit('frame', { direction: 'in', text, frame, action });
    if (frame.kind === 'call') this.#onCall(frame.id, frame.action, frame.payload);
    else if (frame.kind === 'result') this.#answered(frame.id, frame.payload);
    else if (frame.kind === 'error') this.#answered(frame.id, frame.code, frame.description);
    else if (frame.kind === 'resultError') this.emit('problem', `our answer was refused: ${frame.code}`);
  }

  #actionOf(id: string): string | null {
    if (this.#inFlight?.id === id) return this.#inFlight.action;
    return this.#kept[0]?.id === id ? this.#kept[0].action : null;
  }

  #answered(id: string, result: JsonObject | string, description = ''): void {
    // An answer that comes while its message waits for a retry still counts: the message was taken.
    const late = this.#inFlight?.id !== id && this.#kept[0]?.id === id ? this.#kept[0] : undefined;
    const waiting = this.#inFlight?.id === id ? this.#inFlight : late;
    if (waiting === undefined) return void this.emit('problem', `answer to no open CALL (id ${id})`);
    const outcome = typeof result === 'string' ? new CallFailed(waiting.action, 'error', result, description) : result;
    if (late === undefined) this.#finish(outcome);
    else if (typeof result !== 'string') {
      late.settle(result);
      this.#pump();
    }
  }

  #onCall(id: string, action: string, payload: JsonObject): void {
    let after: (() => void) | undefined;
    try {
      const reply = this.#o.onCall(action, payload);
      after = reply.after;
      this.#write({ kind: 'result', id, payload: reply.answer }, action);
    } catch (error) {
      this.#write(this.#refusal(id, error), action);
      this.emit('problem', `${action}: ${error instanceof Error ? error.message : 'failed'}`);
    }
    try {
      after?.();
    } catch (error) {
      this.emit('problem', `${action}: ${error instanceof Error ? error.message : 'failed'}`);
    }
  }

  #refusal(id: string, error: unknown): Frame {
    const frame = (code: string, description: string): Frame => ({ kind: 'error', id, code, description, details: {} });
    if (error instanceof Refusal) return frame(error.code, error.message);
    if (!(error instanceof FieldError)) return frame('InternalError', 'the station failed');
    if (error.fault === 'type') return frame('TypeConstraintViolation', error.message);
    if (error.fault === 'value') return frame('PropertyConstraintViolation', error.message);
    // The spelling of 1.6 lacks an r (1.6-J, table 7); 2.x put it in.
    return frame(
      this.#o.version === '1.6' ? 'OccurenceConstraintViolation' : 'OccurrenceConstraintViolation',
      error.message,
    );
  }
}
