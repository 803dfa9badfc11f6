/** The charger's CALLs of one session: one on its way at a time, in order; repetitions answered alike. */
import { type CallItem, fnv1a32 } from '@sigec/contract';

/** A CALL or SEND as it goes up. */
export type Incoming = CallItem;

/** A charger repeats a message within its own timeout; the same id later is another message, ms. */
const REMEMBER_MS = 60_000;
/** CALLs that a charger sent without waiting, held back in order. Beyond it the socket closes. */
const QUEUE_MAX = 16;

export type Arrival =
  /** Send it up now. */
  | 'go'
  /** Another is on its way; it goes after that. */
  | 'queued'
  /** The same message is on its way already; its answer will do. */
  | 'repeated'
  /** The queue is full. */
  | 'overflow'
  /** The last answer, again. */
  | { readonly again: string };

/** One CALL in flight from the charger (OCPP-J 1.6 section 4.1.1, 2.x part 4 section 4.1.4), kept here and nowhere else. */
export class Calls {
  #current: Incoming | null = null;
  #queue: Incoming[] | null = null;
  #last: Answered | null = null;

  get current(): Incoming | null {
    return this.#current;
  }

  /** @param flag told where an id comes again with another payload (field.md 18) */
  arrive(call: Incoming, flag: () => void): Arrival {
    if (this.#current !== null && this.#current.id === call.id) {
      if (this.#current.action === call.action && this.#current.payload === call.payload) return 'repeated';
      flag();
    } else if (this.#current === null && this.#last?.id === call.id && call.at < this.#last.at + REMEMBER_MS) {
      if (isSame(this.#last, call)) return { again: this.#last.reply };
      flag();
    }
    if (this.#current === null) {
      this.#current = call;
      return 'go';
    }
    this.#queue ??= [];
    if (this.#queue.length >= QUEUE_MAX) return 'overflow';
    this.#queue.push(call);
    return 'queued';
  }

  /** Lets go of what is too old to come again, so that an idle charger takes no room. */
  tidy(now: number): void {
    if (this.#last !== null && now >= this.#last.at + REMEMBER_MS) this.#last = null;
  }

  /** The current one is answered (`reply` its frame) or given up (null). Returns the next to send up. */
  settle(reply: string | null): Incoming | null {
    if (this.#current !== null && reply !== null) {
      // The answer to a heartbeat is the time, and some chargers give all their heartbeats one id.
      this.#last = this.#current.action === 'Heartbeat' ? null : answered(this.#current, reply);
    }
    this.#current = this.#queue?.shift() ?? null;
    if (this.#queue?.length === 0) this.#queue = null;
    return this.#current;
  }
}

/** A payload longer than this is remembered by its hash, characters. */
const KEPT_WHOLE = 2_048;

interface Answered {
  readonly id: string;
  readonly action: string;
  /** Itself, where it is short: to hash each and every payload costs more than all else that is done with it here. */
  readonly payload: string | number;
  readonly at: number;
  readonly reply: string;
}

const remembered = (payload: string) => (payload.length <= KEPT_WHOLE ? payload : fnv1a32(payload));

function answered({ id, action, payload, at }: Incoming, reply: string): Answered {
  return { id, action, payload: remembered(payload), at, reply };
}

const isSame = (last: Answered, call: Incoming): boolean =>
  last.action === call.action && last.payload === remembered(call.payload);
