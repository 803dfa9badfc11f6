/** Profile 3, and the legacy listener: TLS by Node, which can ask for a charger's certificate, and the `ws` library above it. */
import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { CONNECT_HTTP } from '@sigec/contract';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Decision, type Refused, retryAfter, statusLine, type UpgradeRequest } from '../accept.js';
import { cutOver, DRAINED, GONE, guarded, type Listener, type ListenerHooks, welcome } from '../hooks.js';
import { identityFromPath } from '../path.js';
import type { Session } from '../session.js';
import { listenOn } from './listen-on.js';
import type { Material } from './material.js';
import { isBoundTo } from './names.js';
import { LEGACY, MUTUAL } from './suites.js';
import { WsSocket } from './ws-socket.js';

export interface NodeTlsOptions {
  readonly kind: 'mtls' | 'legacy';
  readonly host: string;
  readonly port: number;
  /** Another process of this machine may have the port: then this one waits until it is free. */
  readonly waits: boolean;
  readonly maxFrameBytes: number;
  /** Sockets at once, those without a session included. */
  readonly maxSockets: number;
  readonly material: Material;
  readonly hooks: ListenerHooks;
  /** Told of a handshake that failed, and why: an unknown authority, a revoked certificate, no version in common. */
  readonly handshakeFailed: (reason: string, address: string) => void;
}

export interface NodeTlsListener extends Listener {
  /** New connections go by it; those that are open stay. */
  apply(material: Material): void;
}

const HANDSHAKE_MS = 10_000;
/** For the head of the request. */
const HEADERS_MS = 10_000;
const MAX_HEADER_BYTES = 8_192;
/** An answer that is not read is dropped after this, ms. */
const ANSWER_MS = 5_000;

const CONFIG_NAME = { mtls: 'SIGEC_OCPP_MTLS_PORT', legacy: 'SIGEC_OCPP_LEGACY_TLS_PORT' } as const;

function tlsOptions(kind: NodeTlsOptions['kind'], { cert, key, ca, crl }: Material): ServerOptions {
  if (kind === 'legacy') return { ...LEGACY, cert, key };
  return { ...MUTUAL, cert, key, ...(ca !== undefined && { ca }), ...(crl !== undefined && { crl: [...crl] }) };
}

/** Starts the listener. Every socket has passed its handshake, at profile 3 with a certificate of a known authority. */
export async function listenNodeTls(options: NodeTlsOptions): Promise<NodeTlsListener> {
  const { kind, hooks, maxFrameBytes, handshakeFailed } = options;
  const mutual = kind === 'mtls';
  const server: Server = createServer({
    ...tlsOptions(kind, options.material),
    requestCert: mutual,
    rejectUnauthorized: mutual,
    handshakeTimeout: HANDSHAKE_MS,
    headersTimeout: HEADERS_MS,
    requestTimeout: HEADERS_MS,
    connectionsCheckingInterval: HEADERS_MS / 4,
    keepAliveTimeout: 1,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  server.maxConnections = options.maxSockets;
  const upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: cutOver(maxFrameBytes),
  });
  const open = new Set<Duplex>();
  server.on('request', (_, response) => {
    response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' }).end('OCPP-J over WebSocket only\n');
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    // Where the certificate is the reason, only the socket says so, and as a word whatever the types say.
    const refused = socket.authorizationError as Error | string | null | undefined;
    handshakeFailed(String(refused ?? error.code ?? 'unknown'), socket.remoteAddress ?? '');
  });
  server.on('upgrade', (message: IncomingMessage, socket: Duplex, head: Buffer) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // A socket may break at any time; what is to be done then is done where it closes.
    socket.on('error', () => undefined);
    try {
      upgrade(message, socket as TLSSocket, head);
    } catch (error) {
      socket.destroy();
      hooks.lost(error);
    }
  });

  function upgrade(message: IncomingMessage, socket: TLSSocket, head: Buffer): void {
    const { headers, url = '' } = message;
    const path = url.split('?', 1)[0] ?? '';
    const certificate = mutual ? socket.getPeerCertificate() : null;
    const request: UpgradeRequest = {
      path,
      protocols: headers['sec-websocket-protocol'] ?? '',
      authorization: headers.authorization ?? '',
      address: socket.remoteAddress ?? '',
      profile: mutual ? 3 : 2,
      certificate: certificate?.fingerprint256?.replaceAll(':', '').toLowerCase() ?? '',
    };
    const refused = hooks.refuseEarly();
    if (refused !== null) {
      answer(refused);
      return;
    }
    const found = identityFromPath(path);
    if (certificate !== null && 'identity' in found && !isBoundTo(certificate, found.identity)) {
      const { identity } = found;
      answer({ status: 'forbidden', cause: 'forbidden', reason: 'the certificate is of another name', identity });
      return;
    }
    hooks.check(request, decided);

    function decided(decision: Decision): void {
      if (!decision.ok) answer(decision.refused);
      else if (socket.destroyed) hooks.vanished(decision);
      else complete(hooks.create(decision), decision.protocol);
    }

    function complete(session: Session | null, protocol: string): void {
      if (session?.state === 'closed') {
        answer({ ...DRAINED, identity: session.admitted.identity });
        return;
      }
      // What was agreed upon stands alone: the library would take the first, and refuse a list that is not clean.
      if (protocol === '') delete headers['sec-websocket-protocol'];
      else headers['sec-websocket-protocol'] = protocol;
      let done = false;
      try {
        upgrades.handleUpgrade(message, socket, head, (ws) => {
          done = true;
          begin(ws, session);
        });
      } catch (error) {
        socket.destroy();
        hooks.lost(error);
      }
      // The library refused the handshake, or the charger was gone.
      if (!done && session !== null) guarded(session, hooks, (one) => one.closed(GONE));
    }

    function answer(refusal: Refused): void {
      if (socket.destroyed) return;
      hooks.refused(refusal, request.address);
      if (refusal.status === 'unsupported') {
        complete(null, '');
        return;
      }
      const lines = [`HTTP/1.1 ${statusLine(refusal.status)}`, 'Connection: close', 'Content-Length: 0'];
      if (refusal.status === 'unauthorized') lines.push('WWW-Authenticate: Basic realm="OCPP"');
      if (CONNECT_HTTP[refusal.status] === 503) lines.push(`Retry-After: ${retryAfter(refusal)}`);
      socket.setTimeout(ANSWER_MS, () => socket.destroy());
      socket.end(`${lines.join('\r\n')}\r\n\r\n`, () => socket.destroySoon());
    }
  }

  function begin(ws: WebSocket, session: Session | null): void {
    // A frame that breaks the protocol closes the socket; the close says the rest.
    ws.on('error', () => undefined);
    if (session !== null) {
      ws.on('message', (data: Buffer) =>
        guarded(session, hooks, (one) => {
          if (data.length > maxFrameBytes) one.tooLarge(data.length);
          else one.message(data.toString('utf8'));
        }),
      );
      ws.on('pong', () => session.heard());
      ws.on('ping', () => session.heard());
      ws.on('close', (code) => guarded(session, hooks, (one) => one.closed(code)));
    }
    welcome(session, new WsSocket(ws), hooks);
  }

  const listening = await listenOn(server, { ...options, name: CONFIG_NAME[kind] });
  return {
    get port() {
      return listening.port;
    },
    apply: (material) => server.setSecureContext(tlsOptions(kind, material)),
    stopListening: () => listening.stop(),
    close() {
      listening.stop();
      server.closeAllConnections();
      for (const socket of open) socket.destroy();
    },
  };
}
