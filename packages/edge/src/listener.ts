/** The uWebSockets.js listener: turns its callbacks into upgrades, frames and closes. Only this file and those of upgrades know it. */
import uws, {
  type HttpRequest,
  type HttpResponse,
  type us_listen_socket,
  type us_socket_context_t,
  type WebSocket,
} from 'uWebSockets.js';
import { CLOSE, CONNECT_HTTP } from '@sigec/contract';
import { type Decision, type Refused, retryAfter, statusLine, type UpgradeRequest } from './accept.js';
import { makeCork } from './cork.js';
import { LateUpgrades } from './late-upgrades.js';
import type { Session } from './session.js';
import type { Socket } from './socket.js';

/** `session` null: a handshake completed only to be closed, as OCPP wants it where no subprotocol is common. */
interface UserData {
  session: Session | null;
}

export interface ListenerHooks {
  /** Whether a further socket may be taken at all; why not where not. Costs nothing. */
  readonly refuseEarly: () => Refused | null;
  readonly check: (request: UpgradeRequest, decide: (decision: Decision) => void) => void;
  /** An admitted station whose socket went away before the upgrade was done. */
  readonly vanished: (decision: Extract<Decision, { ok: true }>) => void;
  readonly create: (decision: Extract<Decision, { ok: true }>) => Session;
  readonly refused: (refused: Refused, address: string) => void;
  /** Told that an upgrade failed for a reason of ours. */
  readonly lost: (error: unknown) => void;
  /** Told what a session threw, which would end the process. */
  readonly failed: (session: Session, error: unknown) => void;
}

export interface Listener {
  readonly port: number;
  /** Takes no new connections; those that are open stay. */
  stopListening(): void;
  close(): void;
}

/** Bytes a slow charger may leave unread before messages are dropped and its session closed. */
const BACKPRESSURE_BYTES = 1024 * 1024;

const DRAINED = { status: 'unavailable', cause: 'draining', reason: 'closed before its upgrade was done' } as const;

/** What a socket that went away says: nothing (RFC 6455 section 7.1.5). */
const GONE = 1006;

const text = (buffer: ArrayBuffer): string => Buffer.from(buffer).toString('utf8');

export async function listen(
  host: string,
  port: number,
  maxFrameBytes: number,
  hooks: ListenerHooks,
): Promise<Listener> {
  const welcome = (ws: WebSocket<UserData>) => {
    const { session } = ws.getUserData();
    if (session === null) ws.end(CLOSE.protocol, 'no OCPP subprotocol in common');
    else guarded(session, (one) => one.open(ws as unknown as Socket));
  };
  const guarded = (session: Session, work: (session: Session) => void) => {
    try {
      work(session);
    } catch (error) {
      hooks.failed(session, error);
    }
  };
  const cork = await makeCork();
  const late = new LateUpgrades<UserData>(welcome, hooks.lost, cork);
  const app = uws.App();
  app.ws<UserData>('/*', {
    compression: uws.DISABLED,
    // Over this the socket is cut without a word; between the two sizes it is closed with 1009, as chargers can log.
    maxPayloadLength: Math.max(maxFrameBytes * 4, 1024 * 1024),
    maxBackpressure: BACKPRESSURE_BYTES,
    // Pings are a session's own affair: chargers differ (field.md 12).
    idleTimeout: 0,
    sendPingsAutomatically: false,
    upgrade: (res, req, context) => upgrade(res, req, context, hooks, late),
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
      if (session !== null) guarded(session, (one) => one.closed(code));
    },
  });
  app.any('/*', noUpgrade);
  return new Promise((resolve, reject) => {
    app.listen(host, port, (socket: us_listen_socket | false) => {
      if (socket === false) {
        cork.close();
        reject(new Error(`SIGEC_OCPP_PORT: cannot listen on ${host}:${port}`));
        return;
      }
      let listening = true;
      const stopListening = () => {
        if (listening) uws.us_listen_socket_close(socket);
        listening = false;
      };
      resolve({
        port: uws.us_socket_local_port(socket as unknown as Parameters<typeof uws.us_socket_local_port>[0]),
        stopListening,
        close() {
          listening = false;
          app.close();
          cork.close();
        },
      });
    });
  });
}

function noUpgrade(res: HttpResponse): void {
  res.writeStatus('426 Upgrade Required').writeHeader('Upgrade', 'websocket').end('OCPP-J over WebSocket only\n');
}

function upgrade(
  res: HttpResponse,
  req: HttpRequest,
  context: us_socket_context_t,
  hooks: ListenerHooks,
  late: LateUpgrades<UserData>,
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
