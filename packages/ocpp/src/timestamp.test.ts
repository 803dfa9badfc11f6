/** Lenient reading of times. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUTURE_TOLERANCE_MS, isDateTime, OLDEST_USABLE_MS, parseTimestamp } from './timestamp.js';

const NOW = Date.UTC(2025, 5, 15, 12, 0, 0);
const AT = Date.UTC(2025, 2, 1, 10, 0, 0);

describe('parseTimestamp', () => {
  it.each([
    ['2025-03-01T10:00:00Z', AT, 'exact'],
    ['2025-03-01T10:00:00.250Z', AT + 250, 'exact'],
    ['2025-03-01T10:00:00,250Z', AT + 250, 'exact'],
    ['2025-03-01T10:00:00.123456789Z', AT + 123, 'exact'],
    ['2025-03-01T13:00:00+03:00', AT, 'exact'],
    ['2025-03-01T13:00:00+0300', AT, 'exact'],
    ['2025-03-01T13:00:00+03', AT, 'exact'],
    ['2025-03-01T04:30:00-05:30', AT, 'exact'],
    ['2025-03-01 10:00:00Z', AT, 'exact'],
    ['2025-03-01 10:00:00 +00:00', AT, 'exact'],
    [' 2025-03-01T10:00Z ', AT, 'exact'],
    ['2025-03-01T10:00:00', AT, 'assumed_zone'],
    ['2025-03-01 10:00:00.0', AT, 'assumed_zone'],
  ])('reads %j', (raw, ms, quality) => {
    expect(parseTimestamp(raw, NOW)).toEqual({ ms, quality, raw });
  });

  it.each([
    '1970-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '2000-01-01T00:00:00Z',
    '2009-12-31T23:59:59Z',
    '2099-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '2025-02-30T10:00:00Z',
    '2025-13-01T10:00:00Z',
    '2025-03-01T25:00:00Z',
    '2025-03-01',
    '1740823200',
    'yesterday',
    '',
  ])('takes the server time for %j', (raw) => {
    expect(parseTimestamp(raw, NOW)).toEqual({ ms: NOW, quality: 'server_time', raw });
  });

  it('takes the server time for what is no text, and keeps a bounded raw', () => {
    for (const raw of [null, undefined, 1740823200000, {}, true]) {
      expect(parseTimestamp(raw, NOW)).toEqual({ ms: NOW, quality: 'server_time', raw: null });
    }
    expect(parseTimestamp(`2025-03-01T10:00:00.${'0'.repeat(10_000)}Z`, NOW).raw).toHaveLength(64);
  });

  it('allows a clock a day ahead, no more', () => {
    const ahead = (ms: number) => parseTimestamp(new Date(NOW + ms).toISOString(), NOW).quality;
    expect(ahead(FUTURE_TOLERANCE_MS)).toBe('exact');
    expect(ahead(FUTURE_TOLERANCE_MS + 1)).toBe('server_time');
  });

  it('reads every time in every offset and spelling back to the same instant', () => {
    const two = (n: number) => String(n).padStart(2, '0');
    fc.assert(
      fc.property(
        fc.integer({ min: OLDEST_USABLE_MS, max: NOW }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        fc.constantFrom('T', ' ', 't'),
        fc.constantFrom('.', ','),
        fc.constantFrom(':', ''),
        (ms, offset, between, point, colon) => {
          const local = new Date(ms + offset * 60_000).toISOString();
          const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${colon}${two(Math.abs(offset) % 60)}`;
          const raw = `${local.slice(0, 10)}${between}${local.slice(11, 19)}${point}${local.slice(20, 23)}${zone}`;
          expect(parseTimestamp(raw, NOW)).toEqual({ ms, quality: 'exact', raw });
        },
      ),
    );
  });

  it('never throws, and is never outside of what is usable', () => {
    const near = fc.stringMatching(/^[0-9TZ:+., -]{0,30}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), near, fc.anything()), (raw) => {
        const { ms } = parseTimestamp(raw, NOW);
        expect(ms).toBeGreaterThanOrEqual(OLDEST_USABLE_MS);
        expect(ms).toBeLessThanOrEqual(NOW + FUTURE_TOLERANCE_MS);
      }),
    );
  });
});

describe('isDateTime', () => {
  it('is RFC 3339 with zone', () => {
    expect(isDateTime('2025-03-01T10:00:00Z')).toBe(true);
    expect(isDateTime('2025-03-01T10:00:00.5-03:00')).toBe(true);
    for (const odd of ['2025-03-01T10:00:00', '2025-03-01', '2025-03-01T10:00:00+03', '2025-13-01T10:00:00Z', '']) {
      expect(isDateTime(odd), odd).toBe(false);
    }
  });
});
