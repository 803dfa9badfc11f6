/** What belongs to commands of the device model: components, variables, monitors, events, and the provisioning of a station. */
import type { EffectRow } from '../effect.js';

export const DEVICE_MODEL_EFFECTS: readonly EffectRow[] = [];
