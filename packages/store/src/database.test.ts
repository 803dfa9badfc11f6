import { describe, expect, it } from 'vitest';
import { isTransient } from './database.js';

const coded = (code: unknown) => Object.assign(new Error('x'), { code });

describe('isTransient', () => {
  it.each([
    // PostgreSQL: connection, deadlock, serialisation, out of connections, lock not available, shutdown, starting.
    '08006',
    '40P01',
    '40001',
    '53300',
    '55P03',
    '57P01',
    '57P03',
    // postgres.js
    'CONNECTION_CLOSED',
    'CONNECTION_ENDED',
    'CONNECTION_DESTROYED',
    'CONNECT_TIMEOUT',
    // node:net, node:dns
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENETDOWN',
  ])('says %s may pass', (code) => {
    expect(isTransient(coded(code))).toBe(true);
  });

  it.each(['23505', '23514', '22021', '22P02', '42P01', '57014', '55000', 'ENOENT', '', 8006, undefined, null])(
    'says %s will not',
    (code) => {
      expect(isTransient(coded(code))).toBe(false);
    },
  );

  it('takes anything that can be thrown', () => {
    for (const thrown of [undefined, null, 'ECONNRESET', 40, {}]) expect(isTransient(thrown)).toBe(false);
  });
});
