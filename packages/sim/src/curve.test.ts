import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, type Curve, powerAt } from './curve.js';
import { Evse } from './evse.js';
import { Meter } from './meter.js';

const curves = fc.record({
  kind: fc.constantFrom('dc' as const, 'ac' as const),
  maxPowerW: fc.integer({ min: 1000, max: 400_000 }),
  batteryWh: fc.integer({ min: 5000, max: 200_000 }),
});
const limits = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 400_000 }));
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('power curve', () => {
  it('gives the same energy however the time is cut up', () => {
    fc.assert(
      fc.property(curves, share, fc.integer({ min: 1, max: 20_000 }), share, limits, (c, soc, seconds, cut, limit) => {
        const start = c.batteryWh * soc;
        const whole = advance(c, start, seconds, limit);
        const halves = advance(c, advance(c, start, seconds * cut, limit), seconds * (1 - cut), limit);
        expect(Math.abs(whole - halves)).toBeLessThan(1e-6 * c.batteryWh);
      }),
    );
  });

  it('is the integral of the power: small steps of the rectangle rule come to the same', () => {
    fc.assert(
      fc.property(curves, share, limits, (c, soc, limit) => {
        const start = c.batteryWh * soc;
        const seconds = 600;
        let stored = start;
        for (let s = 0; s < seconds; s++) {
          stored = Math.min(c.batteryWh, stored + powerAt(c, stored, limit) / 3600);
        }
        const exact = advance(c, start, seconds, limit);
        // One step's worth of energy is the error the rectangle rule may make.
        expect(Math.abs(exact - stored)).toBeLessThan(c.maxPowerW / 3600 + 1);
      }),
      { numRuns: 50 },
    );
  });

  it('never exceeds the limit, the maximum or the battery, and never gives energy back', () => {
    fc.assert(
      fc.property(curves, share, fc.integer({ min: 0, max: 50_000 }), limits, (c, soc, seconds, limit) => {
        const start = c.batteryWh * soc;
        const end = advance(c, start, seconds, limit);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(c.batteryWh);
        expect(end - start).toBeLessThanOrEqual((Math.min(limit, c.maxPowerW) * seconds) / 3600 + 1e-6);
        expect(powerAt(c, end, limit)).toBeLessThanOrEqual(Math.min(limit, c.maxPowerW));
      }),
    );
  });

  it('holds 50 kW for an hour below the taper, and tapers above it', () => {
    const dc: Curve = { kind: 'dc', maxPowerW: 50_000, batteryWh: 100_000 };
    expect(advance(dc, 20_000, 3600)).toBeCloseTo(70_000, 6);
    expect(powerAt(dc, 80_000)).toBe(50_000);
    expect(powerAt(dc, 90_000)).toBeCloseTo(26_250, 6);
    expect(powerAt(dc, 100_000)).toBe(0);
    expect(powerAt({ ...dc, kind: 'ac' }, 99_000)).toBe(50_000);
    expect(advance(dc, 20_000, 1e6)).toBe(100_000);
  });
});

describe('meter', () => {
  it('never runs back and shows whole watt-hours', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.array(fc.double({ min: 0, max: 2e9, noNaN: true })), (start, values) => {
        const meter = new Meter(start);
        let last = start;
        for (const value of values) {
          meter.advanceTo(value);
          expect(Number.isInteger(meter.registerWh)).toBe(true);
          expect(meter.registerWh).toBeGreaterThanOrEqual(last);
          last = meter.registerWh;
        }
        expect(last).toBe(Math.floor(Math.max(start, ...values)));
      }),
    );
  });

  it('refuses a start that is no register, and a value that is no number', () => {
    expect(() => new Meter(1.5)).toThrow('meterStartWh');
    expect(() => new Meter(-1)).toThrow('meterStartWh');
    expect(() => new Meter(0).advanceTo(Number.NaN)).toThrow('finite');
  });

  it('counts the same over many ticks of an EVSE as over one', () => {
    const curve: Curve = { kind: 'dc', maxPowerW: 50_000, batteryWh: 60_000 };
    const charged = (ticks: number): number => {
      const evse = new Evse(1, 777);
      evse.charge = {
        ref: 'x',
        csmsId: null,
        token: { idToken: 'x', type: 'Central' },
        remoteStartId: undefined,
        remote: false,
        reservationId: undefined,
        startedMs: 0,
        meterStartWh: 777,
        seqNo: 0,
        flow: null,
        storedWh: 12_000,
        powerW: 0,
        priority: false,
        baseWh: 777,
        baseStoredWh: 12_000,
        integratedMs: 0,
        stopSampling: () => {},
      };
      for (let i = 1; i <= ticks; i++) evse.integrate((i * 60_000) / ticks, curve, 60, Number.POSITIVE_INFINITY);
      return evse.meter.exactWh;
    };
    expect(charged(5000)).toBeCloseTo(charged(1), 5);
    expect(charged(1)).toBeGreaterThan(777 + 40_000);
  });
});
