/** Where a request came from. A header is whatever its writer wrote: it is believed only of proxies that are named. */
import { BlockList, isIP } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/** Most hops of a header that are looked at, from the nearest on. */
const MAX_HOPS = 20;

/** IPv4 as it comes through a socket for both (`::ffff:192.0.2.1`) is the same address. */
function plain(address: string): string {
  const text = address.trim();
  const inner = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(text)?.[1];
  return inner ?? text;
}

/** The first four groups of an IPv6 address: what one customer of a provider has at least. */
function networkOf(address: string): string {
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  const groups = [...left, ...(address.includes('::') ? zeros : []), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

function peerOf(c: Context): string {
  try {
    return plain(getConnInfo(c).remote.address ?? '');
  } catch {
    // Not through a socket.
    return '';
  }
}

export class ClientAddresses {
  readonly #trusted = new BlockList();
  readonly #trusts: boolean;

  /**
   * @param trusted addresses and CIDR blocks of proxies
   * @throws {RangeError} where one is neither
   */
  constructor(trusted: readonly string[]) {
    this.#trusts = trusted.length > 0;
    for (const text of trusted) {
      const [address = '', bits] = text.split('/');
      const version = isIP(address);
      if (version === 0) throw new RangeError('trustedProxies: must be addresses or CIDR blocks');
      const family = version === 4 ? 'ipv4' : 'ipv6';
      this.#trusted.addSubnet(address, bits === undefined ? (version === 4 ? 32 : 128) : Number(bits), family);
    }
  }

  /** The client's address: the nearest that is not a trusted proxy's. `unknown` where there is no socket. */
  of(c: Context): string {
    const peer = peerOf(c);
    return this.resolve(peer, this.#trusts ? c.req.header('x-forwarded-for') : undefined);
  }

  /** The same from its parts: the socket's peer, and the header. */
  resolve(peer: string, header: string | undefined): string {
    let client = peer;
    const hops = (header ?? '').split(',').slice(-MAX_HOPS);
    while (this.#isTrusted(client)) {
      const next = plain(hops.pop() ?? '');
      // A proxy that says nothing useful is itself the best that is known.
      if (isIP(next) === 0) break;
      client = next;
    }
    return client === '' ? 'unknown' : client;
  }

  #isTrusted(address: string): boolean {
    const version = isIP(address);
    return this.#trusts && version !== 0 && this.#trusted.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }
}

/** What a limit counts by: an IPv4 address, or the network of an IPv6 one, of which a client has as many as it likes. */
export const limitKeyOf = (address: string): string => (isIP(address) === 6 ? networkOf(address) : address);
