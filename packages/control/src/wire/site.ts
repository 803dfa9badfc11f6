/** Sites as the API shows and takes them, and their hours. */
import { z } from '@hono/zod-openapi';
import { isTimeZone, type OpeningHours, openingState } from '@sigec/domain';
import type { SitePatch, SiteRow, SiteView } from '@sigec/store';
import { IdText, iso, listOf, PageQuery, Time } from './common.js';

const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM');
const Period = z.strictObject({ from: Clock, to: Clock });

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

const Hours = z
  // A slip in a name would close it for good.
  .strictObject({
    always_open: z.boolean().default(false).openapi({ description: 'Day and night but for the exceptions.' }),
    weekly: z
      .array(Period.extend({ days: z.array(z.int().min(1).max(7)).min(1).max(7).optional() }))
      .max(50)
      .default([])
      .openapi({
        description:
          'Days: 1 is Monday; absent: every day. `to` at or before `from` is of the next day: from 00:00 to 00:00 is the ' +
          'whole day.',
        example: [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '22:00' }],
      }),
    exceptions: z
      .array(
        z.strictObject({
          date: z.string().refine(isDate, 'must be a date, YYYY-MM-DD'),
          periods: z.array(Period).max(10).default([]),
          note: z.string().min(1).max(200).optional(),
        }),
      )
      .max(400)
      .default([])
      .openapi({
        description: 'Dates with hours of their own, in place of all that begins on them; without periods: closed.',
        example: [{ date: '2026-12-25', periods: [], note: 'Natal' }],
      }),
  })
  .superRefine(({ always_open, weekly, exceptions }, context) => {
    const fail = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (always_open && weekly.length > 0) fail(['weekly'], 'says nothing beside always_open');
    const dates = exceptions.map(({ date }) => date);
    dates.forEach((date, n) => {
      if (dates.indexOf(date) !== n) fail(['exceptions', n, 'date'], 'is there twice');
    });
  })
  .openapi('OpeningHours', { description: "Of the site's time zone." });

export const Opening = z
  .object({
    open: z.boolean(),
    changes_at: Time.nullable().openapi({ description: 'When that changes; null where it does not within a week.' }),
  })
  .openapi('OpeningState');

export const Site = z
  .object({
    id: IdText,
    name: z.string().openapi({ example: 'Pátio Paulista' }),
    address: z.string().nullable(),
    lat: z.number().nullable(),
    lng: z.number().nullable(),
    time_zone: z.string().openapi({ example: 'America/Sao_Paulo' }),
    opening_hours: Hours.nullable().openapi({ description: 'null: nobody said.' }),
    opening: Opening.nullable().openapi({ description: 'Now; null where nobody said when it is open.' }),
    published: z.boolean().openapi({ description: 'false hides its devices from drivers.' }),
    devices: z.int().openapi({ description: 'How many belong to it, archived ones not counted.' }),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Site');

export const SiteList = listOf('SiteList', Site);

const editable = {
  address: z.string().max(500).nullable().optional(),
  lat: z.number().min(-90).max(90).nullable().optional(),
  lng: z.number().min(-180).max(180).nullable().optional(),
  time_zone: z
    .string()
    .max(64)
    // The calendar knows offsets too, which have no summer.
    .refine((name) => isTimeZone(name) && !/^[+-]/.test(name), 'is not a time zone of the IANA database')
    .optional()
    .openapi({ description: 'Default America/Sao_Paulo.' }),
  opening_hours: Hours.nullable().optional(),
  published: z.boolean().optional().openapi({ description: 'Default true.' }),
};

interface Place {
  readonly lat?: number | null | undefined;
  readonly lng?: number | null | undefined;
}
const bothOrNone = ({ lat, lng }: Place) => typeof lat === typeof lng && (lat === null) === (lng === null);
const TOGETHER = { path: ['lat'], message: 'lat and lng come together' };

export const SiteName = z
  .string()
  .max(200)
  .refine((name) => name.trim() === name && name !== '', 'must not be empty, nor begin or end with white space');

export const NewSiteBody = z
  .strictObject({ name: SiteName, ...editable })
  .refine(bothOrNone, TOGETHER)
  .openapi('NewSite');

export const SitePatchBody = z
  .strictObject({ name: SiteName.optional(), ...editable })
  .refine(bothOrNone, TOGETHER)
  .openapi('SitePatch', { description: 'Absent fields stay; null clears.' });

export const SiteQuery = PageQuery.extend({
  published: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .openapi({ type: 'boolean' }),
  q: z.string().min(1).max(100).optional().openapi({
    description: 'Part of name or address, in whatever case, with or without accents.',
  }),
});

function toHours(hours: z.infer<typeof Hours>): OpeningHours {
  return { alwaysOpen: hours.always_open, weekly: hours.weekly, exceptions: hours.exceptions };
}

/** What is given of it, in the store's words. */
export function toSitePatch<T extends z.infer<typeof SitePatchBody>>({
  time_zone,
  opening_hours,
  ...rest
}: T): SitePatch & Pick<T, 'name'> {
  const given = {
    ...rest,
    timeZone: time_zone,
    openingHours: opening_hours === null ? null : opening_hours && toHours(opening_hours),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as SitePatch &
    Pick<T, 'name'>;
}

/** Whether a site is open now; null where nobody said when it is. */
export function toOpening(site: Pick<SiteRow, 'openingHours' | 'timeZone'>, now: number) {
  if (site.openingHours === null) return null;
  const { open, changesAt } = openingState(site.openingHours, site.timeZone, now);
  return { open, changes_at: changesAt === null ? null : iso(new Date(changesAt)) };
}

export function toSite(row: SiteView, now: number): z.infer<typeof Site> {
  const { openingHours: hours } = row;
  return {
    id: String(row.id),
    name: row.name,
    address: row.address,
    lat: row.lat,
    lng: row.lng,
    time_zone: row.timeZone,
    opening_hours:
      hours === null
        ? null
        : {
            always_open: hours.alwaysOpen,
            weekly: hours.weekly.map(({ days, from, to }) => ({ ...(days && { days: [...days] }), from, to })),
            exceptions: hours.exceptions.map(({ date, periods, note }) => ({
              ...{ date, periods: periods.map(({ from, to }) => ({ from, to })) },
              ...(note === undefined ? {} : { note }),
            })),
          },
    opening: toOpening(row, now),
    published: row.published,
    devices: row.stations,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}
