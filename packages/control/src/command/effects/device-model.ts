/** What belongs to commands about the device model: variables, configuration keys, monitors, streams of values. */
import type { EffectRow } from '../effect.js';
import {
  adjustPeriodicEventStream,
  clearVariableMonitoring,
  getPeriodicEventStream,
  monitoringBase,
  monitoringLevel,
  setVariableMonitoring,
} from './monitors.js';
import { changeConfiguration, getConfiguration, getVariables, setVariables } from './variables.js';

export const DEVICE_MODEL_EFFECTS: readonly EffectRow[] = [
  [['GetVariables'], getVariables],
  [['SetVariables'], setVariables],
  [['GetConfiguration'], getConfiguration],
  [['ChangeConfiguration'], changeConfiguration],
  [['SetVariableMonitoring'], setVariableMonitoring],
  [['ClearVariableMonitoring'], clearVariableMonitoring],
  [['SetMonitoringBase'], monitoringBase],
  [['SetMonitoringLevel'], monitoringLevel],
  [['AdjustPeriodicEventStream'], adjustPeriodicEventStream],
  [['GetPeriodicEventStream'], getPeriodicEventStream],
];
