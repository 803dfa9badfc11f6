/** The room of one meter reading, as plain numbers, before a version gives it its shape. */
import type { SampleContext } from './charging.js';

export interface Reading {
  timestamp: string;
  context: SampleContext;
  registerWh: number;
  /** Null outside a transaction. */
  powerW: number | null;
  soc: number | null;
}

/** One measurand of a reading. Power is the simulated car's; energy runs `speed` times as fast as the timestamps. */
export interface Measured {
  value: number;
  measurand: 'Energy.Active.Import.Register' | 'Power.Active.Import' | 'SoC';
  unit: 'Wh' | 'W' | 'Percent';
}

export function measured(r: Reading): Measured[] {
  const all: Measured[] = [{ value: r.registerWh, measurand: 'Energy.Active.Import.Register', unit: 'Wh' }];
  if (r.powerW !== null) all.push({ value: Math.round(r.powerW), measurand: 'Power.Active.Import', unit: 'W' });
  if (r.soc !== null) all.push({ value: Math.round(r.soc * 10) / 10, measurand: 'SoC', unit: 'Percent' });
  return all;
}
