import { UPLINK } from '@sigec/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Calls, type Incoming } from './calls.js';

const never = () => {
  throw new Error('flagged');
};
const call = (id: string, payload = '{}', more: Partial<Incoming> = {}): Incoming => ({
  kind: UPLINK.call,
  seq: 0,
  stationId: 1,
  epoch: 1,
  version: 'ocpp1.6',
  id,
  action: 'StatusNotification',
  payload,
  at: 0,
  ...more,
});

describe('Calls', () => {
  it('lets one go and keeps the others in order', () => {
    const calls = new Calls();
    expect(['a', 'b', 'c'].map((id) => calls.arrive(call(id), never))).toEqual(['go', 'queued', 'queued']);
    expect(calls.current?.id).toBe('a');
    expect(calls.settle('A')?.id).toBe('b');
    expect(calls.arrive(call('d'), never)).toBe('queued');
    expect(calls.settle(null)?.id).toBe('c');
    expect(calls.settle('C')?.id).toBe('d');
    expect(calls.settle('D')).toBeNull();
    expect(calls.current).toBeNull();
  });

  it('overflows beyond sixteen that wait', () => {
    const calls = new Calls();
    const arrivals = Array.from({ length: 18 }, (_, n) => calls.arrive(call(String(n)), never));
    expect(arrivals.slice(0, 17)).toEqual(['go', ...Array.from({ length: 16 }, () => 'queued')]);
    expect(arrivals[17]).toBe('overflow');
  });

  it('18: the same message on its way goes once; when it was answered, it is answered alike', () => {
    const calls = new Calls();
    calls.arrive(call('a'), never);
    expect(calls.arrive(call('a'), never)).toBe('repeated');
    calls.settle('answer');
    expect(calls.arrive(call('a'), never)).toEqual({ again: 'answer' });
    expect(calls.current).toBeNull();
  });

  it('18: another payload or action under the id is flagged, and is a message of its own', () => {
    const calls = new Calls();
    let flags = 0;
    const flag = () => void flags++;
    calls.arrive(call('a'), never);
    expect(calls.arrive(call('a', '{"x":1}'), flag)).toBe('queued');
    expect(flags).toBe(1);
    calls.settle('1');
    calls.settle('2');
    expect(calls.arrive(call('a', '{"x":2}'), flag)).toBe('go');
    expect(flags).toBe(2);
    calls.settle('3');
    expect(calls.arrive(call('a', '{"x":2}', { action: 'MeterValues' }), flag)).toBe('go');
    expect(flags).toBe(3);
  });

  it('a message that was given up is not answered from memory', () => {
    const calls = new Calls();
    calls.arrive(call('a'), never);
    calls.settle(null);
    expect(calls.arrive(call('a'), never)).toBe('go');
  });

  it('18: a charger that gives all its heartbeats one id still learns what time it is', () => {
    const calls = new Calls();
    const beat = (at: number) => call('1', '{}', { action: 'Heartbeat', at });
    calls.arrive(beat(0), never);
    expect(calls.arrive(beat(10), never)).toBe('repeated');
    calls.settle('[3,"1",{"currentTime":"then"}]');
    expect(calls.arrive(beat(20), never)).toBe('go');
  });

  it('18: an answer is remembered for as long as chargers repeat, not for ever', () => {
    const calls = new Calls();
    calls.arrive(call('a', '{}', { at: 1_000 }), never);
    calls.settle('answer');
    expect(calls.arrive(call('a', '{}', { at: 50_000 }), never)).toEqual({ again: 'answer' });
    expect(calls.arrive(call('a', '{}', { at: 400_000 }), never)).toBe('go');
  });

  it('whatever arrives, each message goes up once, in order, one at a time', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 6 })), { maxLength: 60 }), (steps) => {
        const calls = new Calls();
        const up: string[] = [];
        const accepted: string[] = [];
        let flying = 0;
        const send = (next: Incoming | null) => {
          if (next === null) return;
          expect(++flying).toBe(1);
          up.push(next.id);
        };
        let n = 0;
        for (const one of steps) {
          if (one === null) {
            if (calls.current === null) continue;
            flying--;
            send(calls.settle('r'));
          } else {
            const id = `${n++}`;
            const arrival = calls.arrive(call(id, String(one)), never);
            if (arrival === 'overflow') continue;
            accepted.push(id);
            if (arrival === 'go') send(call(id));
          }
        }
        while (calls.current !== null) {
          flying--;
          send(calls.settle('r'));
        }
        expect(up).toEqual(accepted);
      }),
    );
  });
});
