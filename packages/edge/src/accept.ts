/** The upgrade: from an HTTP request to an admitted station, or to the HTTP answer that says why not. */
import {
  CONNECT_HTTP,
  type ConnectItem,
  type ConnectReply,
  type ConnectStatus,
  partitionOf,
  passwordProof,
  REPLY,
  tokenOf,
  UPLINK,
} from '@sigec/contract';
import { isOcppVersion, negotiateSubprotocol } from '@sigec/ocpp';
import type { EdgeContext } from './context.js';
import { passwordFrom } from './credentials.js';
import type { AttemptOutcome } from './guard/lockout.js';
import { identityFromPath } from './path.js';
import type { Admitted } from './session.js';

export interface UpgradeRequest {
  /** Path without the query. */
  readonly path: string;
  /** Raw headers; empty where absent. */
  readonly protocols: string;
  readonly authorization: string;
  readonly address: string;
  /** What the transport is: 1 plain, 2 TLS, 3 TLS with a certificate of the station, which the listener has verified. */
  readonly profile: 1 | 2 | 3;
  /** SHA-256 of that certificate in hex; empty below profile 3. */
  readonly certificate: string;
}

/** Why an upgrade is refused, as it is counted. What a worker refuses goes by its status. */
export type RefusalCause =
  | Exclude<ConnectStatus, 'accepted'>
  | 'draining'
  | 'full'
  | 'locked_out'
  | 'no_bus'
  | 'pressure'
  | 'rate'
  | 'unanswered';

export interface Refused {
  readonly status: Exclude<ConnectStatus, 'accepted'>;
  readonly cause: RefusalCause;
  readonly identity: string;
  /** For the log; never sent. */
  readonly reason: string;
  /** Seconds after which to come again; absent or 0: {@link retryAfter} spreads them. */
  readonly retryAfter?: number;
}

export type Decision =
  | { readonly ok: true; readonly admitted: Admitted; readonly protocol: string }
  | { readonly ok: false; readonly refused: Refused };

/** A charger's own timeout for the upgrade is rarely below 30 s; a retry is cheap, a socket held for nothing is not. */
const CHECK_MS = 10_000;

/**
 * Asks the workers. `decide` is called once, later or at once; nothing is kept of a refused request.
 * @param late told of a session that a worker opened after the charger had been sent away
 */
export function checkUpgrade(
  edge: EdgeContext,
  request: UpgradeRequest,
  decide: (decision: Decision) => void,
  late: (session: Pick<Admitted, 'partition' | 'stationId' | 'epoch'>) => void,
): void {
  const refuse = (status: Refused['status'], reason: string, identity = '', more: Partial<Refused> = {}) =>
    decide({ ok: false, refused: { status, cause: status, reason, identity, ...more } });
  const found = identityFromPath(request.path);
  if ('reason' in found) {
    refuse('unknown', found.reason);
    return;
  }
  const { identity } = found;
  if (!edge.uplink.open) {
    refuse('unavailable', 'the bus is away', identity, { cause: 'no_bus' });
    return;
  }
  const { settings } = edge;
  const password = passwordFrom(request.authorization, identity);
  const negotiated = negotiateSubprotocol(request.protocols);
  // What was offered but not understood is not the same as nothing: a default version is for silence only.
  const offeredOther = negotiated === null && request.protocols.trim() !== '';
  if (offeredOther) {
    refuse('unsupported', 'no OCPP version in common', identity);
    return;
  }
  const { pressure, lockout } = edge;
  const { address, profile } = request;
  const proof = password === null ? null : passwordProof(settings.pepper, password);
  const knock = { identity, address, proof, certified: profile === 3 };
  const wait = lockout.attempt(knock);
  if (wait > 0) {
    refuse('throttled', 'too many failed attempts', identity, { cause: 'locked_out', retryAfter: wait });
    return;
  }
  const token = tokenOf(identity);
  const partition = partitionOf(token, settings.partitions);
  const question: ConnectItem = {
    kind: UPLINK.connect,
    seq: 0,
    identity,
    proof,
    version: negotiated?.version ?? '',
    address,
    at: edge.stamp(),
    profile: profile === 1 && password === null ? 0 : profile,
    certificate: request.certificate,
  };
  const begun = pressure.connects.begin();
  const settle = (outcome: AttemptOutcome) => {
    pressure.connects.end(begun);
    if (lockout.settle(knock, outcome)) edge.counts.lockouts.inc();
  };
  edge.uplink.ask(partition, question, CHECK_MS, {
    replied(reply) {
      settle(reply.kind === REPLY.connect ? outcomeOf(reply.status) : 'other');
      if (reply.kind !== REPLY.connect) refuse('unavailable', 'unexpected reply', identity);
      else if (reply.status !== 'accepted')
        refuse(reply.status, reply.reason, identity, { retryAfter: reply.retryAfter });
      else admit(edge, reply, { identity, token, partition, protocol: negotiated?.token ?? '' }, decide);
    },
    expired() {
      settle('other');
      refuse('unavailable', 'no worker answered in time', identity, { cause: 'unanswered' });
    },
    late(reply) {
      if (reply.kind === REPLY.connect && reply.status === 'accepted') late({ ...reply, partition });
    },
  });
}

/** To try out which stations there are is as little welcome as to try out passwords. */
function outcomeOf(status: ConnectStatus): AttemptOutcome {
  if (status === 'accepted') return 'in';
  return status === 'unauthorized' || status === 'unknown' ? 'wrong' : 'other';
}

function admit(
  { settings }: EdgeContext,
  reply: ConnectReply,
  who: { identity: string; token: string; partition: number; protocol: string },
  decide: (decision: Decision) => void,
): void {
  const { stationId, epoch, booted, pingSeconds, version } = reply;
  const { identity, token, partition, protocol } = who;
  if (!isOcppVersion(version)) {
    const reason = 'default version is no OCPP version';
    decide({ ok: false, refused: { status: 'unsupported', cause: 'unsupported', identity, reason } });
    return;
  }
  const admitted = {
    identity,
    token,
    partition,
    stationId,
    epoch,
    version,
    booted,
    pingSeconds: pingSeconds < 0 ? settings.pingSeconds : pingSeconds,
  };
  decide({ ok: true, admitted, protocol });
}

/** A fleet that was refused in one moment shall not come back in one, seconds. */
const RETRY_FIRST = 5;
const RETRY_LAST = 30;

/** The header of a 503: as the refusal says, else somewhere from 5 to 30 seconds. */
export function retryAfter({ retryAfter: seconds = 0 }: Refused): string {
  const spread = RETRY_FIRST + Math.random() * (RETRY_LAST - RETRY_FIRST);
  return String(Math.ceil(seconds > 0 ? seconds : spread));
}

/** `404 Not Found` and the like. */
export function statusLine(status: ConnectStatus): string {
  const words: Record<number, string> = {
    101: 'Switching Protocols',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'Not Found',
    503: 'Service Unavailable',
  };
  const code = CONNECT_HTTP[status];
  return `${code} ${words[code] ?? ''}`;
}
