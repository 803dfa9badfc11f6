import { tokenOf } from '@sigec/contract';
import { describe, expect, it } from 'vitest';
import { identityFromPath } from './path.js';

describe('identityFromPath', () => {
  it.each([
    ['/ocpp/CP1', 'CP1'],
    ['/OCPP/CP1', 'CP1'],
    ['//ocpp///CP1//', 'CP1'],
    ['/ocpp/CP1/CP1', 'CP1'],
    ['/ocpp/1.6/site/CP1', 'CP1'],
    ['/ocpp/a+b', 'a+b'],
    ['/ocpp/a%2Bb', 'a+b'],
    ['/ocpp/a%20b', 'a b'],
    ['/ocpp/BR*CPO*E1', 'BR*CPO*E1'],
    ['/ocpp/a.b', 'a.b'],
    ['/ocpp/a%2Fb', 'a/b'],
    ['/ocpp/a%252Fb', 'a%2Fb'],
    ['/ocpp/esta%C3%A7%C3%A3o', 'estação'],
    ['/ocpp/RDAM|123', 'RDAM|123'],
    ['/ocpp/ocpp', 'ocpp'],
  ])('9, 10: %s is %s', (path, identity) => {
    expect(identityFromPath(path)).toEqual({ identity });
  });

  it.each([
    ['/', 'begin with /ocpp/'],
    ['/ws/CP1', 'begin with /ocpp/'],
    ['/ocppCP1', 'begin with /ocpp/'],
    ['/ocpp', 'no identity'],
    ['/ocpp/', 'no identity'],
    ['/ocpp/%', 'percent-encoded'],
    ['/ocpp/%FF', 'percent-encoded'],
    ['/ocpp/%ED%A0%80', 'percent-encoded'],
    ['/ocpp/a%00b', 'control characters'],
    ['/ocpp/a%0Ab', 'control characters'],
  ])('refuses %s: %s', (path, reason) => {
    const found = identityFromPath(path);
    expect('reason' in found && found.reason).toContain(reason);
  });

  it('bounds the identity, and the token that stands for it in a subject', () => {
    const reasonOf = (identity: string) => {
      const found = identityFromPath(`/ocpp/${identity}`);
      return 'reason' in found ? found.reason : '';
    };
    expect(reasonOf('x'.repeat(255))).toBe('');
    expect(reasonOf('x'.repeat(256))).toContain('over 255');
    // 255 characters of three bytes each, and each byte three characters of a subject: no bus takes that.
    expect(reasonOf('%E2%82%AC'.repeat(255))).toContain('too long');
    expect(reasonOf('%E2%82%AC'.repeat(48))).toBe('');
  });

  it('takes no identity that cannot be a token of a subject', () => {
    for (const path of ['/ocpp/%20', '/ocpp/*', '/ocpp/%3E', '/ocpp/%E2%82%AC', `/ocpp/${'%20'.repeat(255)}`]) {
      const found = identityFromPath(path);
      if ('identity' in found) expect(tokenOf(found.identity)).toMatch(/^[A-Za-z0-9_=-]{1,900}$/);
    }
  });
});
