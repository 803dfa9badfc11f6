/** The room of tariffs at the station (2.1 I07 to I12): which holds where. The sums are the CSMS's. */
import { isDeepStrictEqual } from 'node:util';
import type { ChargingStation } from './charging.js';
import { type JsonObject, read } from './json.js';
import { evseOf, say } from './operations.js';
import type { Handler } from './station.js';

const MOST_PRICES = 20;
const PARTS = ['energy', 'chargingTime', 'idleTime', 'fixedFee', 'reservationTime', 'reservationFixed'];

const pricesOf = (tariff: JsonObject): number =>
  PARTS.reduce((sum, part) => sum + read.objects(read.optObj(tariff, part) ?? {}, 'prices').length, 0);

export function tariffs21(station: ChargingStation): Record<string, Handler> {
  /** By EVSE: the one that holds, and those that hold from later on. */
  const defaults = new Map<number, JsonObject[]>();
  /** By transaction. */
  const changed = new Map<string, JsonObject>();

  const evsesOf = (evseId: number): number[] | undefined => {
    if (evseId === 0) return station.evses.map(({ id }) => id);
    return evseOf(station, evseId) === undefined ? undefined : [evseId];
  };
  const isLater = (tariff: JsonObject) => (read.optTime(tariff, 'validFrom') ?? 0) > station.clock.now();
  const all = () => [...defaults.values()].flat();

  return {
    SetDefaultTariff: (p) => {
      const tariff = read.obj(p, 'tariff');
      const id = read.str(tariff, 'tariffId');
      const places = evsesOf(read.int(p, 'evseId'));
      if (places === undefined) return say('Rejected');
      if (pricesOf(tariff) > MOST_PRICES) return say('TooManyElements');
      const isTaken = all().some((t) => t.tariffId === id && !isDeepStrictEqual(t, tariff));
      if (isTaken) return say('DuplicateTariffId');
      for (const evse of places) {
        const others = (defaults.get(evse) ?? []).filter((t) => t.tariffId !== id);
        defaults.set(evse, isLater(tariff) ? [...others, tariff] : [tariff, ...others.filter(isLater)]);
      }
      return say('Accepted');
    },
    ChangeTransactionTariff: (p) => {
      const [id, tariff] = [read.str(p, 'transactionId'), read.obj(p, 'tariff')];
      const evse = station.evses.find((e) => e.charge?.ref === id);
      if (evse === undefined) return say('TxNotFound');
      if (pricesOf(tariff) > MOST_PRICES) return say('TooManyElements');
      const before = changed.get(id) ?? defaults.get(evse.id)?.[0];
      if (before !== undefined && before.currency !== tariff.currency) return say('NoCurrencyChange');
      changed.set(id, tariff);
      return say('Accepted');
    },
    GetTariffs: (p) => {
      const places = evsesOf(read.int(p, 'evseId'));
      if (places === undefined) return say('Rejected');
      const assigned = new Map<string, { tariff: JsonObject; evseIds: number[] }>();
      for (const evse of places)
        for (const tariff of defaults.get(evse) ?? []) {
          const id = read.str(tariff, 'tariffId');
          const entry = assigned.get(id) ?? { tariff, evseIds: [] };
          entry.evseIds.push(evse);
          assigned.set(id, entry);
        }
      if (assigned.size === 0) return say('NoTariff');
      const tariffAssignments = [...assigned].map(([tariffId, { tariff, evseIds }]) => ({
        tariffId,
        tariffKind: 'DefaultTariff',
        evseIds,
        ...(tariff.validFrom === undefined ? {} : { validFrom: tariff.validFrom }),
      }));
      return { answer: { status: 'Accepted', tariffAssignments } };
    },
    ClearTariffs: (p) => {
      const places = evsesOf(read.optInt(p, 'evseId') ?? 0) ?? [];
      const clear = (id: string | undefined): string => {
        let found = false;
        for (const evse of places) {
          const before = defaults.get(evse) ?? [];
          const after = id === undefined ? [] : before.filter((t) => t.tariffId !== id);
          found ||= after.length < before.length;
          defaults.set(evse, after);
        }
        return found ? 'Accepted' : 'NoTariff';
      };
      const ids = Array.isArray(p.tariffIds) ? p.tariffIds.map(String) : [];
      const results = ids.map((tariffId): JsonObject => ({ tariffId, status: clear(tariffId) }));
      return { answer: { clearTariffsResult: ids.length === 0 ? [{ status: clear(undefined) }] : results } };
    },
  };
}
