/** Whether a further charger may try to come in: looked at before anything of its request is, as it has to cost nothing. */
import type { Refused } from '../accept.js';
import type { EdgeSettings } from '../settings.js';
import { TokenBucket } from './bucket.js';
import { PRESSURE, type Pressure } from './pressure.js';

const refusal = (cause: Refused['cause'], reason: string): Refused => ({
  status: 'unavailable',
  cause,
  reason,
  identity: '',
});

/** The edge drains. */
export const DRAINING = refusal('draining', 'draining');
const FULL = refusal('full', 'edge is full');
const PRESSED = refusal('pressure', 'too much to do');
const TOO_MANY = refusal('rate', 'too many connections at once');

export class Admission {
  readonly #bucket: TokenBucket;

  constructor(
    private readonly settings: Pick<EdgeSettings, 'connectRate' | 'connectBurst' | 'maxSessions'>,
    private readonly pressure: Pressure,
  ) {
    this.#bucket = new TokenBucket(settings.connectRate, settings.connectBurst);
  }

  /** Why not, or null. @param sessions open ones and those under way */
  refusal(sessions: number): Refused | null {
    if (sessions >= this.settings.maxSessions) return FULL;
    if (this.pressure.level >= PRESSURE.connections) return PRESSED;
    return this.#bucket.take() ? null : TOO_MANY;
  }

  /** Who was let this far had to be sent away for guessing: it shall not use up what others come in by. */
  wasted(): void {
    this.#bucket.giveBack();
  }
}
