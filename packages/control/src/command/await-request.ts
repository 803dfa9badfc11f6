/** Waiting until a charger has told all that it was asked for. */
import { type Actor, getRequest, type RequestRow } from '@sigec/store';
import type { Services } from '../context.js';

export interface AwaitOptions {
  readonly waitS: number;
  /** Ends the wait early: the one who asked has left. */
  readonly gone?: AbortSignal;
}

/** The request when it has ended, or as it stands after the wait; undefined where there is none. */
export async function awaitRequest(
  { db, waits, clock }: Pick<Services, 'db' | 'waits' | 'clock'>,
  actor: Actor,
  stationId: number,
  requestId: number,
  { waitS, gone }: AwaitOptions,
): Promise<RequestRow | undefined> {
  const read = () => getRequest(db, actor, stationId, requestId);
  let latest = await read();
  if (latest === undefined || latest.endedAt !== null || waitS <= 0) return latest;
  const ended = async () => {
    latest = (await read()) ?? latest;
    return latest?.endedAt === null ? undefined : latest;
  };
  await waits.until(ended, clock.monotonic() + waitS * 1000, gone);
  return latest;
}
