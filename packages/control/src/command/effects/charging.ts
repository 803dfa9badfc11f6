/** What belongs to commands of smart charging: profiles, limits, needs and schedules of vehicles. */
import type { EffectRow } from '../effect.js';
import { compositeAsked, profileCleared, profileSent, profilesAsked } from './charging-profile.js';
import { afrrSent, dynamicUpdated, priorityAsked, transferAllowed } from './charging-signals.js';

export const CHARGING_EFFECTS: readonly EffectRow[] = [
  [['SetChargingProfile', 'RemoteStartTransaction', 'RequestStartTransaction'], profileSent],
  [['ClearChargingProfile'], profileCleared],
  [['GetChargingProfiles'], profilesAsked],
  [['GetCompositeSchedule'], compositeAsked],
  [['UpdateDynamicSchedule'], dynamicUpdated],
  [['UsePriorityCharging'], priorityAsked],
  [['NotifyAllowedEnergyTransfer'], transferAllowed],
  [['AFRRSignal'], afrrSent],
];
