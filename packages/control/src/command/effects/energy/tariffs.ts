/** Tariffs at stations: what they were told to compute by, as they took it. 2.1 I07 to I12. */
import { chargerTariffOf, DEFAULT_TARIFF } from '@sigec/domain';
import type { RequestOf } from '@sigec/ocpp';
import {
  type ChargerTariffKind,
  forgetChargerTariffs,
  type NewChargerTariff,
  replaceChargerTariffs,
  runningCost,
  saveChargerTariff,
  tariffAt,
} from '@sigec/store';
import type { CommandContext, Effect } from '../../effect.js';
import { checkTime, Faults, isObject, timeOf } from './check.js';
import { checkTariff, type TariffType } from './tariff-check.js';

/** What stands at the station after it was set there. */
const rowOf = (
  stationId: number,
  place: Pick<NewChargerTariff, 'evseId' | 'kind' | 'ocppTransactionId'>,
  tariff: TariffType,
): NewChargerTariff => ({
  stationId,
  ...place,
  tariffId: tariff.tariffId,
  currency: tariff.currency,
  validFrom: timeOf(tariff.validFrom),
  idTokens: [],
  content: { ...tariff },
});

/** A tariff that is left out is the one that sessions begin under there; without an EVSE, for the whole station. */
export const setDefaultTariff: Effect = {
  async fill({ services: { db }, station }, payload) {
    const { evseId = 0, tariff } = payload;
    if (tariff !== undefined || typeof evseId !== 'number') return { evseId, ...payload };
    const held = await tariffAt(db, station.id, evseId);
    return { evseId, ...payload, tariff: chargerTariffOf(held ?? DEFAULT_TARIFF) };
  },
  async begin({ services: { db }, actor, station }, payload) {
    const { evseId, tariff } = payload as unknown as RequestOf<'ocpp2.1', 'SetDefaultTariff'>;
    checkTariff(new Faults(), tariff).throwAny();
    return {
      async answered({ response }) {
        if (response.status !== 'Accepted') return undefined;
        const place = { evseId, kind: 'default', ocppTransactionId: '' } as const;
        await saveChargerTariff(db, actor, rowOf(station.id, place, tariff));
        return { tariff_id: tariff.tariffId };
      },
    };
  },
};

/** The station's own running cost changes by it; the bill keeps the tariff that the transaction began with. */
export const changeTariff: Effect = {
  async begin({ services: { db }, actor, station }, payload) {
    const { transactionId, tariff } = payload as unknown as RequestOf<'ocpp2.1', 'ChangeTransactionTariff'>;
    const faults = checkTariff(new Faults(), tariff);
    const running = await runningCost(db, actor, station.id, transactionId);
    // One that we do not know the charger may know: it says TxNotFound where it does not.
    if (running !== undefined && running.currency !== tariff.currency)
      faults.add('tariff.currency', 'must stay that of the transaction');
    faults.throwAny();
    return {
      async answered({ response }) {
        if (response.status !== 'Accepted') return undefined;
        const place = { evseId: 0, kind: 'transaction', ocppTransactionId: transactionId } as const;
        await saveChargerTariff(db, actor, rowOf(station.id, place, tariff));
        return { tariff_id: tariff.tariffId };
      },
    };
  },
};

const objects = (value: unknown): Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

export const clearTariffs: Effect = {
  async begin({ services: { db }, actor, station }, payload) {
    const { tariffIds, evseId = null } = payload as unknown as RequestOf<'ocpp2.1', 'ClearTariffs'>;
    return {
      async answered({ response }) {
        const results = objects(response.clearTariffsResult);
        const gone = results.filter(({ status }) => status === 'Accepted' || status === 'NoTariff');
        const ids = gone.flatMap(({ tariffId }) => (typeof tariffId === 'string' ? [tariffId] : []));
        if (ids.length > 0) await forgetChargerTariffs(db, actor, station.id, { tariffIds: ids, evseId });
        // One result without an id answers for all that were meant.
        const forAll = results.length > 0 && results.every(({ tariffId }) => tariffId === undefined);
        if (forAll && gone.length === results.length)
          await forgetChargerTariffs(db, actor, station.id, { tariffIds: tariffIds ?? null, evseId });
        return undefined;
      },
    };
  },
};

const KINDS: Readonly<Record<string, ChargerTariffKind>> = { DefaultTariff: 'default', DriverTariff: 'driver' };

/** What a station says it has: each assignment once for each of its EVSEs. */
function assignments({ station }: CommandContext, evseId: number, value: unknown): NewChargerTariff[] {
  return objects(value).flatMap((assigned) => {
    const { tariffId, tariffKind, validFrom, evseIds, idTokens } = assigned;
    if (typeof tariffId !== 'string') return [];
    const places = Array.isArray(evseIds) && evseIds.length > 0 ? evseIds : [evseId];
    return places
      .filter((place): place is number => Number.isSafeInteger(place) && place >= 0 && place < 2 ** 31)
      .map((place) => ({
        stationId: station.id,
        evseId: place,
        tariffId,
        kind: KINDS[String(tariffKind)] ?? 'default',
        ocppTransactionId: '',
        currency: null,
        validFrom: typeof validFrom === 'string' ? checkTime(new Faults(), '', validFrom) : null,
        idTokens: Array.isArray(idTokens) ? idTokens.map(String) : [],
        content: null,
      }));
  });
}

export const getTariffs: Effect = {
  async begin(context, payload) {
    const { services, actor, station } = context;
    const { evseId } = payload as unknown as RequestOf<'ocpp2.1', 'GetTariffs'>;
    return {
      async answered({ response: { status, tariffAssignments } }) {
        if (status !== 'Accepted' && status !== 'NoTariff') return undefined;
        const told = status === 'NoTariff' ? [] : assignments(context, evseId, tariffAssignments);
        await replaceChargerTariffs(services.db, actor, station.id, evseId, told);
        return undefined;
      },
    };
  },
};
