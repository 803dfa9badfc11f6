/** Commands that tell a charger to go to a higher security profile: once it came by it, the old way is closed (store). */
import type { StationView } from '@sigec/store';
import { type Actor, type Database, unwantSecurityProfile, wantSecurityProfile } from '@sigec/store';
import { type Dispatched, mayHaveArrived } from './dispatch.js';
import { isAccepted, SECURITY_PROFILE, statusOf, writtenBy } from './setting.js';

type Payload = Readonly<Record<string, unknown>>;

/** The security profile that a command tells a charger to go to; undefined where it tells none. */
export function wantedProfile(action: string, payload: Payload): number | undefined {
  let profile: unknown = writtenBy(action, payload, SECURITY_PROFILE);
  if (action === 'SetNetworkProfile') {
    const { connectionData } = payload;
    if (typeof connectionData === 'object' && connectionData !== null && 'securityProfile' in connectionData)
      profile = connectionData.securityProfile;
  }
  const level = Number(profile ?? 0);
  return level === 1 || level === 2 || level === 3 ? level : undefined;
}

/**
 * Sends a command; where it tells of a higher profile, that is noted first: a charger that obeys may be back before its
 * answer is. Where it surely did not obey the note is taken back.
 */
export async function withUpgrade(
  db: Database,
  actor: Actor,
  station: StationView,
  { action, payload }: { readonly action: string; readonly payload: Payload },
  send: () => Promise<Dispatched>,
): Promise<Dispatched> {
  const wanted = wantedProfile(action, payload);
  if (wanted === undefined || wanted <= station.minSecurityProfile) return send();
  const before = station.desiredSecurityProfile;
  const takeBack = () => unwantSecurityProfile(db, actor, station.id, wanted, before);
  await wantSecurityProfile(db, actor, station.id, wanted);
  let sent: Dispatched;
  try {
    sent = await send();
  } catch (error) {
    if (!mayHaveArrived(error)) await takeBack();
    throw error;
  }
  if (!isAccepted(statusOf(action, sent.response, SECURITY_PROFILE))) await takeBack();
  return sent;
}
