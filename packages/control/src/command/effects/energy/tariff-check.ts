/** What a tariff of 2.1 must be beyond its schema. 2.1 I07, and the data types of its chapter. */
import type { RequestOf } from '@sigec/ocpp';
import { checkTime, type Faults, isObject } from './check.js';

export type TariffType = RequestOf<'ocpp2.1', 'SetDefaultTariff'>['tariff'];

const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const PRICED = ['energy', 'chargingTime', 'idleTime', 'fixedFee', 'reservationTime', 'reservationFixed'] as const;
const RANGES = ['Energy', 'Current', 'Power', 'Time', 'ChargingTime', 'IdleTime'] as const;

/** When a price holds. */
function checkConditions(faults: Faults, at: string, conditions: Readonly<Record<string, unknown>>): void {
  for (const field of ['startTimeOfDay', 'endTimeOfDay'])
    if (typeof conditions[field] === 'string' && !TIME_OF_DAY.test(conditions[field]))
      faults.add(`${at}.${field}`, 'must be a time as 08:30');
  for (const field of ['validFromDate', 'validToDate'])
    if (typeof conditions[field] === 'string' && !DATE.test(conditions[field]))
      faults.add(`${at}.${field}`, 'must be a date as 2026-01-31');
  for (const range of RANGES) {
    const [least, most] = [conditions[`min${range}`], conditions[`max${range}`]];
    if (typeof least === 'number' && typeof most === 'number' && least >= most)
      faults.add(`${at}.max${range}`, `must be above min${range}`);
  }
}

/** Notes what is wrong with a tariff; gives `faults` back. */
export function checkTariff(faults: Faults, tariff: TariffType): Faults {
  if (!/^[A-Z]{3}$/.test(tariff.currency)) faults.add('tariff.currency', 'must be three capitals of ISO 4217');
  if (tariff.tariffId === '') faults.add('tariff.tariffId', 'must not be empty');
  checkTime(faults, 'tariff.validFrom', tariff.validFrom);
  for (const part of PRICED)
    for (const [i, price] of (tariff[part]?.prices ?? []).entries())
      if (isObject(price.conditions))
        checkConditions(faults, `tariff.${part}.prices.${i}.conditions`, price.conditions);
  const languages = (tariff.description ?? []).map(({ language }) => language?.toLowerCase());
  if (new Set(languages).size < languages.length) faults.add('tariff.description', 'must be in each language once');
  return faults;
}
