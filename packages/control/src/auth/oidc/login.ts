/**
 * Login by a provider: the code flow with PKCE (OpenID Connect Core 1.0 section 3.1, RFC 7636). Whoever begins gets a name of
 * their login beside the provider's address and shows it when they come back: a code that was slipped to them opens nothing, and
 * no cookie is needed. Our tokens are in the answer to a POST, never in an address.
 */
import type { Cache } from '@sigec/cache';
import { type Circuit, CircuitOpenError, type CircuitOptions, type Clock } from '@sigec/runtime';
import { type Database, type ExternalPerson, type ExternalRules, enterByProvider } from '@sigec/store';
import * as client from 'openid-client';
import { z } from 'zod';
import { ProblemError } from '../../problem.js';
import type { Challenge, LoginService, TokenPair } from '../login.js';
import { hashOf, newOneTime } from '../one-time.js';
import type { OidcProvider } from './provider.js';

export interface OidcDeps {
  readonly db: Database;
  readonly cache: Cache;
  readonly clock: Clock;
  readonly login: LoginService;
  readonly provider: OidcProvider;
  readonly rules: ExternalRules;
  readonly circuit: Circuit;
}

/** A provider that refuses somebody is there. */
export const OIDC_CIRCUIT: CircuitOptions = {
  counts: (error) => error instanceof ProblemError && error.code === 'provider-unavailable',
};

/** How long somebody may take at the provider, s. */
const BEGUN_SECONDS = 600;

const Begun = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });

const begunKey = (name: string): string => `auth:oidc:${Buffer.from(hashOf(name)).toString('base64url')}`;

/** What the provider sent back. */
export interface Returned {
  /** The name that the login was begun by. */
  readonly login: string;
  readonly code: string;
  readonly state: string;
  /** RFC 9207. */
  readonly iss?: string | undefined;
}

/** What was said was wrong, or nothing was said at all. */
function failure(cause: unknown): ProblemError {
  const { code } = cause as { code?: unknown };
  const silent = cause instanceof TypeError || code === 'OAUTH_TIMEOUT' || code === 'OAUTH_RESPONSE_IS_NOT_CONFORM';
  return new ProblemError(silent ? 'provider-unavailable' : 'provider-refused', { cause });
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** @param claims of the ID token or of the userinfo endpoint (Core section 5.1) */
function personOf(issuer: string, subject: string, claims: Readonly<Record<string, unknown>>): ExternalPerson {
  const email = text(claims.email)?.slice(0, 254);
  const verified = claims.email_verified === true && email !== undefined && /^[^\s@]+@[^\s@]+$/.test(email);
  const name = text(claims.name) ?? text(claims.preferred_username) ?? email?.split('@')[0] ?? 'Motorista';
  return { issuer, subject, name: name.slice(0, 200), verifiedEmail: verified ? email : null };
}

export class OidcLogin {
  readonly #deps: OidcDeps;

  constructor(deps: OidcDeps) {
    this.#deps = deps;
  }

  /** @throws {ProblemError} `provider-unavailable` */
  async begin(): Promise<{ readonly url: string; readonly login: string; readonly expiresIn: number }> {
    const { cache, provider } = this.#deps;
    const configuration = await this.#configuration();
    const state = client.randomState();
    const nonce = client.randomNonce();
    const verifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: provider.settings.redirectUrl,
      scope: 'openid email profile',
      response_type: 'code',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    const { token: login } = newOneTime();
    await cache.set(begunKey(login), JSON.stringify({ state, nonce, verifier }), BEGUN_SECONDS * 1000);
    return { url: url.toString(), login, expiresIn: BEGUN_SECONDS };
  }

  /** @throws {ProblemError} `provider-refused` for whatever did not fit, `provider-unavailable`, `no-account`, `invalid-credentials` */
  async finish(returned: Returned): Promise<TokenPair | Challenge> {
    const person = await this.#identify(returned);
    const { db, login, rules } = this.#deps;
    const user = await enterByProvider(db, person, rules);
    if (user === undefined) throw new ProblemError('no-account');
    return login.enter(user);
  }

  async #identify({ login, code, state, iss }: Returned): Promise<ExternalPerson> {
    const { cache, provider } = this.#deps;
    const value = await cache.get(begunKey(login));
    // Once, whatever comes of it.
    if (value === null || !(await cache.compareAndSet(begunKey(login), value, null)))
      throw new ProblemError('provider-refused');
    const begun = Begun.parse(JSON.parse(value));
    const configuration = await this.#configuration();
    const url = new URL(provider.settings.redirectUrl);
    for (const [name, given] of Object.entries({ code, state, iss }))
      if (given !== undefined) url.searchParams.set(name, given);
    return this.#provider(async () => {
      const tokens = await client.authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: begun.verifier,
        expectedState: begun.state,
        expectedNonce: begun.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new ProblemError('provider-refused');
      const told = { ...claims } as Readonly<Record<string, unknown>>;
      const wanting = told.email === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined;
      const more = wanting ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub) : {};
      return personOf(claims.iss, claims.sub, { ...told, ...more });
    });
  }

  async #configuration(): Promise<client.Configuration> {
    const { provider, clock } = this.#deps;
    return this.#provider(async () => {
      try {
        return await provider.configuration(clock.monotonic());
      } catch (cause) {
        throw new ProblemError('provider-unavailable', { cause });
      }
    });
  }

  /** Asks the provider something. @throws {ProblemError} `provider-refused`, `provider-unavailable` */
  async #provider<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#deps.circuit.run(async () => {
        try {
          return await work();
        } catch (error) {
          throw error instanceof ProblemError ? error : failure(error);
        }
      });
    } catch (error) {
      if (error instanceof CircuitOpenError) throw new ProblemError('provider-unavailable', { cause: error });
      throw error;
    }
  }
}
