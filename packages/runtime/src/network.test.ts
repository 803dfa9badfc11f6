import { expect, it } from 'vitest';
import { networkOf } from './network.js';

it.each([
  ['10.1.2.3', '10.1.2.3'],
  ['2001:0db8:0000:0001:0000:0000:0000:0001', '2001:db8:0:1::/64'],
  ['2001:db8:0:1::9', '2001:db8:0:1::/64'],
  ['2001:DB8:0:1::9%eth0', '2001:db8:0:1::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['0000:0000:0000:0000:0000:ffff:7f00:0001', '127.0.0.1'],
  ['::1', '0:0:0:0::/64'],
  ['unknown', 'unknown'],
  ['', ''],
])('the network of %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
