/** The table of what belongs to which action beside its message; read by {@link perform}, whoever asks. */
import type { Effect } from './effect.js';
import { REQUEST_ACTIONS, tracked } from './requests.js';
import { upgrade } from './security-upgrade.js';

const FAMILIES: readonly (readonly [actions: readonly string[], effect: Effect])[] = [
  [['ChangeConfiguration', 'SetVariables', 'SetNetworkProfile'], upgrade],
  [REQUEST_ACTIONS, tracked],
];

const TABLE = new Map<string, Effect[]>();
for (const [actions, effect] of FAMILIES)
  for (const action of actions) TABLE.set(action, [...(TABLE.get(action) ?? []), effect]);

/** In the order in which they begin; they end in the other. */
export const effectsOf = (action: string): readonly Effect[] => TABLE.get(action) ?? [];
