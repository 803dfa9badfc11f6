/** The table of what belongs to which action beside its message; read by {@link perform}, whoever asks. */
import type { Effect, EffectRow } from './effect.js';
import { AUTHORISATION_EFFECTS } from './effects/authorisation.js';
import { CHARGING_EFFECTS } from './effects/charging.js';
import { COMMANDS_EFFECTS } from './effects/commands.js';
import { DEVICE_MODEL_EFFECTS } from './effects/device-model.js';
import { ENERGY_EFFECTS } from './effects/energy.js';
import { FIRMWARE_EFFECTS } from './effects/firmware.js';
import { SECURITY_EFFECTS } from './effects/security.js';
import { REQUEST_ACTIONS, tracked } from './requests.js';
import { upgrade } from './security-upgrade.js';

const FAMILIES: readonly EffectRow[] = [
  [['ChangeConfiguration', 'SetVariables', 'SetNetworkProfile'], upgrade],
  [REQUEST_ACTIONS, tracked],
  ...DEVICE_MODEL_EFFECTS,
  ...SECURITY_EFFECTS,
  ...CHARGING_EFFECTS,
  ...FIRMWARE_EFFECTS,
  ...ENERGY_EFFECTS,
  ...AUTHORISATION_EFFECTS,
  ...COMMANDS_EFFECTS,
];

const TABLE = new Map<string, Effect[]>();
for (const [actions, effect] of FAMILIES)
  for (const action of actions) TABLE.set(action, [...(TABLE.get(action) ?? []), effect]);

/** In the order in which they begin; they end in the other. */
export const effectsOf = (action: string): readonly Effect[] => TABLE.get(action) ?? [];
