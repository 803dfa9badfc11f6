/** The room of the upgrade (RFC 6455, section 4; OCPP-J 1.6 chapter 3, 2.x part 4 chapter 3). */
import { createHash } from 'node:crypto';

const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Where the CSMS listens, without the station's identity. */
export interface Endpoint {
  readonly tls: boolean;
  /** As the URL has it, for the Host header and the certificate. */
  readonly host: string;
  readonly port: number;
  /** Without a slash at its end. */
  readonly path: string;
}

/** @throws {Error} that names the option */
export function parseEndpoint(url: string): Endpoint {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new Error(`url: not a URL: ${url}`);
  }
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') throw new Error('url: must begin with ws:// or wss://');
  if (parsed.username !== '' || parsed.password !== '') throw new Error('url: credentials go into --password');
  const tls = parsed.protocol === 'wss:';
  return {
    tls,
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? (tls ? 443 : 80) : Number(parsed.port),
    path: parsed.pathname.replace(/\/+$/, ''),
  };
}

/** The subprotocol of each version. */
export const SUBPROTOCOL = { '1.6': 'ocpp1.6', '2.0.1': 'ocpp2.0.1', '2.1': 'ocpp2.1' } as const;

/** A fresh Sec-WebSocket-Key. It is no secret: it only shows that the answer is one to this request. */
export function newKey(): string {
  const key = Buffer.allocUnsafe(16);
  for (let at = 0; at < 16; at += 4) key.writeUInt32LE(Math.floor(Math.random() * 2 ** 32), at);
  return key.toString('base64');
}

/** The Sec-WebSocket-Accept that a server must answer a key with. */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + ACCEPT_GUID)
    .digest('base64');
}

export interface UpgradeParts {
  readonly endpoint: Endpoint;
  readonly identity: string;
  readonly subprotocol: string;
  readonly key: string;
  /** Basic auth; none where undefined. */
  readonly password?: string | undefined;
}

/** The text of the request. */
export function upgradeRequest({ endpoint, identity, subprotocol, key, password }: UpgradeParts): string {
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  const auth =
    password === undefined
      ? ''
      : `Authorization: Basic ${Buffer.from(`${identity}:${password}`).toString('base64')}\r\n`;
  return (
    `GET ${endpoint.path}/${encodeURIComponent(identity)} HTTP/1.1\r\nHost: ${host}:${endpoint.port}\r\n` +
    'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: ${subprotocol}\r\n${auth}\r\n`
  );
}

export type UpgradeAnswer =
  | { readonly kind: 'open' }
  /** An HTTP status other than 101. */
  | { readonly kind: 'refused'; readonly status: number }
  /** 101, but not a WebSocket of this key and subprotocol, or no HTTP at all. */
  | { readonly kind: 'bad'; readonly reason: string };

/** Judges the head of the server's answer, which ends before its empty line. */
export function readUpgrade(head: string, key: string, subprotocol: string): UpgradeAnswer {
  const [line = '', ...rest] = head.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(line)?.[1];
  if (status === undefined) return { kind: 'bad', reason: 'no HTTP/1.1 answer to the upgrade' };
  if (status !== '101') return { kind: 'refused', status: Number(status) };
  const headers = new Map<string, string>();
  for (const header of rest) {
    const colon = header.indexOf(':');
    if (colon > 0) headers.set(header.slice(0, colon).trim().toLowerCase(), header.slice(colon + 1).trim());
  }
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket') return { kind: 'bad', reason: '101 without Upgrade' };
  if (headers.get('sec-websocket-accept') !== acceptOf(key))
    return { kind: 'bad', reason: 'Sec-WebSocket-Accept does not fit the key' };
  if (headers.has('sec-websocket-extensions'))
    return { kind: 'bad', reason: 'an extension was answered that nobody offered' };
  const chosen = headers.get('sec-websocket-protocol');
  if (chosen !== subprotocol) return { kind: 'bad', reason: `subprotocol ${chosen ?? 'none'} for ${subprotocol}` };
  return { kind: 'open' };
}
