/** For tests: messages of smart charging, by version. */
import type { RequestMap } from '@sigec/ocpp';
import { at } from './plain.js';

type Samples<V extends keyof RequestMap, A extends keyof RequestMap[V]> = { [K in A]: RequestMap[V][K][] };

export const CHARGING_REQUEST = 931;
/** A transaction that runs, for the message that names one. */
export const CHARGING_TRANSACTION = 'TX-PRIORITY';

const SCHEDULE = {
  id: 1,
  startSchedule: at(0),
  duration: 3600,
  chargingRateUnit: 'W' as const,
  chargingSchedulePeriod: [
    { startPeriod: 0, limit: 7000 },
    { startPeriod: 900, limit: 3000, numberPhases: 1 },
  ],
};
const PROFILE = {
  id: 5,
  stackLevel: 1,
  chargingProfilePurpose: 'TxDefaultProfile' as const,
  chargingProfileKind: 'Absolute' as const,
  chargingSchedule: [SCHEDULE],
};

export const CHARGING_SAMPLES_2X: Samples<
  'ocpp2.0.1',
  | 'ClearedChargingLimit'
  | 'NotifyChargingLimit'
  | 'NotifyEVChargingNeeds'
  | 'NotifyEVChargingSchedule'
  | 'ReportChargingProfiles'
> = {
  ClearedChargingLimit: [{ chargingLimitSource: 'EMS' }, { chargingLimitSource: 'SO', evseId: 1 }],
  NotifyChargingLimit: [
    { chargingLimit: { chargingLimitSource: 'EMS' } },
    { chargingLimit: { chargingLimitSource: 'SO', isGridCritical: true }, evseId: 1, chargingSchedule: [SCHEDULE] },
  ],
  NotifyEVChargingNeeds: [
    {
      evseId: 1,
      chargingNeeds: {
        requestedEnergyTransfer: 'DC',
        dcChargingParameters: { evMaxCurrent: 200, evMaxVoltage: 400, evMaxPower: 60_000, stateOfCharge: 20 },
      },
    },
    {
      evseId: 2,
      maxScheduleTuples: 12,
      chargingNeeds: {
        requestedEnergyTransfer: 'AC_three_phase',
        departureTime: at(7200),
        acChargingParameters: { energyAmount: 20_000, evMinCurrent: 6, evMaxCurrent: 16, evMaxVoltage: 230 },
      },
    },
  ],
  NotifyEVChargingSchedule: [{ timeBase: at(0), evseId: 1, chargingSchedule: SCHEDULE }],
  ReportChargingProfiles: [
    { requestId: CHARGING_REQUEST, chargingLimitSource: 'CSO', evseId: 1, chargingProfile: [PROFILE], tbc: true },
    { requestId: CHARGING_REQUEST, chargingLimitSource: 'EMS', evseId: 0, chargingProfile: [{ ...PROFILE, id: -6 }] },
  ],
};

export const CHARGING_SAMPLES_21: Samples<'ocpp2.1', 'NotifyPriorityCharging' | 'PullDynamicScheduleUpdate'> = {
  NotifyPriorityCharging: [
    { transactionId: CHARGING_TRANSACTION, activated: true },
    { transactionId: CHARGING_TRANSACTION, activated: false },
  ],
  PullDynamicScheduleUpdate: [{ chargingProfileId: 5 }, { chargingProfileId: -1 }],
};
