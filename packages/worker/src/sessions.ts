/** Connects and disconnects in batches: who may come in, and who is gone. */
import {
  type ConnectItem,
  type ConnectReply,
  type ConnectStatus,
  type DisconnectItem,
  REPLY,
  verifierMatches,
} from '@sigec/contract';
import type { Logger } from '@sigec/runtime';
import {
  closeSessions,
  type Database,
  isTransient,
  type OpenedSession,
  openSessions,
  type StationCredentials,
} from '@sigec/store';
import type { From } from './outcome.js';

interface Verdict {
  readonly status: ConnectStatus;
  readonly reason: string;
}

const ACCEPTED: Verdict = { status: 'accepted', reason: '' };

/** Pure: may this attempt have a session? The reason is for the log, never for the charger. */
export function admit(attempt: ConnectItem, station: StationCredentials | undefined): Verdict {
  if (station === undefined) return { status: 'unknown', reason: 'station unknown' };
  if (station.secretSalt !== null && station.secretVerifier !== null) {
    if (attempt.proof === null) return { status: 'unauthorized', reason: 'no password, or another user name' };
    if (!verifierMatches(station.secretSalt, attempt.proof, station.secretVerifier))
      return { status: 'unauthorized', reason: 'wrong password' };
  }
  if (station.blocked) return { status: 'forbidden', reason: 'station blocked' };
  if (attempt.version === '' && station.defaultVersion === null)
    return { status: 'unsupported', reason: 'no OCPP subprotocol offered, and the station has no default version' };
  return ACCEPTED;
}

/** Seconds between pings where the station has no policy of its own; the edge reads -1 as its configured interval. */
const PING_DEFAULT = -1;

/**
 * Answers a batch, in its order. Where it fails for good it is taken apart until the cause stands alone, which is told to
 * come later: nobody else is kept out by it.
 * @throws what passes by itself (the database is away): then the edges ask again
 */
export async function answerConnects(
  db: Database,
  batch: readonly From<ConnectItem>[],
  registerUnknownIn: number | null,
  logger: Logger,
): Promise<ConnectReply[]> {
  try {
    return await answerOnce(db, batch, registerUnknownIn);
  } catch (error) {
    const [first] = batch;
    if (isTransient(error) || first === undefined) throw error;
    if (batch.length === 1) {
      logger.error({ err: error, identity: first.item.identity }, 'connection could not be checked');
      return [replyTo(first.item, { status: 'unavailable', reason: 'could not be checked' }, null)];
    }
    const half = batch.length >> 1;
    const before = await answerConnects(db, batch.slice(0, half), registerUnknownIn, logger);
    return [...before, ...(await answerConnects(db, batch.slice(half), registerUnknownIn, logger))];
  }
}

async function answerOnce(
  db: Database,
  batch: readonly From<ConnectItem>[],
  registerUnknownIn: number | null,
): Promise<ConnectReply[]> {
  const verdicts = new Map<ConnectItem, Verdict>();
  const attempts = batch.map(({ edgeId, item }) => ({ ...item, edgeId, item }));
  const opened = await openSessions(db, attempts, registerUnknownIn, ({ item }, station) => {
    const verdict = admit(item, station);
    verdicts.set(item, verdict);
    return verdict.status === 'accepted';
  });
  return batch.map(({ item }, index) => replyTo(item, verdicts.get(item) as Verdict, opened[index] ?? null));
}

function replyTo(item: ConnectItem, { status, reason }: Verdict, session: OpenedSession | null): ConnectReply {
  return {
    kind: REPLY.connect,
    seq: item.seq,
    status,
    reason,
    stationId: session?.station.id ?? 0,
    epoch: session?.epoch ?? 0,
    booted: session?.station.registration === 'accepted',
    pingSeconds: session?.station.pingSeconds ?? PING_DEFAULT,
    version: item.version === '' ? (session?.station.defaultVersion ?? '') : item.version,
    retryAfter: 0,
  };
}

/** The last of several disconnects of a station decides: an older epoch would change nothing anyway. */
export async function answerDisconnects(db: Database, batch: readonly From<DisconnectItem>[]): Promise<void> {
  const newest = new Map<number, DisconnectItem>();
  for (const { item } of batch) {
    const other = newest.get(item.stationId);
    if (other === undefined || other.epoch < item.epoch) newest.set(item.stationId, item);
  }
  await closeSessions(db, [...newest.values()]);
}
