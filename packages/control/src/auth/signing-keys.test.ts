/** The keys behind access tokens: one set for all processes, each after the other, none of it readable in the database. */
import type { Database } from '@sigec/store';
import { borrowPglite } from '@sigec/store/testing';
import { createLocalJWKSet, decodeProtectedHeader, type JWK, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AccessClaims, AccessTokens } from './access-token.js';
import { KEY_MS, SecretKey, type SigningKeys, StoredKeys } from './signing-keys.js';

const SECRET = 's'.repeat(40);
const claims: AccessClaims = {
  userId: '0193f000-0000-7000-8000-000000000001',
  tenantId: 1,
  role: 'operator',
  sessionId: 'family',
};

let db: Database;
beforeAll(async () => {
  db = await borrowPglite();
});
afterAll(() => db.close());
beforeEach(() => db.query('delete from signing_key'));

/** A process: its own keys, and a clock that tests move on. */
function process(algorithm: 'ES256' | 'EdDSA' = 'ES256', on: Database = db, secret = SECRET) {
  let at = 0;
  const clock = { now: () => Date.now() + at, monotonic: () => performance.now() + at };
  const keys = new StoredKeys({ db: on, secret, clock }, algorithm);
  const tokens = new AccessTokens(keys, clock);
  const pass = (ms: number): void => {
    at += ms;
  };
  const reads = async (token: string) => (await tokens.authenticate(`Bearer ${token}`)) !== undefined;
  return { keys, tokens, pass, reads };
}
/** As if it were so much later for the database. */
const age = (ms: number) =>
  db.query(
    `update signing_key set signs_at = signs_at - $1::int8 * interval '1 ms', ends_at = ends_at - $1::int8 * interval '1 ms'`,
    [ms],
  );
const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const publishedBy = async (keys: SigningKeys) => (await keys.published()).map(({ kid }) => kid);

describe.each(['ES256', 'EdDSA'] as const)('%s', (algorithm) => {
  it('is one key for processes that start at once, and each reads what another signed', async () => {
    const all = [1, 2, 3].map(() => process(algorithm));
    const tokens = await Promise.all(all.map(({ tokens }) => tokens.issue(claims)));
    expect(new Set(tokens.map(kidOf)).size).toBe(1);
    for (const one of all) for (const token of tokens) expect(await one.reads(token)).toBe(true);
    expect(await db.query('select id from signing_key')).toHaveLength(1);
  });

  it('can be checked by others with what is published, which holds nothing private', async () => {
    const { keys, tokens } = process(algorithm);
    const token = await tokens.issue(claims);
    const published = await keys.published();
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [...published] }), { issuer: 'sigec' });
    expect(payload.sub).toBe(claims.userId);
    expect(published.map(({ alg, use, d }) => [alg, use, d])).toEqual([[algorithm, 'sig', undefined]]);
  });
});

describe('rotation', () => {
  it('shows the next key before it signs, and takes tokens of the one before until they are over', async () => {
    const one = process();
    const other = process();
    const before = await one.tokens.issue(claims);
    expect(await one.keys.rotate()).toBe(false);
    await age(KEY_MS);
    expect((await Promise.all([one.keys.rotate(), other.keys.rotate()])).filter(Boolean)).toHaveLength(1);
    one.pass(60_000);
    const [next] = (await publishedBy(one.keys)).filter((kid) => kid !== kidOf(before));
    expect(next).toBeDefined();
    // Shown, and not yet used.
    expect(kidOf(await one.tokens.issue(claims))).toBe(kidOf(before));
    await age(16 * 60_000);
    one.pass(60_000);
    const after = await one.tokens.issue(claims);
    expect(kidOf(after)).toBe(next);
    // A process that has not looked since finds the key by its name.
    other.pass(10_000);
    expect(await other.reads(after)).toBe(true);
    expect(await one.reads(before)).toBe(true);
    await age(30 * 60_000);
    one.pass(60_000);
    expect(await publishedBy(one.keys)).toEqual([next]);
    expect(await process().reads(before)).toBe(false);
  });

  it('to another algorithm lets the tokens of both be read', async () => {
    const old = process('ES256');
    const first = await old.tokens.issue(claims);
    const now = process('EdDSA');
    const second = await now.tokens.issue(claims);
    expect(decodeProtectedHeader(second).alg).toBe('EdDSA');
    expect(await now.reads(first)).toBe(true);
    old.pass(10_000);
    expect(await old.reads(second)).toBe(true);
    // Those that go on with the one before do not fight over it.
    old.pass(60_000);
    expect(kidOf(await old.tokens.issue(claims))).toBe(kidOf(first));
  });
});

describe('what is kept', () => {
  it('opens under the secret of the installation only; with another, others sign, and what was signed before is over', async () => {
    const one = process();
    const before = await one.tokens.issue(claims);
    const [row] = await db.query<{ box: Uint8Array }>('select key_box as box from signing_key');
    expect(Buffer.from(row?.box ?? []).toString('latin1')).not.toContain('PRIVATE');
    const stranger = process('ES256', db, 't'.repeat(40));
    const after = await stranger.tokens.issue(claims);
    expect(kidOf(after)).not.toBe(kidOf(before));
    one.pass(60_000);
    expect([await one.reads(after), await stranger.reads(before)]).toEqual([false, false]);
    expect([await one.reads(before), await stranger.reads(after)]).toEqual([true, true]);
  });

  it('goes on being good while the database is away; without it a process that knows nothing says so', async () => {
    let away = false;
    const flaky: Database = {
      ...db,
      query: (text, params) => (away ? Promise.reject(new Error('away')) : db.query(text, params)),
    };
    const one = process('ES256', flaky);
    const token = await one.tokens.issue(claims);
    away = true;
    one.pass(120_000);
    expect(await one.reads(token)).toBe(true);
    expect(await one.reads(await one.tokens.issue(claims))).toBe(true);
    const blank = process('ES256', flaky);
    await expect(blank.tokens.authenticate(`Bearer ${token}`)).rejects.toThrow('away');
    // What is no token needs no key.
    expect(await blank.reads('a.b.c')).toBe(false);
    away = false;
    expect(await blank.reads(token)).toBe(true);
  });

  it('is not asked for with every name that a client makes up', async () => {
    let asked = 0;
    const counted: Database = {
      ...db,
      query: (text, params) => {
        asked += 1;
        return db.query(text, params);
      },
    };
    const one = process('ES256', counted);
    await one.tokens.issue(claims);
    const until = asked;
    for (let i = 0; i < 200; i++) expect(await one.keys.verifier(`made up ${i}`)).toBeUndefined();
    expect(asked - until).toBeLessThan(20);
  });
});

describe('what a token says of its own key', () => {
  it('is not believed: the public half is no secret to sign with, and an older secret no key', async () => {
    const { keys, tokens, reads } = process();
    const good = await tokens.issue(claims);
    const [jwk] = (await keys.published()) as JWK[];
    const forge = (alg: string, key: Uint8Array, kid: string | undefined) =>
      new SignJWT({ role: 'admin', tenant: 1, sid: 'x' })
        .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
        .setIssuer('sigec')
        .setAudience('sigec-api')
        .setSubject(claims.userId)
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(key);
    const secrets = [JSON.stringify(jwk), String(jwk?.x), SECRET].map((text) =>
      new TextEncoder().encode(text.padEnd(32)),
    );
    for (const secret of secrets)
      for (const kid of [kidOf(good), undefined]) expect(await reads(await forge('HS256', secret, kid))).toBe(false);
    expect(await reads(good)).toBe(true);
    const [head, body] = good.split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid: kidOf(good) })).toString('base64url');
    for (const token of [`${none}.${body}.`, `${head}.${body}.`]) expect(await reads(token)).toBe(false);
  });

  it('with HS256 is nothing: there is one key, and none is published', async () => {
    const keys = new SecretKey(SECRET);
    const tokens = new AccessTokens(keys, { now: () => Date.now(), monotonic: () => 0 });
    const token = await tokens.issue(claims);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(await tokens.authenticate(`Bearer ${token}`)).toEqual(claims);
    expect(await keys.published()).toEqual([]);
    expect(await keys.rotate()).toBe(false);
    const pairs = await process().tokens.issue(claims);
    expect(await tokens.authenticate(`Bearer ${pairs}`)).toBeUndefined();
  });
});
