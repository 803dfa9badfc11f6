/** What belongs to commands of smart charging: profiles, limits, needs and schedules of vehicles. */
import type { EffectRow } from '../effect.js';

export const CHARGING_EFFECTS: readonly EffectRow[] = [];
