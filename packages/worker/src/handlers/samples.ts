/** Sampled values of any version, as rows to keep and as readings of the energy register. 1.6 section 7.28; 2.x 2.47. */
import { type RegisterReading, type TransactionState, withFlags } from '@sigec/domain';
import { type ParsedTimestamp, parseTimestamp } from '@sigec/ocpp';
import type { MeterRow, Sample, SignedBy } from '@sigec/store';

export interface Sampled {
  readonly readings: RegisterReading[];
  readonly values: Pick<MeterRow, 'sampledAt' | 'receivedAt' | 'samples'>[];
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
  const out: Pick<Sampled, 'readings' | 'values'> = { readings: [], values: [] };
  let clockBad = false;
  for (const meterValue of meterValues) {
    const time = parseTimestamp(meterValue.timestamp, receivedAt);
    clockBad ||= time.quality === 'server_time';
    const samples = meterValue.sampledValue.map(read);
    out.values.push({ sampledAt: time.ms, receivedAt, samples });
    for (const sample of samples) {
      const mWh = registerOf(sample);
      if (mWh !== null) out.readings.push(reading(time, mWh, ROLES[sample.context ?? ''] ?? 1));
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
  if (sample.measurand !== REGISTER || sample.phase !== undefined || sample.value === undefined) return null;
  if (sample.location !== undefined && sample.location !== 'Outlet') return null;
  return registerMWh(sample.value, sample.unit ?? null);
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
    const value = Number.isFinite(number) ? number : undefined;
    const measurand = s.measurand ?? REGISTER;
    return {
      measurand,
      phase: s.phase,
      context: s.context ?? 'Sample.Periodic',
      location: s.location,
      unit: s.unit ?? defaultUnit(measurand),
      value,
      raw: value === undefined ? s.value.slice(0, MAX_RAW) : undefined,
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
  signedMeterValue?: {
    signedMeterData: string;
    // 2.1 leaves them out where they stand in the data itself.
    signingMethod?: string;
    encodingMethod: string;
    publicKey?: string;
  };
}

/** Without it nobody could ever look whether the data is what the meter signed. */
const signedBy = ({
  signingMethod,
  encodingMethod,
  publicKey,
}: NonNullable<Sample2x['signedMeterValue']>): SignedBy => ({
  method: signingMethod?.slice(0, MAX_RAW),
  encoding: encodingMethod.slice(0, MAX_RAW),
  publicKey: publicKey?.slice(0, MAX_RAW),
});

/** 2.x: numbers, with a power of ten. */
export function sampled2x(meterValues: readonly Meter<Sample2x>[], receivedAt: number): Sampled {
  return sampled(meterValues, receivedAt, (s) => {
    const multiplier = Math.max(-30, Math.min(30, s.unitOfMeasure?.multiplier ?? 0));
    // A division by a power of ten is exact where a multiplication by 0.1 is not.
    const value = multiplier < 0 ? s.value / 10 ** -multiplier : s.value * 10 ** multiplier;
    const measurand = s.measurand ?? REGISTER;
    return {
      measurand,
      phase: s.phase,
      context: s.context ?? 'Sample.Periodic',
      location: s.location,
      unit: s.unitOfMeasure?.unit ?? defaultUnit(measurand),
      value: Number.isFinite(value) ? value : undefined,
      raw: s.signedMeterValue?.signedMeterData.slice(0, MAX_RAW),
      signed: s.signedMeterValue && signedBy(s.signedMeterValue),
    };
  });
}

/** What OCPP takes as the unit where none is told. */
const defaultUnit = (measurand: string): string | undefined =>
  measurand.startsWith('Energy.Active') ? 'Wh' : undefined;

/** Ties what was measured to its place. */
export function placed(
  values: Sampled['values'],
  place: Pick<MeterRow, 'transactionId' | 'stationId' | 'evseId' | 'connectorId'>,
): MeterRow[] {
  const { transactionId, stationId, evseId, connectorId } = place;
  return values.map(({ sampledAt, receivedAt, samples }) => ({
    ...{ transactionId, stationId, evseId, connectorId },
    ...{ sampledAt, receivedAt, samples },
  }));
}
