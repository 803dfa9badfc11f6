/** Tokens with limits and groups, reservations, and vendors' messages, as chargers tell of them. */
import type { ReservationState } from '@sigec/store';
import { describe, expect, it } from 'vitest';
import { at, NOW, Plain } from '../../testing/plain.js';

const start = (connectorId = 1, idTag = 'CARD', seconds = 0, more: object = {}) => ({
  ...{ connectorId, idTag, meterStart: 1000, timestamp: at(seconds) },
  ...more,
});
const token = (idToken: string, type = 'ISO14443') => ({ idToken, type });
const event = (seqNo: number, eventType: string, more: object = {}) => ({
  ...{ eventType, timestamp: at(seqNo), triggerReason: 'Authorized', seqNo },
  ...{ transactionInfo: { transactionId: 'T1' }, evse: { id: 1, connectorId: 1 } },
  ...more,
});
const statusOf = (answer: Record<string, unknown>) =>
  ((answer.idTagInfo ?? answer.idTokenInfo) as { status: string } | undefined)?.status;

describe('a token that may run once', () => {
  const one = () => new Plain(1, 2).token('CARD', { maxConcurrent: 1 });

  it('ConcurrentTx is told in 1.6 where it runs elsewhere, and no longer when it has ended', () => {
    const plain = one();
    const { transactionId } = plain.say('ocpp1.6', 'StartTransaction', start());
    expect(statusOf(plain.say('ocpp1.6', 'Authorize', { idTag: 'card' }, { station: 2 }))).toBe('ConcurrentTx');
    // Here it may have come to stop.
    expect(statusOf(plain.say('ocpp1.6', 'Authorize', { idTag: 'card' }))).toBe('Accepted');
    const second = plain.say('ocpp1.6', 'StartTransaction', start(2, 'card', 5));
    expect(statusOf(second)).toBe('ConcurrentTx');
    expect(plain.transactions.get(Number(second.transactionId))?.flags).toEqual(['unauthorized']);
    expect(plain.say('ocpp1.6', 'StartTransaction', start(2, 'card', 5))).toEqual(second);
    // 31: told again, the first is what it was.
    expect(plain.say('ocpp1.6', 'StartTransaction', start())).toMatchObject({
      transactionId,
      idTagInfo: { status: 'Accepted' },
    });
    for (const id of [transactionId, second.transactionId])
      plain.say('ocpp1.6', 'StopTransaction', { transactionId: id, meterStop: 2000, timestamp: at(60) });
    expect(statusOf(plain.say('ocpp1.6', 'Authorize', { idTag: 'CARD' }, { station: 2 }))).toBe('Accepted');
  });

  it('what still runs on the connector of its start has ended, and does not keep it out', () => {
    const plain = one();
    plain.say('ocpp1.6', 'StartTransaction', start());
    expect(statusOf(plain.say('ocpp1.6', 'StartTransaction', start(1, 'CARD', 900)))).toBe('Accepted');
  });

  it('the same in 2.x, also within one batch', () => {
    const plain = one();
    const message = (station: number) => ({
      ...({ version: 'ocpp2.0.1', action: 'TransactionEvent', station } as const),
      payload: event(0, 'Started', { idToken: token('CARD') }),
    });
    const [first, second] = plain.batch(message(1), message(2));
    expect([first, second].map((answer) => statusOf(answer ?? {}))).toEqual(['Accepted', 'ConcurrentTx']);
    expect(statusOf(plain.batch(message(1))[0] ?? {})).toBe('Accepted');
    const stop = event(1, 'Ended', { idToken: token('CARD'), triggerReason: 'StopAuthorized' });
    expect(statusOf(plain.say('ocpp2.0.1', 'TransactionEvent', stop))).toBe('Accepted');
  });
});

describe('a token with limits', () => {
  const limited = (limits: object, more: object = {}) =>
    new Plain().token('CARD', { limits, site: 'North', outlets: [{ evseId: 1, type: 'CCS' }], ...more });

  it.each([
    [{ sites: ['South'] }, 'NotAtThisLocation'],
    [{ connectorTypes: ['CHAdeMO'] }, 'NotAllowedTypeEVSE'],
    // Sunday the first of June 2025, noon UTC.
    [{ hours: [{ days: [1], from: '00:00', to: '00:00' }], timeZone: 'UTC' }, 'NotAtThisTime'],
    [{ sites: ['North'], connectorTypes: ['ccs'], hours: [{ days: [7], from: '08:00', to: '18:00' }] }, 'Accepted'],
  ])('%j: %s in 2.x, and Invalid or Accepted in 1.6', (limits, status) => {
    const plain = limited(limits);
    for (const version of ['ocpp2.0.1', 'ocpp2.1'] as const)
      expect(statusOf(plain.say(version, 'Authorize', { idToken: token('card') }))).toBe(status);
    const old = status === 'Accepted' ? 'Accepted' : 'Invalid';
    expect(statusOf(plain.say('ocpp1.6', 'Authorize', { idTag: 'card' }))).toBe(old);
    expect(statusOf(plain.say('ocpp1.6', 'StartTransaction', start()))).toBe(old);
  });

  it('names the EVSEs that it may use', () => {
    const outlets = [
      { evseId: 1, type: 'CCS' },
      { evseId: 2, type: 'Type2' },
    ];
    const plain = limited({ connectorTypes: ['Type2'] }, { outlets });
    expect(plain.say('ocpp2.0.1', 'Authorize', { idToken: token('card') })).toMatchObject({
      idTokenInfo: { status: 'Accepted', evseId: [2] },
    });
    const started = event(0, 'Started', { idToken: token('card') });
    expect(statusOf(plain.say('ocpp2.0.1', 'TransactionEvent', started))).toBe('NotAllowedTypeEVSE');
  });
});

describe('tokens of 2.x', () => {
  it('nobody knows are Unknown, of whatever type', () => {
    const plain = new Plain();
    for (const type of ['Central', 'eMAID', 'ISO14443', 'ISO15693', 'KeyCode', 'Local', 'MacAddress'])
      expect(statusOf(plain.say('ocpp2.0.1', 'Authorize', { idToken: token('x', type) }))).toBe('Unknown');
    // 2.1 leaves the type to whoever makes it.
    expect(statusOf(plain.say('ocpp2.1', 'Authorize', { idToken: token('x', 'VIN') }))).toBe('Unknown');
  });

  it('with a contract certificate that nobody can check open nothing', () => {
    const plain = new Plain().token('BR123');
    const hashed = { hashAlgorithm: 'SHA256', issuerNameHash: 'a', issuerKeyHash: 'b', serialNumber: 'c' };
    const data = { ...hashed, responderURL: 'http://127.0.0.1/ocsp' };
    const asked = { idToken: token('BR123', 'eMAID'), iso15118CertificateHashData: [data] };
    expect(plain.say('ocpp2.0.1', 'Authorize', asked)).toMatchObject({
      idTokenInfo: { status: 'Invalid' },
      certificateStatus: 'NoCertificateAvailable',
    });
  });
});

describe('who stops', () => {
  const group = () =>
    new Plain()
      .token('A', { groupId: 'FLEET' })
      .token('B', { groupId: 'fleet' })
      .token('C')
      .token('D', { groupId: 'X' });

  it.each([
    ['a', [], undefined],
    ['B', [], 'B'],
    ['C', ['stopped_by_other'], 'C'],
    ['D', ['stopped_by_other'], 'D'],
  ])('in 1.6 what A of FLEET began, %s: %j', (idTag, flags, stopToken) => {
    const plain = group();
    const { transactionId } = plain.say('ocpp1.6', 'StartTransaction', start(1, 'A'));
    plain.know('startGroup', { stationId: 1, ocppTransactionId: String(transactionId) }, { groupId: 'FLEET' });
    const payload = { transactionId, idTag, meterStop: 1500, timestamp: at(60) };
    const answer = plain.say('ocpp1.6', 'StopTransaction', payload);
    expect(statusOf(answer)).toBe('Accepted');
    expect(plain.only).toMatchObject({ status: 'completed', idToken: 'A', flags });
    expect(plain.facts.transactionDetail?.find((row) => row.stopToken)?.stopToken).toBe(stopToken);
    const before = plain.facts.transactionDetail?.length;
    expect(plain.say('ocpp1.6', 'StopTransaction', payload)).toEqual(answer);
    expect(plain.facts.transactionDetail?.length).toBe(before);
  });

  it.each([
    ['B', 'Local', []],
    ['C', 'Local', ['stopped_by_other']],
    ['C', 'MasterPass', []],
  ] as const)('in 2.x what A of FLEET began, %s (%s): %j', (by, stoppedReason, flags) => {
    const plain = group();
    plain.say('ocpp2.0.1', 'TransactionEvent', event(0, 'Started', { idToken: token('A') }));
    plain.know('startGroup', { stationId: 1, ocppTransactionId: 'T1' }, { groupId: 'FLEET' });
    const info = { transactionInfo: { transactionId: 'T1', stoppedReason } };
    const end = event(1, 'Ended', { ...info, triggerReason: 'StopAuthorized', idToken: token(by) });
    plain.say('ocpp2.0.1', 'TransactionEvent', end);
    expect(plain.only).toMatchObject({ status: 'completed', idToken: 'A', flags });
  });
});

describe('a reservation', () => {
  const held: ReservationState = {
    ...{ id: 40, stationId: 1, reservationId: 7, status: 'active', detail: null, transactionId: null, endedAt: null },
  };
  const key = { stationId: 1, reservationId: 7 };
  const reserved = (more: Partial<ReservationState> = {}) =>
    new Plain().token('CARD').know('reservation', key, { ...held, ...more });
  const kinds = (plain: Plain) => plain.events.map(({ kind }) => kind).filter((kind) => kind.startsWith('reservation'));

  it('is used up by the transaction that begins under it, in 1.6', () => {
    const plain = reserved();
    plain.say('ocpp1.6', 'StartTransaction', start(1, 'CARD', 0, { reservationId: 7 }));
    const { id } = plain.only;
    expect(plain.facts.reservationState).toEqual([
      { ...held, status: 'used', transactionId: id, endedAt: expect.any(Number) },
    ]);
    expect(plain.facts.transactionDetail).toEqual([{ transactionId: id, reservationId: 7 }]);
    expect(kinds(plain)).toEqual(['reservation.used']);
    plain.say('ocpp1.6', 'StartTransaction', start(1, 'CARD', 0, { reservationId: 7 }));
    expect(kinds(plain)).toHaveLength(1);
  });

  it('the same in 2.x; one that nobody knows, or that has ended, moves nothing', () => {
    const begun = (plain: Plain) =>
      plain.say('ocpp2.1', 'TransactionEvent', event(0, 'Started', { idToken: token('CARD'), reservationId: 7 }));
    const plain = reserved();
    begun(plain);
    expect(kinds(plain)).toEqual(['reservation.used']);
    for (const other of [new Plain().token('CARD'), reserved({ status: 'expired', endedAt: NOW })]) {
      begun(other);
      expect(other.facts.reservationState).toBeUndefined();
      expect(other.facts.transactionDetail?.some((row) => row.reservationId === 7)).toBe(true);
    }
  });

  it.each([
    ['ocpp2.0.1', 'Expired', 'expired'],
    ['ocpp2.0.1', 'Removed', 'removed'],
    ['ocpp2.1', 'NoTransaction', 'no_transaction'],
  ] as const)('%s: %s ends it, once', (version, reservationUpdateStatus, status) => {
    const plain = reserved();
    const say = () => plain.say(version, 'ReservationStatusUpdate', { reservationId: 7, reservationUpdateStatus });
    expect(say()).toEqual({});
    expect(plain.facts.reservationState).toMatchObject([{ id: 40, status }]);
    expect(plain.events).toMatchObject([{ kind: `reservation.${status}`, payload: { reservation_id: 7 } }]);
    plain.know('reservation', key, { ...held, status, endedAt: NOW });
    expect(say()).toEqual({});
    expect(plain.facts.reservationState).toHaveLength(1);
  });

  it('that nobody made is refused', () => {
    const update = { reservationId: 8, reservationUpdateStatus: 'Expired' };
    expect(() => reserved().say('ocpp2.0.1', 'ReservationStatusUpdate', update)).toThrow('no such reservation');
  });
});

describe("a vendor's message", () => {
  it.each([
    ['ocpp1.6', 'text'],
    ['ocpp2.0.1', { any: [1] }],
    ['ocpp2.1', null],
  ] as const)('of %s is kept, and answered as unknown where no vendor is known', (version, data) => {
    const plain = new Plain();
    const payload = { vendorId: 'V', messageId: 'M', ...(data !== null && { data }) };
    expect(plain.say(version, 'DataTransfer', payload)).toEqual({ status: 'UnknownVendorId' });
    const row = { stationId: 1, direction: 'in', at: NOW, vendorId: 'V', messageId: 'M', status: 'UnknownVendorId' };
    expect(plain.facts.dataTransfer).toEqual([{ ...row, data: data ?? undefined }]);
    expect(plain.events).toMatchObject([{ kind: 'vendor.message', payload: { vendor_id: 'V', message_id: 'M' } }]);
  });
});
