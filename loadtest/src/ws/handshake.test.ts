import { describe, expect, it } from 'vitest';
import { acceptOf, parseEndpoint, readUpgrade, upgradeRequest } from './handshake.js';

// The example of RFC 6455, 1.3.
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

const head = (...headers: string[]) =>
  ['HTTP/1.1 101 Switching Protocols', 'upgrade: WebSocket', 'Connection: Upgrade', ...headers].join('\r\n');

describe('the upgrade', () => {
  it('asks for the identity, percent-encoded, with Basic auth', () => {
    const endpoint = parseEndpoint('ws://csms.example:9000/ocpp/');
    const text = upgradeRequest({ endpoint, identity: 'A/B 1', subprotocol: 'ocpp1.6', key: KEY, password: 'päss' });
    expect(text).toMatch(/^GET \/ocpp\/A%2FB%201 HTTP\/1\.1\r\nHost: csms\.example:9000\r\n/);
    expect(text).toContain(`Authorization: Basic ${Buffer.from('A/B 1:päss').toString('base64')}\r\n`);
    expect(text.endsWith('\r\n\r\n')).toBe(true);
    expect(upgradeRequest({ endpoint, identity: 'A', subprotocol: 'ocpp1.6', key: KEY })).not.toContain(
      'Authorization',
    );
  });

  it('takes an answer that fits the key and the subprotocol', () => {
    expect(acceptOf(KEY)).toBe(ACCEPT);
    const answer = head(`SEC-WEBSOCKET-ACCEPT: ${ACCEPT}`, 'Sec-WebSocket-Protocol: ocpp1.6');
    expect(readUpgrade(answer, KEY, 'ocpp1.6')).toEqual({ kind: 'open' });
  });

  it.each([
    ['another key', head('Sec-WebSocket-Accept: AAAA', 'Sec-WebSocket-Protocol: ocpp1.6'), /Accept/],
    ['no subprotocol', head(`Sec-WebSocket-Accept: ${ACCEPT}`), /subprotocol none/],
    ['another subprotocol', head(`Sec-WebSocket-Accept: ${ACCEPT}`, 'Sec-WebSocket-Protocol: ocpp2.1'), /ocpp2\.1/],
    ['no upgrade', 'HTTP/1.1 101 Hm\r\nConnection: x', /Upgrade/],
    ['no HTTP', 'SSH-2.0-x', /no HTTP/],
  ])('takes no answer with %s', (_name, text, reason) => {
    expect(readUpgrade(text, KEY, 'ocpp1.6')).toEqual({ kind: 'bad', reason: expect.stringMatching(reason) });
  });

  it('tells a refusal by its status', () => {
    expect(readUpgrade('HTTP/1.1 401 Unauthorized', KEY, 'ocpp1.6')).toEqual({ kind: 'refused', status: 401 });
  });

  it('names what is wrong with a URL', () => {
    expect(parseEndpoint('wss://x/a/b/')).toEqual({ tls: true, host: 'x', port: 443, path: '/a/b' });
    expect(() => parseEndpoint('http://x')).toThrow(/^url: must begin/);
    expect(() => parseEndpoint('x')).toThrow(/^url: not a URL/);
    expect(() => parseEndpoint('ws://u:p@x')).toThrow(/--password/);
  });
});
