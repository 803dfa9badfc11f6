/** Login and refresh: from what a person shows to a pair of tokens, by way of a second factor where they have one. */
import { randomBytes } from 'node:crypto';
import type { Cache } from '@sigec/cache';
import { type Database, findUserByEmail, findUserById, type LoginUser, noteLogin } from '@sigec/store';
import { ProblemError } from '../problem.js';
import { ACCESS_SECONDS, type AccessTokens } from './access-token.js';
import { hashOf } from './one-time.js';
import type { Passwords } from './password.js';
import type { RefreshFamilies } from './refresh.js';
import type { SecondFactors } from './second-factor.js';

export interface TokenPair {
  readonly token: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

/** What was shown was good; a code is asked for. */
export interface Challenge {
  readonly challenge: string;
  readonly expiresIn: number;
}

export interface LoginDeps {
  readonly db: Database;
  readonly cache: Cache;
  readonly tokens: AccessTokens;
  readonly refresh: RefreshFamilies;
  readonly passwords: Passwords;
  readonly secondFactors: SecondFactors;
  /** Whether those who registered themselves have to confirm their e-mail address first. */
  readonly confirmFirst: boolean;
}

/** How long a person has to find their telephone, s. */
const CHALLENGE_SECONDS = 300;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const challengeKey = (challenge: string): string =>
  `auth:challenge:${Buffer.from(hashOf(challenge)).toString('base64url')}`;

export class LoginService {
  readonly #deps: LoginDeps;

  constructor(deps: LoginDeps) {
    this.#deps = deps;
  }

  /** @throws {ProblemError} `invalid-credentials` for whatever was wrong, `overloaded` */
  async login(email: string, password: string): Promise<TokenPair | Challenge> {
    const { db, passwords, confirmFirst } = this.#deps;
    const user = await findUserByEmail(db, email);
    const matches = await passwords.matches(user?.passwordHash, password);
    // Said apart, it would tell whether an address that somebody just registered was new.
    const unconfirmed = confirmFirst && user?.registered === true && user.emailVerifiedAt === null;
    if (!user || !matches || unconfirmed) throw new ProblemError('invalid-credentials');
    return this.enter(user);
  }

  /** Somebody who has shown who they are. @throws {ProblemError} `invalid-credentials` where they are not active */
  async enter(user: LoginUser): Promise<TokenPair | Challenge> {
    if (user.status !== 'active') throw new ProblemError('invalid-credentials');
    if (!user.secondFactor) return this.#begin(user);
    const challenge = randomBytes(32).toString('base64url');
    const value = `${user.id} ${user.sessionEpoch}`;
    await this.#deps.cache.set(challengeKey(challenge), value, CHALLENGE_SECONDS * 1000);
    return { challenge, expiresIn: CHALLENGE_SECONDS };
  }

  /** @throws {ProblemError} `invalid-challenge`, `wrong-code`, `too-many-attempts` */
  async answer(challenge: string, code: string): Promise<TokenPair> {
    const { db, cache, secondFactors } = this.#deps;
    const key = challengeKey(challenge);
    const value = CHALLENGE.test(challenge) ? await cache.get(key) : null;
    const [id = '', epoch] = (value ?? '').split(' ');
    const user = value === null ? undefined : await findUserById(db, id);
    if (value === null || user?.status !== 'active' || String(user.sessionEpoch) !== epoch)
      throw new ProblemError('invalid-challenge');
    // Somebody may have taken it off meanwhile: then the password alone was enough.
    if (user.secondFactor) await secondFactors.check(user, code);
    if (!(await cache.compareAndSet(key, value, null))) throw new ProblemError('invalid-challenge');
    return this.#begin(user);
  }

  /**
   * The token is used up last: where the database is away its owner is told to come again, and comes with the same one.
   * @throws {ProblemError} `invalid-refresh-token`
   */
  async refresh(given: string): Promise<TokenPair> {
    const { db, refresh } = this.#deps;
    const shown = await refresh.look(given);
    if (!shown) throw new ProblemError('invalid-refresh-token');
    const user = await findUserById(db, shown.userId);
    if (user?.status !== 'active' || user.sessionEpoch !== shown.epoch) {
      await refresh.end(shown.sessionId);
      throw new ProblemError('invalid-refresh-token');
    }
    const token = await this.#sign(user, shown.sessionId);
    const next = await refresh.rotate(shown);
    if (!next) throw new ProblemError('invalid-refresh-token');
    return { token, refreshToken: next.token, expiresIn: ACCESS_SECONDS };
  }

  /** A session that begins where the others of this person ended. */
  async again(user: LoginUser, sessionEpoch: number): Promise<TokenPair> {
    const begun = await this.#deps.refresh.begin(user.id, sessionEpoch);
    const token = await this.#sign(user, begun.sessionId);
    return { token, refreshToken: begun.token, expiresIn: ACCESS_SECONDS };
  }

  async #begin(user: LoginUser): Promise<TokenPair> {
    await noteLogin(this.#deps.db, user.id);
    return this.again(user, user.sessionEpoch);
  }

  #sign({ id: userId, role, tenantId }: LoginUser, sessionId: string): Promise<string> {
    return this.#deps.tokens.issue({ userId, role, tenantId, sessionId });
  }
}
