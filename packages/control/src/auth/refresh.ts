/**
 * Refresh tokens: opaque, used once. A login begins a family; each use replaces its token. A token that comes again was
 * stolen from one side or the other, and nobody can tell from which: the family ends. To look at a token uses nothing up:
 * where what follows fails, whoever shows it may come with it again.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Cache } from '@sigec/cache';

/** Milliseconds from one use to the next. */
export const REFRESH_MS = 7 * 24 * 3_600_000;

const TOKEN = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
const keyOf = (sessionId: string): string => `auth:family:${sessionId}`;

/** Where a family stands: whose it is, the hash of the one token that is good, and the number of the person's sessions. */
interface Family {
  readonly userId: string;
  readonly hash: string;
  readonly epoch: number;
}

function parse(value: string): Family {
  const [userId = '', hash = '', epoch = '0'] = value.split(' ');
  return { userId, hash, epoch: Number(epoch) };
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

export interface IssuedRefresh {
  readonly token: string;
  /** The family's public name; it goes into access tokens and cannot be turned into a refresh token. */
  readonly sessionId: string;
}

/** A token that is good, as it was found. */
export interface ShownRefresh {
  readonly sessionId: string;
  readonly userId: string;
  /** The number that the person's sessions had when it began. A session of an older number is over. */
  readonly epoch: number;
  /** The family's secret name, and where it stood: what replaces the token compares it. */
  readonly family: string;
  readonly stood: string;
}

export class RefreshFamilies {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** Begins a family. @param epoch the number that sessions of this person bear now */
  async begin(userId: string, epoch: number): Promise<IssuedRefresh> {
    const family = randomBytes(16).toString('base64url');
    const secret = randomBytes(32).toString('base64url');
    const sessionId = sha256(family);
    await this.#cache.set(keyOf(sessionId), `${userId} ${sha256(secret)} ${epoch}`, REFRESH_MS);
    return { token: `${family}.${secret}`, sessionId };
  }

  /** Looks at a token; undefined where it is not good, and then its family has ended. */
  async look(token: string): Promise<ShownRefresh | undefined> {
    const [, family, secret] = TOKEN.exec(token) ?? [];
    if (family === undefined || secret === undefined) return undefined;
    const sessionId = sha256(family);
    const stood = await this.#cache.get(keyOf(sessionId));
    if (stood === null) return undefined;
    const { userId, hash, epoch } = parse(stood);
    if (same(hash, sha256(secret))) return { sessionId, userId, epoch, family, stood };
    await this.end(sessionId);
    return undefined;
  }

  /** The next token in the place of one that was good; undefined where it was used meanwhile, and then its family has ended. */
  async rotate({ sessionId, userId, epoch, family, stood }: ShownRefresh): Promise<IssuedRefresh | undefined> {
    const next = randomBytes(32).toString('base64url');
    const stands = `${userId} ${sha256(next)} ${epoch}`;
    if (await this.#cache.compareAndSet(keyOf(sessionId), stood, stands, REFRESH_MS))
      return { token: `${family}.${next}`, sessionId };
    await this.end(sessionId);
    return undefined;
  }

  /** Ends a family by its public name. */
  async end(sessionId: string): Promise<void> {
    await this.#cache.delete(keyOf(sessionId));
  }

  /** Ends the family of a token, whichever of its tokens it is; false where it is not a token at all. */
  async endByToken(token: string): Promise<boolean> {
    const family = TOKEN.exec(token)?.[1];
    if (family === undefined) return false;
    await this.end(sha256(family));
    return true;
  }
}
