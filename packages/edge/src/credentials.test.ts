import { passwordProof } from '@sigec/contract';
import { describe, expect, it } from 'vitest';
import { passwordFrom } from './credentials.js';

const basic = (text: string | Uint8Array, scheme = 'Basic') => `${scheme} ${Buffer.from(text).toString('base64')}`;
const read = (header: string, identity = 'CP1') => {
  const password = passwordFrom(header, identity);
  return password === null ? null : Buffer.from(password).toString('latin1');
};

describe('passwordFrom', () => {
  it.each([
    [basic('CP1:secret'), 'secret'],
    [basic('CP1:secret', 'bAsIc'), 'secret'],
    [basic('CP1:a:b'), 'a:b'],
    [`Basic  ${Buffer.from('CP1:x').toString('base64')} `, 'x'],
    [basic('CP2:secret'), null],
    [basic('cp1:secret'), null],
    [basic('CP1:'), null],
    [basic('CP1'), null],
    [basic(':secret'), null],
    ['', null],
    ['Basic', null],
    ['Basic !!!', null],
    ['Bearer abc', null],
    [basic(`CP1:${'x'.repeat(2000)}`), null],
  ])('%s', (header, password) => {
    expect(read(header)).toBe(password);
  });

  it('takes identities with colons whole, and keys that are no text', () => {
    expect(read(basic('a:b:secret'), 'a:b')).toBe('secret');
    expect(read(basic('a:b:secret'), 'a')).toBe('b:secret');
    const key = Uint8Array.from({ length: 20 }, (_, n) => 255 - n);
    expect(Uint8Array.from(passwordFrom(basic(Buffer.concat([Buffer.from('CP1:'), key])), 'CP1') ?? [])).toEqual(key);
  });

  it('15: a key in hex digits, of either case, and the bytes it spells are one password', () => {
    const key = Buffer.from('0001beef00ff7f80a1b2c3d4e5f60718293a4b5c', 'hex');
    const proof = (password: string | Uint8Array) =>
      Buffer.from(
        passwordProof(
          'pepper',
          passwordFrom(basic(Buffer.concat([Buffer.from('CP1:'), Buffer.from(password)])), 'CP1')!,
        ),
      ).toString('hex');
    expect(proof(key.toString('hex'))).toBe(proof(key));
    expect(proof(key.toString('hex').toUpperCase())).toBe(proof(key));
    expect(proof('another password')).not.toBe(proof(key));
  });
});
