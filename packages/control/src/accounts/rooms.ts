/** Puts together what has to do with people: keys, sessions, proofs, the login provider. */
import type { Circuits, Clock } from '@sigec/runtime';
import type { Database } from '@sigec/store';
import { AccessTokens } from '../auth/access-token.js';
import { ApiKeys } from '../auth/api-keys.js';
import { Callers } from '../auth/callers.js';
import { LoginService } from '../auth/login.js';
import { OIDC_CIRCUIT, OidcLogin } from '../auth/oidc/login.js';
import { OidcProvider } from '../auth/oidc/provider.js';
import { Passwords } from '../auth/password.js';
import { RefreshFamilies } from '../auth/refresh.js';
import { SecondFactors } from '../auth/second-factor.js';
import { SecretKey, StoredKeys } from '../auth/signing-keys.js';
import type { ControlDeps, Services } from '../context.js';
import { LoginLimit } from '../guard/login-limit.js';
import { Accounts } from './accounts.js';
import { Aside } from './aside.js';
import { StoredNotices } from './notifier.js';

type AccountRooms = Pick<
  Services,
  | 'accounts'
  | 'apiKeys'
  | 'aside'
  | 'callers'
  | 'login'
  | 'loginLimit'
  | 'oidc'
  | 'passwords'
  | 'refresh'
  | 'secondFactors'
  | 'signingKeys'
  | 'tokens'
>;

/**
 * @param db as requests see it; the keys that sign are no tenant's, and are read past the wall
 * @throws {RangeError} for a secret under 32 characters
 */
export function accountRooms(deps: ControlDeps, db: Database, clock: Clock, circuits: Circuits): AccountRooms {
  const { cache, logger, config } = deps;
  const {
    jwtSecret: secret,
    jwtAlgorithm = 'ES256',
    registration = 'verified',
    registrationTenant: tenantId = 1,
  } = config;
  if (secret.length < 32) throw new RangeError('jwtSecret: must be at least 32 characters');
  const signingKeys =
    jwtAlgorithm === 'HS256' ? new SecretKey(secret) : new StoredKeys({ db: deps.db, secret, clock }, jwtAlgorithm);
  const tokens = new AccessTokens(signingKeys, clock);
  const apiKeys = new ApiKeys(db, clock);
  const refresh = new RefreshFamilies(cache);
  const loginLimit = new LoginLimit(cache);
  const passwords = new Passwords();
  const secondFactors = new SecondFactors({ db, secret, clock, limit: loginLimit });
  const confirmFirst = registration !== 'open';
  const login = new LoginService({ db, cache, tokens, refresh, passwords, secondFactors, confirmFirst });
  const aside = new Aside(logger);
  const provider = config.oidc && new OidcProvider(config.oidc);
  const rules = { register: registration !== 'off', tenantId };
  return {
    signingKeys,
    tokens,
    apiKeys,
    callers: new Callers(tokens, apiKeys),
    refresh,
    passwords,
    secondFactors,
    login,
    loginLimit,
    oidc:
      provider &&
      new OidcLogin({ db, cache, clock, login, provider, rules, circuit: circuits.of('login-provider', OIDC_CIRCUIT) }),
    aside,
    accounts: new Accounts({
      ...{ db, passwords, login, aside, registration, tenantId },
      limit: loginLimit,
      notifier: deps.notifier ?? new StoredNotices(db, secret),
      publicUrl: config.publicUrl,
    }),
  };
}
