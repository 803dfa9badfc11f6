/** Connects and disconnects in batches: who may come in, and who is gone. */
import {
  type ConnectItem,
  type ConnectReply,
  type ConnectStatus,
  type DisconnectItem,
  REPLY,
  verifierMatches,
} from '@sigec/contract';
import { type AccessRules, admit, type FlapPolicy } from '@sigec/domain';
import type { Logger } from '@sigec/runtime';
import { closeSessions, type Database, isTransient, type OpenedSession, openSessions } from '@sigec/store';
import type { From } from './outcome.js';

interface Verdict {
  readonly status: ConnectStatus;
  readonly reason: string;
  readonly retryAfter: number;
}

const ACCEPTED: Verdict = { status: 'accepted', reason: '', retryAfter: 0 };

export interface ConnectsDeps {
  readonly db: Database;
  /** Tenant that unknown stations are registered in; null refuses them. */
  readonly registerUnknownIn: number | null;
  readonly flap: FlapPolicy;
  readonly logger: Logger;
  /** Told of each station whose flap breaker opened. */
  readonly tripped: (identity: string) => void;
}

/** Seconds between pings where the station has no policy of its own; the edge reads -1 as its configured interval. */
const PING_DEFAULT = -1;

/**
 * Answers a batch, in its order. Where it fails for good it is taken apart until the cause stands alone, which is told to
 * come later: nobody else is kept out by it.
 * @throws what passes by itself (the database is away): then the edges ask again
 */
export async function answerConnects(deps: ConnectsDeps, batch: readonly From<ConnectItem>[]): Promise<ConnectReply[]> {
  try {
    return await answerOnce(deps, batch);
  } catch (error) {
    const [first] = batch;
    if (isTransient(error) || first === undefined) throw error;
    if (batch.length === 1) {
      deps.logger.error({ err: error, identity: first.item.identity }, 'connection could not be checked');
      return [replyTo(first.item, { status: 'unavailable', reason: 'could not be checked', retryAfter: 0 }, null)];
    }
    const half = batch.length >> 1;
    const before = await answerConnects(deps, batch.slice(0, half));
    return [...before, ...(await answerConnects(deps, batch.slice(half)))];
  }
}

async function answerOnce(
  { db, registerUnknownIn, flap, tripped }: ConnectsDeps,
  batch: readonly From<ConnectItem>[],
): Promise<ConnectReply[]> {
  const rules: AccessRules = { flap, verify: verifierMatches };
  const verdicts = new Map<ConnectItem, Verdict>();
  const attempts = batch.map(({ edgeId, item }) => ({ ...item, edgeId, item }));
  const opened = await openSessions(db, attempts, registerUnknownIn, ({ item }, station, moment) => {
    const access = admit(item, station, rules, moment);
    verdicts.set(item, access.status === 'accepted' ? ACCEPTED : access);
    return access.status === 'accepted' ? access.change : null;
  });
  // Only now is it so: the commit is done.
  for (const session of opened) if (session?.tripped) tripped(session.station.identity);
  return batch.map(({ item }, index) => replyTo(item, verdicts.get(item) as Verdict, opened[index] ?? null));
}

function replyTo(
  item: ConnectItem,
  { status, reason, retryAfter }: Verdict,
  session: OpenedSession | null,
): ConnectReply {
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
    retryAfter,
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
