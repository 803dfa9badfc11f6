/** The handlers of a uWebSockets.js app, plain or TLS: its callbacks become upgrades, frames and closes. */
import uws, {
  type HttpRequest,
  type HttpResponse,
  type TemplatedApp,
  type us_listen_socket,
  type us_socket_context_t,
} from 'uWebSockets.js';
import { CONNECT_HTTP } from '@sigec/contract';
import { type Refused, retryAfter, statusLine, type UpgradeRequest } from './accept.js';
import { BACKPRESSURE_BYTES, cutOver, DRAINED, GONE, guarded, type ListenerHooks } from './hooks.js';
import type { LateUpgrades } from './late-upgrades.js';
import type { Session } from './session.js';

/** `session` null: a handshake completed only to be closed, as OCPP wants it where no subprotocol is common. */
export interface UserData {
  session: Session | null;
}

export interface Handling {
  readonly maxFrameBytes: number;
  readonly hooks: ListenerHooks;
  readonly late: LateUpgrades<UserData>;
  /** Security profile of the app's sockets, as far as the transport says it. */
  readonly profile: 1 | 2;
}

const text = (buffer: ArrayBuffer): string => Buffer.from(buffer).toString('utf8');

/** The port an app listens on. */
export function portOf(socket: us_listen_socket): number {
  return uws.us_socket_local_port(socket as unknown as Parameters<typeof uws.us_socket_local_port>[0]);
}

/** Registers the handlers; the app may listen then. */
export function handle(app: TemplatedApp, handling: Handling): TemplatedApp {
  const { maxFrameBytes, hooks, late } = handling;
  app.ws<UserData>('/*', {
    compression: uws.DISABLED,
    maxPayloadLength: cutOver(maxFrameBytes),
    maxBackpressure: BACKPRESSURE_BYTES,
    // Pings are a session's own affair: chargers differ (field.md 12).
    idleTimeout: 0,
    sendPingsAutomatically: false,
    upgrade: (res, req, context) => upgrade(res, req, context, handling),
    // Every upgrade is a late one.
    open: late.opened,
    message(ws, message) {
      const { session } = ws.getUserData();
      if (session === null) return;
      // Written out: this is the hot path.
      try {
        if (message.byteLength > maxFrameBytes) session.tooLarge(message.byteLength);
        else session.message(text(message));
      } catch (error) {
        hooks.failed(session, error);
      }
    },
    pong: (ws) => ws.getUserData().session?.heard(),
    ping: (ws) => ws.getUserData().session?.heard(),
    close(ws, code) {
      const { session } = ws.getUserData();
      late.closed();
      if (session !== null) guarded(session, hooks, (one) => one.closed(code));
    },
  });
  return app.any('/*', noUpgrade);
}

function noUpgrade(res: HttpResponse): void {
  res.writeStatus('426 Upgrade Required').writeHeader('Upgrade', 'websocket').end('OCPP-J over WebSocket only\n');
}

function upgrade(
  res: HttpResponse,
  req: HttpRequest,
  context: us_socket_context_t,
  { hooks, late, profile }: Handling,
): void {
  // RFC 6455 section 4.2.1. With "close" in its place the library would close the socket and upgrade it all the same.
  if (!/upgrade/i.test(req.getHeader('connection'))) {
    noUpgrade(res);
    return;
  }
  // The request is only valid until this function returns: everything is read now.
  const request: UpgradeRequest = {
    path: req.getUrl(),
    protocols: req.getHeader('sec-websocket-protocol'),
    authorization: req.getHeader('authorization'),
    address: text(res.getRemoteAddressAsText()),
    profile,
    certificate: '',
  };
  const key = req.getHeader('sec-websocket-key');
  const extensions = req.getHeader('sec-websocket-extensions');
  let gone = false;
  res.onAborted(() => {
    gone = true;
  });
  const early = hooks.refuseEarly();
  if (early !== null) {
    answer(early);
    return;
  }
  hooks.check(request, (decision) => {
    if (!decision.ok) answer(decision.refused);
    else if (gone) hooks.vanished(decision);
    else upgradeSoon(hooks.create(decision), decision.protocol);
  });

  function upgradeSoon(session: Session | null, protocol: string): void {
    const user = { session };
    const complete = () => res.upgrade<UserData>(user, key, protocol, extensions, context);
    late.put(() => {
      if (gone) session?.closed(GONE);
      // Closed while it waited here: the edge drains. The station's session is ended; the charger is told to come back.
      else if (session?.state === 'closed') answer({ ...DRAINED, identity: session.admitted.identity });
      else return late.complete(res, complete);
      return null;
    });
  }

  function answer(refused: Refused): void {
    if (gone) return;
    hooks.refused(refused, request.address);
    if (refused.status === 'unsupported') {
      upgradeSoon(null, '');
      return;
    }
    res.cork(() => {
      res.writeStatus(statusLine(refused.status));
      if (refused.status === 'unauthorized') res.writeHeader('WWW-Authenticate', 'Basic realm="OCPP"');
      if (CONNECT_HTTP[refused.status] === 503) res.writeHeader('Retry-After', retryAfter(refused));
      res.end();
    });
  }
}
