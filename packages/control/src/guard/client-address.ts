/** Where a request came from. A header is whatever its writer wrote: it is believed only of proxies that are named. */
import { BlockList, isIP } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import { hostOf } from '@sigec/runtime';
import type { Context } from 'hono';

/** Most hops of a header that are looked at, from the nearest on. */
const MAX_HOPS = 20;

function peerOf(c: Context): string {
  try {
    return hostOf(getConnInfo(c).remote.address ?? '');
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
      const next = hostOf(hops.pop() ?? '');
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
