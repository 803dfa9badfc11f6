/** The room of answers that come in pages after their request: device model, charging profiles, composite schedule. */
import type { ChargingStation } from './charging.js';
import { type JsonObject, read } from './json.js';
import { evseOf, say } from './operations.js';
import type { Profile } from './profiles.js';
import type { Handler } from './station.js';
import { baseFilter, type ReportFilter, reportFilter, reportPages } from './variables2x.js';

/** Who limits by a profile (2.x ChargingLimitSourceEnum). */
const sourceOf = ({ purpose }: Profile): string => (purpose === 'ChargingStationExternalConstraints' ? 'EMS' : 'CSO');

export function reports2x(station: ChargingStation): Record<string, Handler> {
  const report = (filter: ReportFilter, requestId: number) => {
    const pages = reportPages(station.settings, filter, requestId);
    if (pages.length === 0) return say('EmptyResultSet');
    return say('Accepted', () =>
      station.background(async () => {
        for (const page of pages) await station.send('NotifyReport', { ...page, generatedAt: station.clock.stamp() });
      }),
    );
  };

  return {
    GetBaseReport: (p) => {
      const bases = ['ConfigurationInventory', 'FullInventory', 'SummaryInventory'] as const;
      const base = read.word(p, 'reportBase', bases);
      return report(baseFilter(station.settings, base), read.int(p, 'requestId'));
    },
    GetReport: (p) => {
      const criteria = Array.isArray(p.componentCriteria) ? p.componentCriteria : [];
      // Nothing here is ever in trouble, so a report of problems alone is empty (B08.FR.08).
      const filter = criteria.length === 1 && criteria[0] === 'Problem' ? () => false : reportFilter(p);
      return report(filter, read.int(p, 'requestId'));
    },
    GetChargingProfiles: (p) => {
      const requestId = read.int(p, 'requestId');
      const evseId = read.optInt(p, 'evseId');
      const wanted = read.obj(p, 'chargingProfile');
      const ids = Array.isArray(wanted.chargingProfileId) ? wanted.chargingProfileId : undefined;
      const sources = Array.isArray(wanted.chargingLimitSource) ? wanted.chargingLimitSource : undefined;
      const level = read.optInt(wanted, 'stackLevel');
      const purpose = read.optStr(wanted, 'chargingProfilePurpose');
      const found = station.profiles
        .list()
        .filter(
          (c) =>
            (evseId === undefined || c.evseId === evseId) &&
            (ids === undefined || ids.includes(c.id)) &&
            (sources === undefined || sources.includes(sourceOf(c))) &&
            (level === undefined || c.stackLevel === level) &&
            (purpose === undefined || c.purpose === purpose),
        );
      if (found.length === 0) return say('NoProfiles');
      return say('Accepted', () =>
        station.background(async () => {
          for (const [i, c] of found.entries()) {
            await station.send('ReportChargingProfiles', {
              requestId,
              chargingLimitSource: sourceOf(c),
              evseId: c.evseId,
              chargingProfile: [c.raw],
              tbc: i < found.length - 1,
            });
          }
        }),
      );
    },
    GetCompositeSchedule: (p) => {
      const evseId = read.int(p, 'evseId');
      const duration = read.int(p, 'duration');
      const unit = p.chargingRateUnit === undefined ? 'W' : read.word(p, 'chargingRateUnit', ['A', 'W']);
      const evse = evseOf(station, evseId);
      if ((evseId !== 0 && evse === undefined) || duration <= 0) return say('Rejected');
      const now = station.clock.now();
      const maxW = station.o.curve.maxPowerW * (evse === undefined ? station.evses.length : 1);
      const periods = station.profiles.composite(station.place(evse ?? null), now, duration, unit, maxW);
      const schedule: JsonObject = {
        evseId,
        duration,
        scheduleStart: new Date(now).toISOString(),
        chargingRateUnit: unit,
        chargingSchedulePeriod: periods.map((x) => ({ startPeriod: x.startS, limit: x.limit, numberPhases: x.phases })),
      };
      return { answer: { status: 'Accepted', schedule } };
    },
  };
}
