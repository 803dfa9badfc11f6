/** Rows and look-ups of grid control (DER), battery swap, display messages, tariffs and payments: a room for each. */
import { DER_FACTS, DER_LOOKUPS } from './der.js';
import { DISPLAY_FACTS, DISPLAY_LOOKUPS } from './display.js';
import { SETTLEMENT_FACTS, SETTLEMENT_LOOKUPS } from './settlements.js';
import { SWAP_FACTS, SWAP_LOOKUPS } from './swaps.js';

export type { DisplayContent, KnownFrom, SwapStatus } from '../schema/energy.js';
export type { ChargerTariffKind, SettlementStatus } from '../schema/money.js';
export type { DerAlarmFact, DerAlarmKey, DerAlarmState, DerControlFact, DerStartStopFact } from './der.js';
export type { DisplayMessageFact, ReportSweep } from './display.js';
export type { SettlementFact, SettlementKey, SettlementState } from './settlements.js';
export type { SwapBatteryFact, SwapFact, SwapState } from './swaps.js';

export const ENERGY_FACTS = { ...DISPLAY_FACTS, ...DER_FACTS, ...SWAP_FACTS, ...SETTLEMENT_FACTS };
export const ENERGY_LOOKUPS = { ...DISPLAY_LOOKUPS, ...DER_LOOKUPS, ...SWAP_LOOKUPS, ...SETTLEMENT_LOOKUPS };
