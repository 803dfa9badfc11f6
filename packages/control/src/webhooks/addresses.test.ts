/** Where webhooks may not go, by any spelling. */
import { describe, expect, it } from 'vitest';
import { isPublic, NotPublicError, publicLookup, wrongUrl } from './addresses.js';
import { Sender } from './sender.js';
import { sign } from './signature.js';

describe('an address', () => {
  it.each([
    ...[
      '127.0.0.1',
      '0.0.0.0',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
    ],
    ...['192.0.2.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '::', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'],
    ...[
      '::7f00:1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      'fe80::1',
      'fc00::1',
      'fd12::1',
      'ff02::1',
      '2001:db8::1',
      'x',
      '',
    ],
  ])('%s is not public', (address) => expect(isPublic(address)).toBe(false));

  it.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])('%s is public', (address) =>
    expect(isPublic(address)).toBe(true),
  );
});

describe('a URL', () => {
  it.each([
    ...[
      '',
      'x',
      '/hook',
      'ftp://example.com',
      'http://example.com',
      'https://user@example.com',
      'https://u:p@example.com',
    ],
    ...['https://example.com/#a', 'https://127.0.0.1/', 'https://2130706433/', 'https://0x7f.1/', 'https://[::1]/'],
    ...['https://[::ffff:10.0.0.1]/', 'https://localhost/', 'https://a.localhost./', 'https://169.254.169.254/latest'],
  ])('%s is refused', (url) => expect(wrongUrl(url, false)).toEqual(expect.any(String)));

  it.each(['https://example.com/hook', 'https://example.com:8443/a?b=c', 'https://1.1.1.1/'])('%s is taken', (url) =>
    expect(wrongUrl(url, false)).toBeUndefined(),
  );

  it('may lead inside where that is configured', () => {
    expect(wrongUrl('http://127.0.0.1:8080/hook', true)).toBeUndefined();
    expect(wrongUrl('ftp://127.0.0.1/', true)).toEqual(expect.any(String));
  });
});

describe('a connection', () => {
  it('is not made to a name that leads inside, whatever was checked before', async () => {
    for (const all of [true, false]) {
      const error = await new Promise((resolve) => publicLookup('localhost', { all }, (found) => resolve(found)));
      expect(error).toBeInstanceOf(NotPublicError);
    }
    const sender = new Sender(false);
    for (const url of ['https://localhost:1/', 'https://127.0.0.1:1/', 'https://[::1]:1/', 'http://example.com/'])
      expect(await sender.post(url, {}, '{}')).toMatchObject({ status: null, error: 'address-not-public' });
    sender.close();
  });
});

describe('a signature', () => {
  it('is what its receivers reckon', () => {
    // Reckoned by OpenSSL: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret
    const hex = '49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686';
    expect(sign(['secret'], 1_700_000_000, '{"a":1}')).toBe(`t=1700000000,v1=${hex}`);
    expect(sign(['secret', 'old'], 1, '').split(',v1=')).toHaveLength(3);
  });
});
