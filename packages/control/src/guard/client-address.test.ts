import { expect, it } from 'vitest';
import { ClientAddresses } from './client-address.js';

it('believes nobody where no proxy is named', () => {
  const addresses = new ClientAddresses([]);
  expect(addresses.resolve('192.0.2.9', '203.0.113.1')).toBe('192.0.2.9');
  expect(addresses.resolve('', '203.0.113.1')).toBe('unknown');
});

it('takes the nearest hop that is not a proxy, whatever the client wrote before it', () => {
  const addresses = new ClientAddresses(['10.0.0.0/8', '2001:db8::/32', '192.0.2.1']);
  const cases: [string, string | undefined, string][] = [
    ['192.0.2.9', '203.0.113.1', '192.0.2.9'],
    ['10.1.2.3', '203.0.113.1', '203.0.113.1'],
    ['10.1.2.3', '1.1.1.1, 203.0.113.1, 10.9.9.9', '203.0.113.1'],
    ['10.1.2.3', '203.0.113.1,192.0.2.1,2001:db8::5', '203.0.113.1'],
    ['10.1.2.3', undefined, '10.1.2.3'],
    ['10.1.2.3', 'nonsense', '10.1.2.3'],
    ['10.1.2.3', '203.0.113.1, nonsense', '10.1.2.3'],
    ['10.1.2.3', '::ffff:203.0.113.1', '203.0.113.1'],
    ['10.1.2.3', '10.0.0.9, 10.0.0.8', '10.0.0.9'],
    ['10.1.2.3', `203.0.113.1${', 10.0.0.7'.repeat(50)}`, '10.0.0.7'],
  ];
  for (const [peer, header, client] of cases) expect(addresses.resolve(peer, header), header).toBe(client);
});

it('refuses what is no network', () => {
  expect(() => new ClientAddresses(['example.com'])).toThrow(/^trustedProxies: /);
  expect(() => new ClientAddresses(['10.0.0.0/99'])).toThrow();
});
