/**
 * Wrong passwords: who tries too many has to wait, longer each time. Never by identity alone, or anybody could lock a
 * charger out by knowing its name; and never who shows what came in before, as behind a gateway or a balancer a charger
 * has one address with whoever guesses. docs/decisions/0013.
 */

import { timingSafeEqual } from 'node:crypto';
import { networkOf } from '@sigec/runtime';

/** Wrong ones that are free: for a pair of identity and address, and for an address, behind which many chargers may stand. */
const FREE_OF_PAIR = 5;
const FREE_OF_ADDRESS = 20;
/** Attempts of a pair that may wait for an answer at once: more than a charger with a bad line ever has, and no storm of guesses. */
const AT_ONCE = 16;
const FIRST_MS = 1_000;
const LAST_MS = 5 * 60_000;
/** Failures older than this are forgotten: it is longer than the longest wait. */
const FORGET_MS = 15 * 60_000;
/** An address from which so many chargers have come in is a gateway of many: it is not locked as one. */
const SHARED = 8;
/** Bounds of the memory; the oldest goes. The second is over what an edge holds in session. */
const FAILURES_MAX = 20_000;
const PROVEN_MAX = 50_000;

/**
 * Looks a second at what a pair shows that would have to wait. Each tells who guesses whether he was right, so they are few;
 * and they are many for a charger, which dials some times a minute.
 */
const LOOKS = 20;

interface Failures {
  count: number;
  until: number;
  at: number;
}

/** A pair that has come in. */
interface Proven {
  /** Of what it came in by last; empty where that was nothing, or is not taken any more. */
  mark: string;
  /** Looks in the second that began then. */
  looks: number;
  since: number;
}

/** Who knocks, and with what. */
export interface Knock {
  readonly identity: string;
  readonly address: string;
  /** Made of its password; null where it shows none. */
  readonly proof: Uint8Array | null;
  /** It has shown a certificate of this identity, so that nothing is guessed. */
  readonly certified: boolean;
}

/** `in`: it was let in. `wrong`: a wrong password, or a station that nobody knows. */
export type AttemptOutcome = 'in' | 'wrong' | 'other';

/** In no address. */
const SEPARATOR = ' ';

/** Who has a certificate is a pair of its own: nobody without one makes it wait. */
function placed({ identity, address, certified }: Knock): { pair: string; place: string } {
  const place = networkOf(address);
  return { place, pair: place + SEPARATOR + (certified ? `+${identity}` : `-${identity}`) };
}

/** Enough of a proof to know it again, and no more; empty where none was shown. All are of one length. */
const markOf = ({ proof }: Knock): string =>
  proof === null ? '' : Buffer.from(proof.subarray(0, 16)).toString('base64');

function shows({ mark }: Proven, knock: Knock): boolean {
  const shown = markOf(knock);
  return mark !== '' && shown !== '' && timingSafeEqual(Buffer.from(mark), Buffer.from(shown));
}

export class Lockout {
  readonly #pairs = new Map<string, Failures>();
  readonly #addresses = new Map<string, Failures>();
  /** Attempts without an answer, by pair: many at once are not freer than one after the other. */
  readonly #trying = new Map<string, number>();
  readonly #proven = new Map<string, Proven>();
  /** How many of them each address has. */
  readonly #provenAt = new Map<string, number>();

  /** @param now ms that never go back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** What it keeps in mind of failures. */
  get size(): number {
    return this.#pairs.size + this.#addresses.size + this.#trying.size;
  }

  /** Seconds that this one has to wait; at 0 the attempt is begun, and {@link settle} is owed. */
  attempt(knock: Knock): number {
    const { pair, place } = placed(knock);
    const now = this.now();
    const left = (failures: Failures | undefined) => (failures === undefined ? 0 : failures.until - now);
    const byAddress = knock.certified || this.#isExempt(pair, place) ? 0 : left(this.#addresses.get(place));
    const wait = Math.max(left(this.#pairs.get(pair)), byAddress);
    const trying = this.#trying.get(pair) ?? 0;
    if ((wait > 0 || trying >= AT_ONCE) && !this.#isLetPass(pair, knock))
      return Math.ceil(Math.max(wait, FIRST_MS) / 1000);
    this.#trying.set(pair, trying + 1);
    return 0;
  }

  /** How an attempt ended. True where the next has to wait. */
  settle(knock: Knock, outcome: AttemptOutcome): boolean {
    const { pair, place } = placed(knock);
    const trying = this.#trying.get(pair) ?? 1;
    if (trying > 1) this.#trying.set(pair, trying - 1);
    else this.#trying.delete(pair);
    if (outcome === 'other') return false;
    if (outcome === 'in') {
      // The address keeps its failures: who has one good password shall not be free to try others.
      this.#pairs.delete(pair);
      this.#prove(pair, place, markOf(knock));
      return false;
    }
    const proven = this.#proven.get(pair);
    if (proven !== undefined && shows(proven, knock)) proven.mark = '';
    const byPair = this.#count(this.#pairs, pair, FREE_OF_PAIR);
    // A charger that is known here and has lost its password must not cost its neighbours anything.
    const isNeighbour = knock.certified || this.#isExempt(pair, place);
    const byAddress = !isNeighbour && this.#count(this.#addresses, place, FREE_OF_ADDRESS);
    return byPair || byAddress;
  }

  /** It would have to wait, but shows what this pair came in by last. */
  #isLetPass(pair: string, knock: Knock): boolean {
    const proven = this.#proven.get(pair);
    if (proven === undefined || proven.mark === '' || knock.proof === null) return false;
    const now = this.now();
    if (now - proven.since >= 1_000) Object.assign(proven, { since: now, looks: 0 });
    if (proven.looks >= LOOKS) return false;
    if (shows(proven, knock)) return true;
    proven.looks++;
    return false;
  }

  #isExempt(pair: string, place: string): boolean {
    return this.#proven.has(pair) || (this.#provenAt.get(place) ?? 0) >= SHARED;
  }

  #prove(pair: string, place: string, mark: string): void {
    if (!this.#proven.delete(pair)) this.#provenAt.set(place, (this.#provenAt.get(place) ?? 0) + 1);
    this.#proven.set(pair, { mark, looks: 0, since: 0 });
    if (this.#proven.size <= PROVEN_MAX) return;
    const [oldest] = this.#proven.keys();
    if (oldest === undefined) return;
    this.#proven.delete(oldest);
    const its = oldest.slice(0, oldest.indexOf(SEPARATOR));
    const left = (this.#provenAt.get(its) ?? 1) - 1;
    if (left > 0) this.#provenAt.set(its, left);
    else this.#provenAt.delete(its);
  }

  #count(among: Map<string, Failures>, key: string, free: number): boolean {
    const now = this.now();
    const before = among.get(key);
    const count = before === undefined || now - before.at > FORGET_MS ? 1 : before.count + 1;
    const until = count < free ? 0 : now + Math.min(LAST_MS, FIRST_MS * 2 ** (count - free));
    // Taken out and put in again: the map's order is that of the last failures.
    among.delete(key);
    among.set(key, { count, until, at: now });
    if (among.size > FAILURES_MAX) {
      const [oldest] = among.keys();
      if (oldest !== undefined) among.delete(oldest);
    }
    return until > now;
  }
}
