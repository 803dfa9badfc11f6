/** Upgrades to `/ws/updates` on the server of the control API. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Services } from '../context.js';
import { languageOf, PROBLEMS, type ProblemCode, problemBody } from '../problem.js';
import { BEAT_MS } from './hub.js';
import { LiveSocket } from './socket.js';

export const LIVE_PATH = '/ws/updates';
/** What clients offer, and are answered, where they name a subprotocol at all. */
const PROTOCOL = 'sigec.v1';
/** The subprotocol beside it that carries a token: browsers can set no header. It is not answered. */
const TOKEN_PREFIX = 'bearer.';
const MAX_MESSAGE_BYTES = 16_384;
/** Sockets that have not shown a token yet. */
const MAX_STRANGERS = 500;

export interface LiveUpgrades {
  /** Takes no more, and sends those away that are open. */
  close(): void;
}

export function takeUpgrades(server: Server, services: Services): LiveUpgrades {
  const upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  const open = new Set<LiveSocket>();
  let closed = false;
  const strangers = (): number => {
    let count = 0;
    for (const { authenticated } of open) if (!authenticated) count += 1;
    return count;
  };
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const code = refusal(request, closed || strangers() >= MAX_STRANGERS);
    if (code !== undefined) return refuse(socket, request, code);
    const token = tokenOf(request);
    upgrades.handleUpgrade(request, socket, head, (ws) => {
      const made = new LiveSocket(services, ws, languageOf(request.headers['accept-language']), token);
      open.add(made);
      ws.once('close', () => open.delete(made));
    });
  });
  const pinging = setInterval(() => {
    for (const one of open) one.ping();
  }, BEAT_MS);
  pinging.unref();
  return {
    close() {
      closed = true;
      clearInterval(pinging);
      for (const one of open) one.goAway();
    },
  };
}

function refusal({ url = '' }: IncomingMessage, full: boolean): ProblemCode | undefined {
  const [path, query] = url.split('?', 2);
  if (path !== LIVE_PATH) return 'unknown-route';
  // What stands in an address stands in logs: none is taken from there, and none is kept silent about.
  if (query !== undefined) return 'token-in-url';
  return full ? 'overloaded' : undefined;
}

function tokenOf(request: IncomingMessage): string | undefined {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return offered.find((name) => name.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length);
}

function refuse(socket: Duplex, request: IncomingMessage, code: ProblemCode): void {
  const { status, en } = PROBLEMS[code];
  const body = JSON.stringify(problemBody(code, languageOf(request.headers['accept-language'])));
  socket.end(
    `HTTP/1.1 ${status} ${en}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n` +
      `Cache-Control: no-store\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
