/** Whatever order messages come in, and however often, a session ends with the same energy and the same money. */
import { type TransactionState, totalsOf } from '@sigec/domain';
import type { RequestOf } from '@sigec/ocpp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, type Message, Plain } from '../testing/plain.js';

type Event = RequestOf<'ocpp2.0.1', 'TransactionEvent'>;
const RUNS = { numRuns: 60 };

/** One step of a session: seconds and Wh since the step before, and what the event carries. */
const step = fc.record({
  seconds: fc.integer({ min: 1, max: 900 }),
  wh: fc.integer({ min: 0, max: 5_000 }),
  metered: fc.boolean(),
  placed: fc.boolean(),
  state: fc.constantFrom('Charging', 'SuspendedEV', 'EVConnected', 'Idle', undefined),
});

interface Session {
  readonly events: Message[];
  /** Register of the first and the last reading, Wh. */
  readonly first: number;
  readonly last: number;
}

const session201 = fc
  .record({ meter: fc.integer({ min: 0, max: 9_000_000 }), steps: fc.array(step, { minLength: 1, maxLength: 20 }) })
  .map(({ meter, steps }): Session => {
    const readings: number[] = [];
    let seconds = 0;
    let register = meter;
    const events = [{ seconds: 0, wh: 0, metered: true, placed: true, state: undefined }, ...steps].map(
      (one, seqNo) => {
        seconds += one.seconds;
        register += one.wh;
        const end = seqNo === steps.length;
        const context = seqNo === 0 ? 'Transaction.Begin' : end ? 'Transaction.End' : 'Sample.Periodic';
        if (one.metered) readings.push(register);
        const payload: Event = {
          eventType: seqNo === 0 ? 'Started' : end ? 'Ended' : 'Updated',
          timestamp: at(seconds),
          triggerReason: 'MeterValuePeriodic',
          seqNo,
          transactionInfo: { transactionId: 'T', ...(one.state && { chargingState: one.state }) },
          ...(one.placed && { evse: { id: 2, connectorId: 1 } }),
          ...(seqNo === 0 && { idToken: { idToken: 'CARD', type: 'ISO14443' as const } }),
          ...(one.metered && {
            meterValue: [{ timestamp: at(seconds), sampledValue: [{ value: register, context }] }],
          }),
        };
        return { version: 'ocpp2.0.1', action: 'TransactionEvent', payload } as const;
      },
    );
    return { events, first: readings[0] as number, last: readings.at(-1) as number };
  });

/** All of them at least once, some more often, in any order, in batches of any size. */
const shuffled = session201.chain((session) =>
  fc
    .record({
      more: fc.array(fc.integer({ min: 0, max: session.events.length - 1 }), { maxLength: 10 }),
      sizes: fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
    })
    .chain(({ more, sizes }) => {
      const all = [...session.events, ...more.map((index) => session.events[index] as Message)];
      return fc.shuffledSubarray(all, { minLength: all.length }).map((messages) => ({ session, messages, sizes }));
    }),
);

const outcome = (t: TransactionState) => {
  const { energyMWh, costMinor } = totalsOf(t);
  const { seen, status, startedAt, endedAt, evseId, idToken } = t;
  return { energyMWh, costMinor, seen, status, startedAt, endedAt, evseId, idToken };
};

describe('2.0.1', () => {
  it('38: any order and repetition of the events of a session gives the same energy, cost and numbers', () => {
    fc.assert(
      fc.property(shuffled, ({ session, messages, sizes }) => {
        const inOrder = new Plain().token('CARD');
        for (const message of session.events) inOrder.batch(message);
        const any = new Plain().token('CARD');
        for (let i = 0; i < messages.length; ) {
          const size = sizes.next().value as number;
          any.batch(...messages.slice(i, i + size));
          i += size;
        }
        expect(outcome(any.only)).toEqual(outcome(inOrder.only));
        expect(outcome(any.only)).toMatchObject({
          energyMWh: (session.last - session.first) * 1000,
          seen: `0-${session.events.length - 1}`,
          status: 'completed',
          evseId: 2,
          idToken: 'CARD',
        });
        // No sample twice, none lost.
        expect(any.samples.length).toBe(inOrder.samples.length);
      }),
      RUNS,
    );
  });
});

describe('1.6', () => {
  const session16 = fc.record({
    meter: fc.integer({ min: 0, max: 9_000_000 }),
    steps: fc.array(step, { maxLength: 15 }),
    times: fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
    named: fc.boolean(),
  });

  it('31, 38: a message repeated at once changes nothing, and is answered alike', () => {
    fc.assert(
      fc.property(session16, ({ meter, steps, times, named }) => {
        const run = (often: () => number) => {
          const plain = new Plain().token('CARD');
          const say = (action: string, payload: object) => {
            const answers = Array.from({ length: often() }, () => plain.say('ocpp1.6', action, payload));
            for (const answer of answers) expect(answer).toEqual(answers[0]);
            return answers[0] as Record<string, unknown>;
          };
          const begin = { connectorId: 1, idTag: 'CARD', meterStart: meter, timestamp: at(0) };
          const { transactionId } = say('StartTransaction', begin);
          let seconds = 0;
          let register = meter;
          for (const one of steps) {
            seconds += one.seconds;
            register += one.wh;
            const meterValue = [{ timestamp: at(seconds), sampledValue: [{ value: String(register) }] }];
            say('MeterValues', { connectorId: 1, meterValue, ...(named && { transactionId }) });
          }
          say('StopTransaction', { transactionId, meterStop: register, timestamp: at(seconds + 1), idTag: 'CARD' });
          return { ...outcome(plain.only), samples: plain.samples.length, gained: register - meter };
        };
        const once = run(() => 1);
        expect(run(() => times.next().value as number)).toEqual(once);
        expect(once.energyMWh).toBe(once.gained * 1000);
        expect(once).toMatchObject({ status: 'completed', samples: steps.length });
      }),
      RUNS,
    );
  });
});
