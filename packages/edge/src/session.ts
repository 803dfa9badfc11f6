/** One charger's session: frames up and down, between its socket and the bus. */
import { type BusMessage, type BusSubscription, BusUnavailableError } from '@sigec/bus';
import {
  type CallItem,
  CLOSE,
  type CommandReply,
  downSubject,
  type MessageType,
  packCommandReply,
  packDown,
  REPLY,
  type ReplyItem,
  UPLINK,
  unpackDown,
} from '@sigec/contract';
import {
  type Call,
  errorCode,
  errorReplyFor,
  type OcppVersion,
  readEnvelope,
  redactQuoted,
  type Send,
  writeCallText,
  writeError,
} from '@sigec/ocpp';
import { Calls } from './calls.js';
import { Commands } from './commands.js';
import type { EdgeContext } from './context.js';
import { Noise } from './guard/noise.js';
import { PRESSURE } from './guard/pressure.js';
import { shedCall } from './guard/shed.js';
import { errorText, logRecord } from './log-record.js';
import type { Socket } from './socket.js';
import { type SessionState, step } from './state.js';
import type { Asker } from './uplink.js';

/** What the worker said of an accepted station. */
export interface Admitted {
  readonly identity: string;
  readonly token: string;
  readonly partition: number;
  readonly stationId: number;
  readonly epoch: number;
  readonly version: OcppVersion;
  readonly booted: boolean;
  /** 0 = never ping. */
  readonly pingSeconds: number;
}

/** Money and safety: never answered with an error of ours, for a charger may then drop what it was to keep. */
const KEPT_BY_CHARGER = new Set(['StartTransaction', 'StopTransaction', 'MeterValues', 'TransactionEvent']);
/** From claim to claim, ms. */
const CLAIM_MS = 300_000;

export class Session implements Asker {
  #state: SessionState = 'authenticating';
  #socket: Socket | null = null;
  #subscription: BusSubscription | null = null;
  readonly #calls = new Calls();
  readonly #commands = new Commands();
  /** Number of the CALL on its way up; 0 = none. */
  #seq = 0;
  #askedAt = 0;
  #noise: Noise | null = null;
  #booted: boolean;
  /** The bus did not take the claim: it is made again. */
  #unclaimed = false;
  #claimAt = 0;
  #bootAsked = false;
  #openedAt = 0;
  #heardAt = 0;
  #pingAt = 0;

  constructor(
    private readonly edge: EdgeContext,
    readonly admitted: Admitted,
  ) {
    this.#booted = admitted.booted;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** A CALL of the charger is on its way. */
  get busy(): boolean {
    return this.#calls.current !== null;
  }

  /** No deadline of a command to watch, and nothing to make good. */
  get quiet(): boolean {
    return this.#commands.empty && !this.#unclaimed;
  }

  /** The socket is open: listen first, claim then, so that no command and no rival is missed. */
  open(socket: Socket): void {
    const { bus } = this.edge;
    const { token, pingSeconds } = this.admitted;
    this.#socket = socket;
    this.#state = step(this.#state, 'claiming');
    this.#openedAt = this.#heardAt = Date.now();
    // Spread over the interval, or a reconnected fleet would be pinged in one instant for ever.
    this.#pingAt = this.#openedAt + pingSeconds * 1000 * (0.5 + Math.random() / 2);
    this.#subscription = bus.subscribe(downSubject(token), (message) => this.#down(message));
    this.claim();
  }

  /**
   * Says on the bus that this session holds the station. Also after the bus was away, and now and then: servers of the bus
   * may have lost each other while each edge still had its own, and nobody is told when they are one again.
   */
  claim(): void {
    if (this.#state !== 'claiming' && this.#state !== 'active') return;
    const { bus, settings } = this.edge;
    if (bus.status !== 'connected') return;
    const { token, epoch } = this.admitted;
    this.#claimAt = Date.now() + (settings.claimMs ?? CLAIM_MS) * (0.75 + Math.random() / 2);
    try {
      bus.publish(downSubject(token), packDown({ type: 'claim', epoch, edgeId: settings.edgeId }));
      this.#unclaimed = false;
    } catch (error) {
      if (!(error instanceof BusUnavailableError)) throw error;
      this.#unclaimed = true;
      this.edge.attend(this);
    }
  }

  /** A frame of the charger. */
  message(text: string): void {
    if (this.#state !== 'claiming' && this.#state !== 'active') return;
    this.#heardAt = Date.now();
    const frame = readEnvelope(text, this.admitted.version);
    this.edge.counts.frames[frame.kind].inc();
    switch (frame.kind) {
      case 'call':
      case 'send': {
        // Out of turn nothing is answered here, or an answer would overtake another.
        const answer = this.#booted && !this.busy ? shedCall(this.edge, frame, this.admitted.version) : null;
        if (answer === null) this.#arrived(this.#itemOf(frame));
        else this.#send(answer);
        return;
      }
      case 'result':
        this.#answered(frame.id, { status: 'result', payload: frame.payload });
        return;
      case 'error': {
        const { id, code, description, details } = frame;
        this.#answered(id, { status: 'error', code, description, details });
        return;
      }
      case 'resultError':
        // 2.1: the charger could not read an answer of ours; it will repeat or not, nothing is undone.
        this.#record('in', 'error', frame.id, '', errorText(frame));
        this.#heardNoise();
        return;
      default:
        this.#malformed(frame, text);
    }
  }

  heard(): void {
    this.#heardAt = Date.now();
  }

  /** A frame over the limit came; nothing of it was read. */
  tooLarge(bytes: number): void {
    this.edge.logger.warn({ station: this.admitted.identity, bytes }, 'frame over the size limit');
    this.#record('in', 'malformed', '', '', `(frame of ${bytes} bytes, over the limit)`);
    this.close(CLOSE.tooBig, 'frame too large');
  }

  /** Once a tick: deadlines of commands, the ping, the boot that never came. */
  tick(now: number): void {
    if (this.#state !== 'claiming' && this.#state !== 'active') return;
    if (this.#unclaimed || now >= this.#claimAt) this.claim();
    this.#calls.tidy(now);
    if (!this.#commands.empty) {
      this.#commands.expire(now);
      this.#sendNext();
    }
    if (!this.#booted && !this.#bootAsked && now - this.#openedAt >= this.edge.settings.settleMs) this.#askForBoot(now);
    const every = this.admitted.pingSeconds * 1000;
    if (every > 0 && now >= this.#pingAt) this.#ping(now, every);
  }

  /** Ends the session from our side. */
  close(code: number, reason: string): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    if (this.#socket === null) {
      this.closed(code);
      return;
    }
    this.#state = step(this.#state, 'closing');
    if (code === CLOSE.unresponsive) this.#socket.close();
    else this.#socket.end(code, reason);
  }

  /** The socket is gone, whoever closed it. */
  closed(code: number): void {
    if (this.#state === 'closed') return;
    this.#state = step(this.#state, 'closed');
    this.#socket = null;
    this.#subscription?.unsubscribe();
    if (this.#seq !== 0) {
      this.edge.uplink.forget(this.#seq);
      this.edge.pressure.calls.drop();
    }
    this.#commands.abandon();
    this.edge.sessionClosed(this, code);
  }

  // Up ---------------------------------------------------------------------------------------------------------------

  #itemOf({ kind, id, action, payload }: Call | Send): CallItem {
    const { stationId, epoch, version } = this.admitted;
    const at = this.edge.stamp();
    // Its number is given when it goes up.
    return { kind: UPLINK[kind], seq: 0, stationId, epoch, version, id, action, payload, at };
  }

  #arrived(call: CallItem): void {
    const arrival = this.#calls.arrive(call, () => {
      this.edge.counts.reusedIds.inc();
      this.edge.logger.warn({ station: this.admitted.identity, id: call.id }, 'message id used again');
    });
    if (arrival === 'go') this.#sendUp(call);
    else if (arrival === 'overflow') this.close(CLOSE.tooManyCalls, 'too many CALLs at once');
    else if (arrival !== 'queued') {
      this.#heardNoise();
      if (typeof arrival === 'object') this.#send(arrival.again);
    }
  }

  /** See {@link Noise}. */
  #heardNoise(): void {
    this.#noise ??= new Noise();
    if (this.#noise.heard(this.#heardAt)) this.close(CLOSE.tooManyCalls, 'too many frames that ask for nothing');
  }

  #sendUp(call: CallItem): void {
    this.#askedAt = this.edge.pressure.calls.begin();
    this.#seq = this.edge.uplink.ask(this.admitted.partition, call, this.edge.settings.callTimeoutMs, this);
  }

  /** What the workers say to the CALL on its way ({@link Asker}). */
  replied(reply: ReplyItem): void {
    this.#seq = 0;
    this.edge.pressure.calls.end(this.#askedAt);
    if (reply.kind === REPLY.stale) {
      this.close(CLOSE.replaced, 'a newer connection took over');
      return;
    }
    if (reply.kind !== REPLY.frame) {
      this.#settle(null);
      return;
    }
    if (reply.booted !== -1) this.#booted = reply.booted === 1;
    this.#send(reply.text);
    this.#settle(reply.text);
    if (reply.booted === 1) this.#sendNext();
  }

  /** Nobody could answer in time. A charger keeps and repeats what it got no answer to; what it does not keep gets one. */
  expired(): void {
    this.#seq = 0;
    this.edge.pressure.calls.end(this.#askedAt);
    const call = this.#calls.current;
    if (call === null) return;
    const { version, identity } = this.admitted;
    this.edge.logger.warn({ station: identity, action: call.action }, 'charger message not answered in time');
    if (call.kind === UPLINK.call && !KEPT_BY_CHARGER.has(call.action))
      this.#send(writeError(call.id, errorCode(version, 'internal'), 'not answered in time'));
    this.#settle(null);
  }

  #settle(reply: string | null): void {
    const next = this.#calls.settle(reply);
    if (next !== null && (this.#state === 'claiming' || this.#state === 'active')) this.#sendUp(next);
    else if (next === null) this.edge.sessionIdle(this);
  }

  #malformed(frame: Extract<ReturnType<typeof readEnvelope>, { kind: 'malformed' }>, text: string): void {
    const { identity, version } = this.admitted;
    this.edge.counts.malformed.with({ reason: frame.reason }).inc();
    this.edge.logger.warn({ station: identity, reason: frame.reason, id: frame.id }, 'malformed frame');
    this.#record('in', 'malformed', frame.id ?? '', '', text);
    this.#heardNoise();
    const reply = errorReplyFor(frame, version);
    if (reply === null) return;
    const [, , code, description, details] = JSON.parse(reply) as unknown[];
    this.#record('out', 'error', frame.id ?? '', '', JSON.stringify({ code, description, details }));
    this.#send(reply);
  }

  // Down -------------------------------------------------------------------------------------------------------------

  #down(message: BusMessage): void {
    let down: ReturnType<typeof unpackDown>;
    try {
      down = unpackDown(message.data);
    } catch (error) {
      this.edge.logger.error({ err: error, station: this.admitted.identity }, 'command could not be read');
      return;
    }
    if (down.type === 'claim') this.#claimed(down.epoch);
    // Before its own claim came round a newcomer leaves commands to the older holder; both see them in one order.
    else if (this.#state === 'active') {
      this.edge.attend(this);
      this.#commands.add({
        envelope: down,
        deadline: Date.now() + down.timeoutMs,
        answer: (reply) => {
          this.edge.counts.commands.with({ outcome: reply.status }).inc();
          message.respond(packCommandReply(reply));
        },
      });
      this.#sendNext();
    }
  }

  #claimed(epoch: number): void {
    const own = this.admitted.epoch;
    if (epoch > own) this.close(CLOSE.replaced, 'a newer connection took over');
    else if (epoch < own) this.claim();
    else if (this.#state === 'claiming') {
      this.#state = step(this.#state, 'active');
      this.#sendNext();
    }
  }

  #sendNext(): void {
    if (this.#state !== 'active') return;
    const command = this.#commands.next(this.#booted);
    if (command === null) return;
    const { id, action, payload } = command.envelope;
    this.edge.counts.frames.command.inc();
    this.#record('out', 'call', id, action, payload);
    this.#send(writeCallText(id, action, payload));
  }

  #answered(id: string, reply: CommandReply): void {
    const command = this.#commands.settle(id, reply);
    const { action, payload } = command?.envelope ?? { action: '', payload: '' };
    const said = (text: string) => redactQuoted(this.admitted.version, action, payload, text);
    if (reply.status === 'result') this.#record('in', 'result', id, action, said(reply.payload));
    else if (reply.status === 'error') this.#record('in', 'error', id, action, said(errorText(reply)));
    if (command === null) {
      this.edge.logger.info({ station: this.admitted.identity, id }, 'answer to no open command');
      this.#heardNoise();
    }
    this.#sendNext();
  }

  /** Some chargers do not boot again on a new connection, and some never did on ours (field.md 24). */
  #askForBoot(now: number): void {
    this.#bootAsked = true;
    this.edge.attend(this);
    this.#commands.add({
      envelope: {
        type: 'command',
        id: this.edge.messageId(),
        action: 'TriggerMessage',
        payload: '{"requestedMessage":"BootNotification"}',
        timeoutMs: this.edge.settings.callTimeoutMs,
      },
      deadline: now + this.edge.settings.callTimeoutMs,
      answer: (reply) => this.edge.counts.commands.with({ outcome: reply.status }).inc(),
    });
    this.#sendNext();
  }

  // Socket -----------------------------------------------------------------------------------------------------------

  #send(text: string): void {
    if (this.#socket === null) return;
    if (this.#socket.send(text) === 2) this.close(CLOSE.slowReader, 'messages are not read');
  }

  #ping(now: number, every: number): void {
    // Nothing heard since the ping before this one, not even its pong: nobody is there (field.md 1).
    if (now - this.#heardAt > every * 2) {
      this.edge.logger.info({ station: this.admitted.identity }, 'no pong: connection closed');
      this.close(CLOSE.unresponsive, 'no pong');
      return;
    }
    this.#pingAt = now + every;
    this.#socket?.ping();
  }

  #record(direction: 'in' | 'out', type: MessageType, id: string, action: string, text: string): void {
    if (this.edge.pressure.level >= PRESSURE.records) {
      this.edge.counts.shed.with({ what: 'record' }).inc();
      return;
    }
    const item = logRecord(this.admitted, { direction, type, id, action, text, at: this.edge.stamp() });
    this.edge.uplink.record(this.admitted.partition, item);
  }
}
