/** Sampled values of any version, as rows to keep and as readings of the energy register. 1.6 section 7.28; 2.x 2.47. */
import { type RegisterReading, type TransactionState, withFlags } from '@sigec/domain';
import { type ParsedTimestamp, parseTimestamp } from '@sigec/ocpp';
import type { SampleRow } from '@sigec/store';

/** What 1.6 and 2.x samples have in common once spelled alike. */
interface Sample {
  readonly value: number | null;
  readonly raw: string | null;
  readonly measurand: string;
  readonly context: string;
  readonly phase: string | null;
  readonly location: string | null;
  readonly unit: string | null;
}

export interface Sampled {
  readonly readings: RegisterReading[];
  readonly samples: Omit<SampleRow, 'transactionId' | 'stationId' | 'evseId' | 'connectorId'>[];
  /** True where a time was unusable and the server's was taken. */
  readonly clockBad: boolean;
}

const REGISTER = 'Energy.Active.Import.Register';
/** A register above this in mWh (9 TWh) is no register; it also keeps the integers exact. */
const MAX_MWH = 9_000_000_000_000_000;
const MAX_RAW = 4_096;

interface Meter<S> {
  readonly timestamp: string;
  readonly sampledValue: readonly S[];
}

function sampled<S>(meterValues: readonly Meter<S>[], receivedAt: number, read: (sample: S) => Sample): Sampled {
  const out: Sampled = { readings: [], samples: [], clockBad: false };
  let clockBad = false;
  for (const meterValue of meterValues) {
    const time = parseTimestamp(meterValue.timestamp, receivedAt);
    clockBad ||= time.quality === 'server_time';
    for (const value of meterValue.sampledValue) {
      const sample = read(value);
      out.samples.push({ ...sample, sampledAt: time.ms, receivedAt });
      const mWh = registerOf(sample);
      if (mWh !== null) out.readings.push(reading(time, mWh, ROLES[sample.context] ?? 1));
    }
  }
  return { ...out, clockBad };
}

const ROLES: Readonly<Record<string, RegisterReading['role']>> = { 'Transaction.Begin': 0, 'Transaction.End': 2 };

/** A reading of the energy register, with a note where the charger's clock says nothing. */
export function reading(time: ParsedTimestamp, mWh: number, role: RegisterReading['role']): RegisterReading {
  return { at: time.ms, mWh, role, ...(time.quality === 'server_time' && { unclocked: true }) };
}

/** The energy register as mWh; null where the sample is of something else. */
function registerOf(sample: Sample): number | null {
  // A phase's share is not the total, and what the vehicle or the inlet measured is not what the outlet gave.
  if (sample.measurand !== REGISTER || sample.phase !== null || sample.value === null) return null;
  if (sample.location !== null && sample.location !== 'Outlet') return null;
  return registerMWh(sample.value, sample.unit);
}

const MWH_PER_UNIT: Readonly<Record<string, number>> = { wh: 1_000, kwh: 1_000_000 };

/** Wh or kWh as mWh; null for what no register shows, and for a unit of unknown scale, which is kept but not billed. */
export function registerMWh(value: number, unit: string | null): number | null {
  const perUnit = MWH_PER_UNIT[(unit ?? 'Wh').toLowerCase()];
  if (perUnit === undefined) return null;
  const mWh = Math.round(value * perUnit);
  return mWh >= 0 && mWh <= MAX_MWH ? mWh : null;
}

/** Flags a session one of whose times was the server's. */
export function clocked(state: TransactionState, clockBad: boolean): TransactionState {
  return clockBad && !state.flags.includes('clock') ? { ...state, flags: withFlags(state.flags, ['clock']) } : state;
}

interface Sample16 {
  value: string;
  measurand?: string;
  context?: string;
  phase?: string;
  location?: string;
  unit?: string;
  format?: string;
}

/** 1.6: values are text, the unit stands beside them. */
export function sampled16(meterValues: readonly Meter<Sample16>[], receivedAt: number): Sampled {
  return sampled(meterValues, receivedAt, (s) => {
    const number = s.format === 'SignedData' || s.value.trim() === '' ? Number.NaN : Number(s.value);
    const value = Number.isFinite(number) ? number : null;
    return {
      value,
      raw: value === null ? s.value.slice(0, MAX_RAW) : null,
      measurand: s.measurand ?? REGISTER,
      context: s.context ?? 'Sample.Periodic',
      phase: s.phase ?? null,
      location: s.location ?? null,
      unit: s.unit ?? ((s.measurand ?? REGISTER).startsWith('Energy.Active') ? 'Wh' : null),
    };
  });
}

interface Sample2x {
  value: number;
  measurand?: string;
  context?: string;
  phase?: string;
  location?: string;
  unitOfMeasure?: { unit?: string; multiplier?: number };
  signedMeterValue?: { signedMeterData: string };
}

/** 2.x: numbers, with a power of ten. */
export function sampled2x(meterValues: readonly Meter<Sample2x>[], receivedAt: number): Sampled {
  return sampled(meterValues, receivedAt, (s) => {
    const multiplier = Math.max(-30, Math.min(30, s.unitOfMeasure?.multiplier ?? 0));
    // A division by a power of ten is exact where a multiplication by 0.1 is not.
    const value = multiplier < 0 ? s.value / 10 ** -multiplier : s.value * 10 ** multiplier;
    return {
      value: Number.isFinite(value) ? value : null,
      raw: s.signedMeterValue?.signedMeterData.slice(0, MAX_RAW) ?? null,
      measurand: s.measurand ?? REGISTER,
      context: s.context ?? 'Sample.Periodic',
      phase: s.phase ?? null,
      location: s.location ?? null,
      unit: s.unitOfMeasure?.unit ?? ((s.measurand ?? REGISTER).startsWith('Energy.Active') ? 'Wh' : null),
    };
  });
}

/** Ties samples to their place. */
export function placed(
  samples: Sampled['samples'],
  place: Pick<SampleRow, 'transactionId' | 'stationId' | 'evseId' | 'connectorId'>,
): SampleRow[] {
  return samples.map((sample) => ({ ...sample, ...place }));
}
