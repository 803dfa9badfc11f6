/** Every handler of every version, with and without optional fields: its answer holds by the schema of its version. */
import { OCPP_VERSIONS } from '@sigec/ocpp';
import type { ReservationState } from '@sigec/store';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../route.js';
import { CHARGING_TRANSACTION } from '../testing/charging-samples.js';
import { SAMPLE_STREAM } from '../testing/device-model-samples.js';
import { at, CODECS, NOW, openRequest, Plain } from '../testing/plain.js';
import { ASKED, SAMPLES } from '../testing/samples.js';
import { heartbeatSeconds } from './boot-notification.js';

const RESERVATION: ReservationState = {
  ...{ id: 1, stationId: 1, reservationId: 3, transactionId: null, endedAt: null, detail: null },
  status: 'active',
};

const CARDS: [string, (plain: Plain) => void][] = [
  ['unknown', () => undefined],
  ['accepted', (plain) => plain.token('card')],
  ['blocked', (plain) => plain.token('card', { status: 'blocked' })],
  ['expired', (plain) => plain.token('card', { expiresAt: NOW - 1 })],
  ['in a group with a long name', (plain) => plain.token('card', { groupId: 'G'.repeat(60), expiresAt: NOW + 1 })],
];

describe.each(OCPP_VERSIONS)('%s', (version) => {
  it.each([...ROUTES[version].keys()])(
    '%s: its answers hold by the schema, whatever is known of the card',
    (action) => {
      const samples = (SAMPLES[version] as Record<string, readonly object[] | undefined>)[action] ?? [];
      expect(samples.length).toBeGreaterThan(0);
      for (const [card, prepare] of CARDS) {
        const plain = new Plain();
        prepare(plain);
        if (action === 'NotifyPriorityCharging') {
          const transactionInfo = { transactionId: CHARGING_TRANSACTION };
          const started = {
            eventType: 'Started',
            timestamp: at(0),
            triggerReason: 'Trigger',
            seqNo: 0,
            transactionInfo,
          };
          plain.say(version, 'TransactionEvent', started);
        }
        plain.know('reservation', { stationId: 1, reservationId: 3 }, RESERVATION);
        for (const [requestId, asked] of ASKED)
          plain.know('request', { stationId: 1, requestId }, openRequest(requestId, asked));
        plain.know('stream', SAMPLE_STREAM, SAMPLE_STREAM);
        for (const payload of samples) {
          expect(CODECS[version].validateRequest(action, payload).ok, `${card} ${JSON.stringify(payload)}`).toBe(true);
          // Twice, for the answer to a repeated message is an answer too. Plain checks it and throws where it does not hold.
          const first = plain.say(version, action, payload);
          expect(plain.say(version, action, payload)).toEqual(first);
        }
      }
    },
  );

  it('answers a boot with the time, the interval, and what the session learns of it', () => {
    const [payload] = SAMPLES[version].BootNotification as readonly object[];
    const plain = new Plain();
    const answer = plain.say(version, 'BootNotification', payload as object);
    expect(answer).toEqual({ status: 'Accepted', currentTime: at(0), interval: heartbeatSeconds(300, 1) });
    expect(ROUTES[version].get('BootNotification')?.booted?.(answer)).toBe(true);
    expect(plain.boots).toMatchObject([{ vendor: 'V', model: 'M', version, registration: 'accepted', at: NOW }]);
    expect(plain.events.map((event) => event.kind)).toEqual(['station.booted']);
  });
});
