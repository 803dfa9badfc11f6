/** Keys of machines: `sk_` and 32 random bytes. What is stored is a hash; whoever has one is not asked for anything else. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '@sigec/runtime';
import { type Actor, type Database, findApiKey, type KeyHolder } from '@sigec/store';
import { hashOf } from './one-time.js';
import { type Permission, permissionsOf } from './permissions.js';
import { VerifiedTokens } from './verified-tokens.js';

const KEY = /^Bearer +(sk_[A-Za-z0-9_-]{43}) *$/i;
/** What a key begins with, after the scheme. */
const PREFIX = /^Bearer +sk_/i;
/** How long a key that was found is not looked for again, s: so long it works after it was revoked. */
const BELIEVED_S = 10;

/** Whoever a key speaks for: its maker, as far as its scopes go. */
export interface KeyActor extends Actor {
  readonly keyId: number;
  /** When it ends, ms since 1970; undefined where it does not. */
  readonly endsAt: number | undefined;
  readonly permissions: ReadonlySet<Permission>;
}

/** A new key, to be shown once, with what is kept of it. */
export function newApiKey(): { readonly key: string; readonly hint: string; readonly hash: Uint8Array } {
  const key = `sk_${randomBytes(32).toString('base64url')}`;
  return { key, hint: key.slice(0, 9), hash: hashOf(key) };
}

/** True where a header holds a key, good or not. */
export const isApiKey = (header: string): boolean => PREFIX.test(header);

function actorOf({ id, tenantId, userId, role, scopes }: KeyHolder, endsAt: number | undefined): KeyActor {
  const permissions = permissionsOf(role, scopes);
  // Queries show a driver what is their own: so also to a key that has to do with charging but may not see everybody's.
  const charging = permissions.has('transactions:own') || permissions.has('transactions:control');
  const ownOnly = charging && !permissions.has('transactions:read');
  return { userId, tenantId, role: ownOnly ? 'user' : role, keyId: id, endsAt, permissions };
}

export class ApiKeys {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #found = new VerifiedTokens<KeyActor>();

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** A promise only where the key was not seen in the last seconds. */
  authenticate(header: string): KeyActor | undefined | Promise<KeyActor | undefined> {
    return this.#found.get(header, this.#clock.now() / 1000) ?? this.#find(header);
  }

  async #find(header: string): Promise<KeyActor | undefined> {
    const key = KEY.exec(header)?.[1];
    if (key === undefined) return undefined;
    const holder = await findApiKey(this.#db, hashOf(key));
    if (holder === undefined) return undefined;
    const now = this.#clock.now();
    const endsAt = holder.leftMs === null ? undefined : now + holder.leftMs;
    const actor = actorOf(holder, endsAt);
    this.#found.add(header, actor, Math.min(now + BELIEVED_S * 1000, endsAt ?? Number.POSITIVE_INFINITY) / 1000);
    return actor;
  }
}
