import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectorStatus, type StationStatus, stationStatus } from './station.js';

const status = fc.constantFrom<StationStatus>('Available', 'Occupied', 'Faulted', 'Unavailable');
const own = fc.option(status, { nil: undefined });

describe('connectorStatus', () => {
  it.each([
    ['Available', 'Available'],
    ['Preparing', 'Occupied'],
    ['Charging', 'Occupied'],
    ['SuspendedEV', 'Occupied'],
    ['SuspendedEVSE', 'Occupied'],
    ['Finishing', 'Occupied'],
    ['Reserved', 'Occupied'],
    ['Occupied', 'Occupied'],
    ['Faulted', 'Faulted'],
    ['Unavailable', 'Unavailable'],
  ] as const)('makes %s %s', (raw, neutral) => {
    expect(connectorStatus(raw)).toBe(neutral);
  });
});

describe('stationStatus', () => {
  it.each([
    [[], undefined, 'Unavailable'],
    [[], 'Available', 'Available'],
    [[], 'Occupied', 'Occupied'],
    [['Occupied', 'Available', 'Faulted'], undefined, 'Available'],
    [['Faulted', 'Occupied', 'Unavailable'], undefined, 'Occupied'],
    [['Unavailable', 'Faulted'], undefined, 'Faulted'],
    [['Unavailable'], 'Available', 'Unavailable'],
    [['Available'], 'Faulted', 'Faulted'],
    [['Available'], 'Unavailable', 'Unavailable'],
    [['Occupied'], 'Available', 'Occupied'],
  ] as const)('of %j and its own %s is %s', (connectors, whole, expected) => {
    expect(stationStatus(connectors, whole)).toBe(expected);
  });

  it('is what docs/architecture.md says of every set of connectors', () => {
    const all: StationStatus[] = ['Available', 'Occupied', 'Faulted', 'Unavailable'];
    const rows: [own: (StationStatus | undefined)[], has: StationStatus | 'none' | 'any', is: StationStatus | 'own'][] =
      [
        [['Faulted', 'Unavailable'], 'any', 'own'],
        [[undefined, 'Available', 'Occupied'], 'Available', 'Available'],
        [[undefined, 'Available', 'Occupied'], 'Occupied', 'Occupied'],
        [[undefined, 'Available', 'Occupied'], 'Faulted', 'Faulted'],
        [[undefined, 'Available', 'Occupied'], 'Unavailable', 'Unavailable'],
        [['Available', 'Occupied'], 'none', 'own'],
        [[undefined], 'none', 'Unavailable'],
      ];
    for (const whole of [undefined, ...all])
      for (let set = 0; set < 16; set++) {
        const connectors = all.filter((_, n) => set & (1 << n));
        const fits = (has: StationStatus | 'none' | 'any') =>
          has === 'any' || (has === 'none' ? connectors.length === 0 : connectors.includes(has));
        const row = rows.find(([of, has]) => of.includes(whole) && fits(has));
        const said = `${connectors.join()} and its own ${whole}`;
        expect(stationStatus(connectors, whole), said).toBe(row?.[2] === 'own' ? whole : row?.[2]);
      }
  });

  it('does not depend on the order or number of equal connectors', () => {
    fc.assert(
      fc.property(
        fc
          .array(status, { maxLength: 8 })
          .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        own,
        ([all, shuffled], whole) => {
          expect(stationStatus(shuffled, whole)).toBe(stationStatus(all, whole));
          expect(stationStatus([...all, ...shuffled], whole)).toBe(stationStatus(all, whole));
        },
      ),
    );
  });

  it('says only what a connector or the station itself says, and Unavailable where nobody says anything', () => {
    fc.assert(
      fc.property(fc.array(status, { maxLength: 8 }), own, (connectors, whole) => {
        expect([...connectors, whole, 'Unavailable']).toContain(stationStatus(connectors, whole));
      }),
    );
  });
});
