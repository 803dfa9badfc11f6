/** Commands that tell a charger to go to a higher security profile: once it came by it, the old way is closed (store). */
import { unwantSecurityProfile, wantSecurityProfile } from '@sigec/store';
import { mayHaveArrived } from './dispatch.js';
import type { Effect, Payload } from './effect.js';
import { isAccepted, SECURITY_PROFILE, statusOf, writtenBy } from './setting.js';

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
 * A higher profile is noted before the command leaves: a charger that obeys may be back before its answer is. Where it
 * surely did not obey the note is taken back.
 */
export const upgrade: Effect = {
  async begin({ services: { db }, actor, station, action }, payload) {
    const wanted = wantedProfile(action, payload);
    if (wanted === undefined || wanted <= station.minSecurityProfile) return undefined;
    const before = station.desiredSecurityProfile;
    const takeBack = () => unwantSecurityProfile(db, actor, station.id, wanted, before);
    await wantSecurityProfile(db, actor, station.id, wanted);
    return {
      async answered({ response }) {
        if (!isAccepted(statusOf(action, response, SECURITY_PROFILE))) await takeBack();
        return undefined;
      },
      async failed(error) {
        if (!mayHaveArrived(error)) await takeBack();
      },
    };
  },
};
