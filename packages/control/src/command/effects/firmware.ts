/** What belongs to commands of firmware, diagnostics, logs, and customer information. */
import type { EffectRow } from '../effect.js';

export const FIRMWARE_EFFECTS: readonly EffectRow[] = [];
