/**
 * The room of smart charging of 2.x: profiles as they are set, what a vehicle of ISO 15118 says (K15), and what 2.1 adds:
 * dynamic values (K28), priority (K22), ways of energy transfer and signals of the grid (Q).
 */
import type { ChargingStation } from './charging.js';
import type { Evse } from './evse.js';
import { type JsonObject, read } from './json.js';
import { evseOf, say, takeProfile } from './operations.js';
import type { Handler } from './station.js';
import type { TransactionInfo } from './types.js';

/** The longest that a start may take to arrive before the vehicle's needs follow, ms. */
const START_MS = 2000;

export function smartCharging2x(station: ChargingStation): Record<string, Handler> {
  if (station.o.iso15118) station.on('started', (transaction) => tellNeeds(station, transaction));

  const running = (p: JsonObject): Evse | undefined => {
    const id = read.str(p, 'transactionId');
    return station.evses.find((evse) => evse.charge?.ref === id);
  };
  const integrated = (change: () => void) => {
    for (const evse of station.evses) station.integrate(evse);
    change();
    for (const evse of station.evses) station.integrate(evse);
  };

  const newer: Record<string, Handler> = {
    UpdateDynamicSchedule: (p) => {
      const id = read.int(p, 'chargingProfileId');
      const limit = read.optNum(read.obj(p, 'scheduleUpdate'), 'limit');
      let known = false;
      integrated(() => {
        known = station.profiles.update(id, limit);
      });
      return say(known ? 'Accepted' : 'Rejected');
    },
    UsePriorityCharging: (p) => {
      const evse = running(p);
      const charge = evse?.charge;
      if (evse === undefined || charge === null || charge === undefined) return say('Rejected');
      if (!station.profiles.list().some(({ purpose }) => purpose === 'PriorityCharging')) return say('NoProfile');
      return say('Accepted', () =>
        integrated(() => {
          charge.priority = p.activate === true;
        }),
      );
    },
    NotifyAllowedEnergyTransfer: (p) => say(running(p) === undefined ? 'Rejected' : 'Accepted'),
    // Without a transaction there is nothing that could follow the grid.
    AFRRSignal: (p) => {
      read.int(p, 'signal');
      return say(station.isCharging ? 'Accepted' : 'Rejected');
    },
  };

  return {
    ...(station.o.version === '2.1' ? newer : {}),
    SetChargingProfile: (p) => {
      const raw = read.obj(p, 'chargingProfile');
      const id = read.int(raw, 'id');
      const evseId = read.int(p, 'evseId');
      // K01.FR.06: two profiles of one purpose, stack level and EVSE are told apart by nothing.
      const twin = station.profiles
        .list()
        .some(
          (other) =>
            other.id !== id &&
            other.evseId === evseId &&
            other.purpose === raw.chargingProfilePurpose &&
            other.stackLevel === raw.stackLevel &&
            other.transactionId === (raw.transactionId === undefined ? undefined : String(raw.transactionId)),
        );
      if (twin) return { answer: { status: 'Rejected', statusInfo: { reasonCode: 'DuplicateProfile' } } };
      const reply = takeProfile(station, raw, evseId);
      if (reply.answer.status !== 'Accepted') return reply;
      const { after } = reply;
      return {
        ...reply,
        after: () => {
          after?.();
          if (raw.chargingProfileKind === 'Dynamic') pull(station, id, read.optInt(raw, 'dynUpdateInterval'));
          const evse = evseOf(station, evseId);
          if (station.o.iso15118 && evse?.charge != null) tellSchedule(station, evse);
        },
      };
    },
  };
}

/** NotifyEVChargingNeeds, once the start has arrived. */
function tellNeeds(station: ChargingStation, { evse: evseId }: TransactionInfo): void {
  const { kind, maxPowerW, batteryWh } = station.o.curve;
  const energyAmount = Math.round((batteryWh * (100 - station.o.socStart)) / 100);
  const dc = { evMaxCurrent: Math.ceil(maxPowerW / 400), evMaxVoltage: 400, evMaxPower: maxPowerW, energyAmount };
  const ac = { energyAmount, evMinCurrent: 6, evMaxCurrent: Math.ceil(maxPowerW / 690), evMaxVoltage: 230 };
  const chargingNeeds: JsonObject =
    kind === 'dc'
      ? {
          requestedEnergyTransfer: 'DC',
          dcChargingParameters: { ...dc, stateOfCharge: Math.round(station.o.socStart) },
        }
      : { requestedEnergyTransfer: 'AC_three_phase', acChargingParameters: ac };
  station.background(async () => {
    await station.flush(START_MS);
    await station.send('NotifyEVChargingNeeds', { evseId, maxScheduleTuples: 10, chargingNeeds });
  });
}

/** NotifyEVChargingSchedule: the vehicle means to take what it was given. */
function tellSchedule(station: ChargingStation, evse: Evse): void {
  const now = station.clock.now();
  const { maxPowerW } = station.o.curve;
  const periods = station.profiles.composite(station.place(evse), now, 3600, 'W', maxPowerW);
  const chargingSchedulePeriod = periods.map(({ startS, limit }) => ({ startPeriod: startS, limit }));
  const timeBase = new Date(now).toISOString();
  const chargingSchedule = { id: 1, duration: 3600, chargingRateUnit: 'W', chargingSchedulePeriod };
  station.background(() => station.send('NotifyEVChargingSchedule', { timeBase, evseId: evse.id, chargingSchedule }));
}

/** Asks for the values of a dynamic profile as often as it says, as long as it is there. */
function pull(station: ChargingStation, chargingProfileId: number, everyS: number | undefined): void {
  if (everyS === undefined || everyS <= 0 || station.o.version !== '2.1') return;
  const stop = station.timers.every(
    () => (everyS * 1000) / station.o.speed,
    () => {
      if (!station.profiles.list().some(({ id }) => id === chargingProfileId)) return stop();
      station.background(async () => {
        const answer = await station.send('PullDynamicScheduleUpdate', { chargingProfileId });
        if (answer.status !== 'Accepted') return;
        for (const evse of station.evses) station.integrate(evse);
        station.profiles.update(chargingProfileId, read.optNum(read.obj(answer, 'scheduleUpdate'), 'limit'));
        for (const evse of station.evses) station.integrate(evse);
      });
    },
  );
}
