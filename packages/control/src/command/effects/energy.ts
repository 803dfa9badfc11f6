/** What belongs to commands of grid control (DER), battery swap, display messages, tariffs and payments. */
import type { EffectRow } from '../effect.js';

export const ENERGY_EFFECTS: readonly EffectRow[] = [];
