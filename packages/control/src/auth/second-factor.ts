/** The second factor of people: made, confirmed, asked for, taken off. */
import type { Clock } from '@sigec/runtime';
import {
  type Actor,
  beginSecondFactor,
  confirmSecondFactor,
  type Database,
  dropSecondFactor,
  getSecondFactor,
  takeRecoveryCode,
  takeStep,
} from '@sigec/store';
import type { LoginLimit } from '../guard/login-limit.js';
import { ProblemError } from '../problem.js';
import { seal, unseal } from '../sealed.js';
import { hashOf } from './one-time.js';
import { base32, newRecoveryCodes, newSecret, otpauthUrl, stepOfCode, tidyRecoveryCode } from './totp.js';

export interface SecondFactorDeps {
  readonly db: Database;
  readonly secret: string;
  readonly clock: Clock;
  readonly limit: LoginLimit;
}

/** Whose: enough to find it, and to note what was done. */
export interface Holder {
  readonly id: string;
  readonly tenantId: number;
}

const TOTP = /^\d{6}$/;

export class SecondFactors {
  readonly #deps: SecondFactorDeps;

  constructor(deps: SecondFactorDeps) {
    this.#deps = deps;
  }

  /** A new secret, which counts once a code of it was shown. @throws {ProblemError} `second-factor-state` where there is one */
  async enrol(actor: Actor, account: string): Promise<{ readonly secret: string; readonly url: string }> {
    const secret = newSecret();
    const box = seal(this.#deps.secret, 'second-factor', Buffer.from(secret).toString('base64'));
    if (!(await beginSecondFactor(this.#deps.db, actor, box))) throw new ProblemError('second-factor-state');
    return { secret: base32(secret), url: otpauthUrl(secret, account) };
  }

  /**
   * The secret is at work from now on.
   * @returns recovery codes, to be shown once
   * @throws {ProblemError} `second-factor-state` where none waits for it, `wrong-code`, `too-many-attempts`
   */
  async confirm(actor: Actor, code: string): Promise<readonly string[]> {
    const { db, clock, limit } = this.#deps;
    const factor = await getSecondFactor(db, actor.userId);
    if (factor === undefined || factor.confirmed) throw new ProblemError('second-factor-state');
    await limit.byPerson('code', actor.userId);
    const step = stepOfCode(this.#open(factor.secretBox), code, clock.now());
    const codes = newRecoveryCodes();
    if (step === undefined || !(await confirmSecondFactor(db, actor, step, codes.map(hashOf))))
      throw new ProblemError('wrong-code', { errors: [{ field: 'code', message: 'is not the code of now' }] });
    await limit.forgetPerson('code', actor.userId);
    return codes;
  }

  /**
   * Takes a code, of the app or a recovery code: each once.
   * @throws {ProblemError} `wrong-code`, `too-many-attempts`
   */
  async check(holder: Holder, code: string): Promise<void> {
    const { limit } = this.#deps;
    await limit.byPerson('code', holder.id);
    const good = TOTP.test(code) ? await this.#byApp(holder, code) : await this.#byRecovery(holder, code);
    if (!good) throw new ProblemError('wrong-code', { errors: [{ field: 'code', message: 'is wrong, old, or used' }] });
    await limit.forgetPerson('code', holder.id);
  }

  /** @throws {ProblemError} `second-factor-state` where there is none, `wrong-code`, `too-many-attempts` */
  async disable(actor: Actor, code: string): Promise<void> {
    const { db } = this.#deps;
    const factor = await getSecondFactor(db, actor.userId);
    if (factor === undefined) throw new ProblemError('second-factor-state');
    if (factor.confirmed) await this.check({ id: actor.userId, tenantId: actor.tenantId }, code);
    await dropSecondFactor(db, actor, actor.userId);
  }

  async #byApp({ id }: Holder, code: string): Promise<boolean> {
    const { db, clock } = this.#deps;
    const factor = await getSecondFactor(db, id);
    if (!factor?.confirmed) return false;
    const step = stepOfCode(this.#open(factor.secretBox), code, clock.now());
    return step !== undefined && (await takeStep(db, id, step));
  }

  #byRecovery(holder: Holder, code: string): Promise<boolean> {
    return takeRecoveryCode(this.#deps.db, holder, hashOf(tidyRecoveryCode(code)));
  }

  #open(box: Uint8Array): Uint8Array {
    return Buffer.from(unseal(this.#deps.secret, 'second-factor', box), 'base64');
  }
}
