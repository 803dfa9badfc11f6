/** Timestamps as stations send them: strict check, and lenient reading with a note of how far it can be trusted. */

/** `exact`: as sent. `assumed_zone`: sent without a zone, read as UTC. `server_time`: unusable, the server's clock. */
export type TimestampQuality = 'exact' | 'assumed_zone' | 'server_time';

/** A timestamp read: ms since 1970 UTC, its quality, and the text it came from (cut to 64 characters). */
export interface ParsedTimestamp {
  readonly ms: number;
  readonly quality: TimestampQuality;
  readonly raw: string | null;
}

/** RFC 3339 with zone, as the schemas' `date-time` means it. Days are not counted per month; parsing does that. */
const STRICT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** True for an RFC 3339 date-time with zone. Anything else is worth a warning, never a refusal (see parseTimestamp). */
export function isDateTime(text: string): boolean {
  return text.length <= MAX_TEXT && STRICT.test(text);
}

/** Longer texts are no timestamps. */
const MAX_TEXT = 64;

/**
 * Stations without a set clock count from 1970, 2000 or the year 0001; OCPP-J itself is younger than this day, so
 * nothing before it can be an observation.
 */
export const OLDEST_USABLE_MS = Date.UTC(2010, 0, 1);

/**
 * A local time sent as UTC is at most 14 hours ahead, so a day of tolerance keeps every clock that merely has the wrong
 * zone; what is further ahead is a broken clock.
 */
export const FUTURE_TOLERANCE_MS = 24 * 3600 * 1000;

const LENIENT =
  /^(\d{4})-(\d{1,2})-(\d{1,2})[Tt ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)? ?(?:([Zz]|UTC|GMT)|([+-])(\d{2})(?::?(\d{2}))?)?$/;

/**
 * Reads the time of an observation (not of a plan: a plan may lie in the far future).
 *
 * Taken: RFC 3339; no zone (read as UTC); `+03`, `+0300`; a blank instead of T; comma fractions; no seconds. Where the
 * text is no time, or lies before 2010 or more than a day after `nowMs`, the answer is `nowMs` with `server_time`.
 * @param raw what stood in the payload; anything but a string is unusable
 * @param nowMs the server's clock, ms since 1970 UTC
 */
export function parseTimestamp(raw: unknown, nowMs: number): ParsedTimestamp {
  if (typeof raw !== 'string') return { ms: nowMs, quality: 'server_time', raw: null };
  const kept = raw.length > MAX_TEXT ? raw.slice(0, MAX_TEXT) : raw;
  const read = raw.length > MAX_TEXT ? null : read3339(raw.trim());
  if (read === null || read.ms < OLDEST_USABLE_MS || read.ms > nowMs + FUTURE_TOLERANCE_MS) {
    return { ms: nowMs, quality: 'server_time', raw: kept };
  }
  return { ms: read.ms, quality: read.zoned ? 'exact' : 'assumed_zone', raw: kept };
}

function read3339(text: string): { ms: number; zoned: boolean } | null {
  const part = LENIENT.exec(text);
  if (part === null) return null;
  const [year, month, day] = [Number(part[1]), Number(part[2]), Number(part[3])];
  const [hour, minute, second] = [Number(part[4]), Number(part[5]), Number(part[6] ?? 0)];
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60) return null;
  // Day 0 of the next month is the last day of this one.
  if (day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return null;
  const fraction = part[7] === undefined ? 0 : Math.floor(Number(`0.${part[7].slice(0, 9)}`) * 1000);
  const zoneHours = Number(part[10] ?? 0);
  const zoneMinutes = Number(part[11] ?? 0);
  if (zoneHours > 23 || zoneMinutes > 59) return null;
  const offset = (part[9] === '-' ? -1 : 1) * (zoneHours * 60 + zoneMinutes) * 60_000;
  // A leap second (60) runs into the next minute, as every clock behind us counts it.
  const ms = Date.UTC(year, month - 1, day, hour, minute, second, fraction) - offset;
  return { ms, zoned: part[8] !== undefined || part[9] !== undefined };
}
