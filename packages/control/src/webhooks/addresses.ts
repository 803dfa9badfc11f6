/**
 * Where webhooks may go. An address of ours, told from outside, must not become a way into the network that this process
 * stands in: names are looked up here, at the moment of connecting, and what is not public is not connected to.
 */
import { lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { hostOf } from '@sigec/runtime';

/** RFC 6890 and its registries: this host, private, shared, link-local, documentation, benchmarks, multicast, reserved. */
const NOT_PUBLIC_4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
];
/** What leads to an IPv4 address by another way (mapped, NAT64, 6to4, Teredo) is not looked into: nobody needs it. */
const NOT_PUBLIC_6 = [
  ...[
    '::/96',
    '::ffff:0:0/96',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '100::/64',
    '2001::/23',
    '2001:db8::/32',
    '2002::/16',
  ],
  ...['3fff::/20', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

function listOf(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

// Apart: to a list with ::ffff:0:0/96 in it every IPv4 address is a mapped one.
const BLOCKED_4 = listOf('ipv4', NOT_PUBLIC_4);
const BLOCKED_6 = listOf('ipv6', NOT_PUBLIC_6);

/** Whether anybody may be meant by an address. */
export function isPublic(address: string): boolean {
  const host = hostOf(address);
  const version = isIP(host);
  if (version === 0) return false;
  return version === 4 ? !BLOCKED_4.check(host, 'ipv4') : !BLOCKED_6.check(host, 'ipv6');
}

/** The host of a URL without the brackets of IPv6. */
export const hostIn = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** What a connection fails with that would lead inside. */
export class NotPublicError extends Error {
  override readonly name = 'NotPublicError';
  readonly code = 'ENOTPUBLIC';
  constructor() {
    super('the address is not public');
  }
}

/** As node looks names up, without what is not public. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, '');
    const open = found.filter(({ address }) => isPublic(address));
    const [first] = open;
    if (first === undefined) return callback(new NotPublicError(), '');
    if (options.all === true) callback(null, open);
    else callback(null, first.address, first.family);
  });
};

/** Why a URL cannot be one of a webhook; undefined where it can. */
export function wrongUrl(text: string, inside: boolean): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'must be a URL';
  }
  if (url.protocol !== 'https:' && !(inside && url.protocol === 'http:')) return 'must begin with https://';
  if (url.username !== '' || url.password !== '') return 'must hold no user and no password';
  if (url.hash !== '') return 'must have no fragment';
  if (inside) return undefined;
  const host = hostIn(url);
  if (isIP(host) !== 0 ? !isPublic(host) : /^localhost\.?$|\.localhost\.?$/i.test(host))
    return 'must be a public address';
  return undefined;
}
