/**
 * How often somebody who need not log in may look something up, by the network of their address: what a stranger can ask for
 * by a code is not to be found by asking for all codes. Without the cache they are not counted, as other requests are not: who
 * stands at a station with a phone is not to wait for it, and the codes are too long for so short a while.
 */
import { createHash } from 'node:crypto';
import type { Cache } from '@sigec/cache';
import { type Clock, type Logger, networkOf } from '@sigec/runtime';
import type { Standing } from './limit-headers.js';
import { UserLimits } from './user-limits.js';

/** A minute. Phones of one mobile network may come from one address, and each asks once. */
export const VISITS = 60;

export class VisitorLimit {
  readonly #limits: UserLimits;

  constructor(deps: { readonly cache: Cache; readonly clock: Clock; readonly logger: Logger }) {
    this.#limits = new UserLimits(deps, VISITS);
  }

  /** Counts one look. Undefined where nothing is known. @throws {ProblemError} `too-many-requests` */
  async visit(address: string): Promise<Standing | undefined> {
    // Hashed: the cache holds no list of addresses of people.
    const network = createHash('sha256').update(networkOf(address)).digest('base64url');
    return this.#limits.spend(`visitor:${network}`);
  }
}
