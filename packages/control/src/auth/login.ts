/** Login and refresh: from what a person shows to a pair of tokens. */
import { type Database, findUserByEmail, findUserById, type LoginUser } from '@sigec/store';
import { ProblemError } from '../problem.js';
import { ACCESS_SECONDS, type AccessTokens } from './access-token.js';
import { PasswordChecks } from './password.js';
import type { IssuedRefresh, RefreshFamilies } from './refresh.js';

export interface TokenPair {
  readonly token: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

export interface LoginDeps {
  readonly db: Database;
  readonly tokens: AccessTokens;
  readonly refresh: RefreshFamilies;
}

export class LoginService {
  readonly #deps: LoginDeps;
  readonly #passwords = new PasswordChecks();

  constructor(deps: LoginDeps) {
    this.#deps = deps;
  }

  /** @throws {ProblemError} `invalid-credentials` for whatever was wrong, `overloaded` */
  async login(email: string, password: string): Promise<TokenPair> {
    const { db, refresh } = this.#deps;
    const user = await findUserByEmail(db, email);
    const matches = await this.#passwords.matches(user?.passwordHash, password);
    if (!user || !matches || user.status !== 'active') throw new ProblemError('invalid-credentials');
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
