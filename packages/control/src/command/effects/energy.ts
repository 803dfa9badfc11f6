/** What belongs to commands of grid control (DER), battery swap, display messages, tariffs and payments. */
import type { EffectRow } from '../effect.js';
import { costUpdated, webPayment } from './energy/cost.js';
import { clearDer, setDer } from './energy/der.js';
import { clearDisplay, setDisplay } from './energy/display.js';
import { requestSwap } from './energy/swap.js';
import { changeTariff, clearTariffs, getTariffs, setDefaultTariff } from './energy/tariffs.js';

export const ENERGY_EFFECTS: readonly EffectRow[] = [
  [['SetDisplayMessage'], setDisplay],
  [['ClearDisplayMessage'], clearDisplay],
  [['SetDERControl'], setDer],
  [['ClearDERControl'], clearDer],
  [['RequestBatterySwap'], requestSwap],
  [['SetDefaultTariff'], setDefaultTariff],
  [['ChangeTransactionTariff'], changeTariff],
  [['ClearTariffs'], clearTariffs],
  [['GetTariffs'], getTariffs],
  [['CostUpdated'], costUpdated],
  [['NotifyWebPaymentStarted'], webPayment],
];
