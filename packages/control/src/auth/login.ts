/** Login and refresh: from what a person shows to a pair of tokens. */
import { createHash } from 'node:crypto';
import type { Cache } from '@sigec/cache';
import { type Database, findUserByEmail, findUserById, type LoginUser } from '@sigec/store';
import { ProblemError } from '../problem.js';
import { ACCESS_SECONDS, type AccessTokens } from './access-token.js';
import { PasswordChecks } from './password.js';
import type { IssuedRefresh, RefreshFamilies } from './refresh.js';

/** Attempts per e-mail and address in a window. */
const ATTEMPTS = 10;
const WINDOW_MS = 15 * 60_000;

export interface TokenPair {
  readonly token: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

export interface LoginDeps {
  readonly db: Database;
  readonly cache: Cache;
  readonly tokens: AccessTokens;
  readonly refresh: RefreshFamilies;
}

export class LoginService {
  readonly #deps: LoginDeps;
  readonly #passwords = new PasswordChecks();

  constructor(deps: LoginDeps) {
    this.#deps = deps;
  }

  /**
   * @param address where the request came from, as text
   * @throws {ProblemError} `invalid-credentials` for whatever was wrong, `too-many-attempts`
   */
  async login(email: string, password: string, address: string): Promise<TokenPair> {
    const { cache, db, refresh } = this.#deps;
    const who = createHash('sha256').update(`${email.toLowerCase()}\n${address}`).digest('base64url');
    const key = `auth:attempts:${who}`;
    if ((await cache.increment(key, WINDOW_MS)) > ATTEMPTS)
      throw new ProblemError('too-many-attempts', { headers: { 'retry-after': String(WINDOW_MS / 1000) } });
    const user = await findUserByEmail(db, email);
    const matches = await this.#passwords.matches(user?.passwordHash, password);
    if (!user || !matches || user.status !== 'active') throw new ProblemError('invalid-credentials');
    await cache.delete(key);
    return this.#pair(user, await refresh.begin(user.id));
  }

  /** @throws {ProblemError} `invalid-refresh-token` */
  async refresh(token: string): Promise<TokenPair> {
    const next = await this.#deps.refresh.rotate(token);
    if (!next) throw new ProblemError('invalid-refresh-token');
    const user = await findUserById(this.#deps.db, next.userId);
    if (user?.status === 'active') return this.#pair(user, next);
    await this.#deps.refresh.end(next.sessionId);
    throw new ProblemError('invalid-refresh-token');
  }

  async #pair(user: LoginUser, issued: IssuedRefresh): Promise<TokenPair> {
    const { id: userId, role, tenantId } = user;
    const token = await this.#deps.tokens.issue({ userId, role, tenantId, sessionId: issued.sessionId });
    return { token, refreshToken: issued.token, expiresIn: ACCESS_SECONDS };
  }
}
