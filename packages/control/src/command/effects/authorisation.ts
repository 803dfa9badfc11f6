/** What belongs to commands of tokens and their groups, local lists, reservations. */
import type { EffectRow } from '../effect.js';

export const AUTHORISATION_EFFECTS: readonly EffectRow[] = [];
