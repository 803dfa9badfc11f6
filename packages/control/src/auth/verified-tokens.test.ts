import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { ACCESS_SECONDS, type AccessClaims, AccessTokens } from './access-token.js';
import { SecretKey } from './signing-keys.js';
import { VerifiedTokens } from './verified-tokens.js';

const SECRET = 's'.repeat(40);
const claims: AccessClaims = {
  userId: '0193f000-0000-7000-8000-000000000001',
  tenantId: 1,
  role: 'operator',
  sessionId: 'family',
};

function start() {
  let now = 1_800_000_000_000;
  const clock = { now: () => now, monotonic: () => now };
  const advance = (ms: number): void => {
    now += ms;
  };
  return { tokens: new AccessTokens(new SecretKey(SECRET), clock), advance };
}

describe('VerifiedTokens', () => {
  it('forgets a token at its end, and the one known for longest where there is no room', () => {
    const known = new VerifiedTokens<string>(2);
    known.add('a', 'A', 100);
    expect([known.get('a', 99), known.get('a', 100), known.size]).toEqual(['A', undefined, 0]);
    for (const name of ['a', 'b', 'c']) known.add(name, name, 100);
    expect([known.get('a', 0), known.get('b', 0), known.get('c', 0), known.size]).toEqual([undefined, 'b', 'c', 2]);
  });

  it('makes no room for a token that it has', () => {
    const known = new VerifiedTokens<string>(2);
    known.add('a', 'A', 100);
    known.add('b', 'B', 100);
    known.add('b', 'B', 100);
    expect(known.get('a', 0)).toBe('A');
  });
});

describe('AccessTokens', () => {
  it('verify a token once, and say the same of it until it expires', async () => {
    const { tokens, advance } = start();
    const header = `Bearer ${await tokens.issue(claims)}`;
    const first = tokens.authenticate(header);
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toEqual(claims);
    advance(ACCESS_SECONDS * 1000 - 1);
    expect(tokens.authenticate(header)).toEqual(claims);
    advance(1);
    expect(await tokens.authenticate(header)).toBeUndefined();
    advance(-1000);
    // A clock that goes back finds it good again, as without what was kept.
    expect(await tokens.authenticate(header)).toEqual(claims);
  });

  it('never take a token that differs from one they know', async () => {
    const { tokens } = start();
    const token = await tokens.issue(claims);
    await tokens.authenticate(`Bearer ${token}`);
    const [head = '', body = '', signature = ''] = token.split('.');
    const payload = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const admin = Buffer.from(JSON.stringify({ ...payload, role: 'admin' })).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    for (const wrong of [
      `${head}.${admin}.${signature}`,
      `${head}.${body}.${flipped}`,
      `${none}.${body}.`,
      `${token}x`,
    ])
      expect(await tokens.authenticate(`Bearer ${wrong}`), wrong).toBeUndefined();
    for (const wrong of [undefined, '', token, `Basic ${token}`, `Bearer  `, `Bearer ${'x'.repeat(5000)}`])
      expect(await tokens.authenticate(wrong)).toBeUndefined();
  });

  it('keep nothing of what was refused', async () => {
    const { tokens } = start();
    const foreign = await new SignJWT({ role: 'admin', tenant: 1, sid: 'x' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('sigec')
      .setAudience('sigec-api')
      .setSubject(claims.userId)
      .setIssuedAt(1_800_000_000)
      .setExpirationTime(1_800_000_100)
      .sign(new TextEncoder().encode('t'.repeat(40)));
    for (let i = 0; i < 2; i++) {
      const read = tokens.authenticate(`Bearer ${foreign}`);
      expect(read).toBeInstanceOf(Promise);
      expect(await read).toBeUndefined();
    }
  });

  it('know the tokens of one key only', async () => {
    const { tokens } = start();
    const header = `Bearer ${await tokens.issue(claims)}`;
    await tokens.authenticate(header);
    const clock = { now: () => 1_800_000_000_000, monotonic: () => 0 };
    expect(await new AccessTokens(new SecretKey('t'.repeat(40)), clock).authenticate(header)).toBeUndefined();
  });
});
