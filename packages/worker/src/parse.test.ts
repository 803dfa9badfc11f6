import { UPLINK } from '@sigec/contract';
import { OCPP_VERSIONS, type OcppVersion } from '@sigec/ocpp';
import { describe, expect, it } from 'vitest';
import { parseCall } from './parse.js';
import { callItem } from './testing/fixtures.js';
import { CODECS } from './testing/plain.js';

const parse = (version: OcppVersion | string, action: string, payload: object | string) =>
  parseCall(CODECS, callItem(version, action, payload));

function refusal(...args: Parameters<typeof parse>) {
  const parsed = parse(...args);
  if (parsed.ok) throw new Error('was not refused');
  return parsed.refusal;
}

function routed(...args: Parameters<typeof parse>) {
  const parsed = parse(...args);
  if (!parsed.ok) throw new Error(parsed.refusal.description);
  return parsed.routed;
}

describe('parseCall', () => {
  it('routes a valid CALL to its handler, typed payload and text and all', () => {
    const { handler, call, unlessLenient } = routed('ocpp1.6', 'Authorize', { idTag: 'A' });
    expect(handler.action).toBe('Authorize');
    expect(call).toMatchObject({
      version: 'ocpp1.6',
      action: 'Authorize',
      payload: { idTag: 'A' },
      text: '{"idTag":"A"}',
    });
    expect(unlessLenient).toBeNull();
  });

  it.each(OCPP_VERSIONS)('%s: an action that is none, or that stations do not send, is NotImplemented', (version) => {
    expect(refusal(version, 'Teleport', {}).code).toBe('NotImplemented');
    expect(refusal(version, 'Reset', {}).code).toBe('NotImplemented');
    expect(refusal(version, 'heartbeat', {}).code).toBe('NotImplemented');
    expect(refusal(version, '__proto__', {}).code).toBe('NotImplemented');
  });

  it('a SEND that comes as a CALL is not taken, nor a CALL as a SEND: nobody would be answered', () => {
    const stream = { id: 4, pending: 0, basetime: '2026-01-01T00:00:00Z', data: [{ t: 0, v: '1' }] };
    expect(routed('ocpp2.1', 'NotifyPeriodicEventStream', stream).handler.action).toBe('NotifyPeriodicEventStream');
    for (const [action, payload, kind] of [
      ['NotifyPeriodicEventStream', stream, UPLINK.call],
      ['Heartbeat', {}, UPLINK.send],
    ] as const)
      expect(parseCall(CODECS, callItem('ocpp2.1', action, payload, { kind }))).toMatchObject({
        refusal: { code: 'NotSupported' },
      });
  });

  it('gives broken JSON the code of its version', () => {
    expect(refusal('ocpp1.6', 'Heartbeat', '{"a":').code).toBe('FormationViolation');
    expect(refusal('ocpp2.0.1', 'Heartbeat', '{"a":').code).toBe('FormatViolation');
    expect(refusal('ocpp2.1', 'Heartbeat', '').code).toBe('FormatViolation');
  });

  it('refuses an EVSE or connector that cannot be stored, by its field', () => {
    const at = { timestamp: '2026-01-01T00:00:00Z' };
    const meter = { ...at, sampledValue: [{ value: '1' }] };
    const big = 2 ** 31;
    const code = 'PropertyConstraintViolation';
    expect(refusal('ocpp1.6', 'MeterValues', { connectorId: big, meterValue: [meter] })).toMatchObject({
      code,
      description: expect.stringContaining('/connectorId'),
    });
    const status = { ...at, connectorStatus: 'Available', evseId: 1, connectorId: big };
    expect(refusal('ocpp2.0.1', 'StatusNotification', status).description).toContain('/connectorId');
    const event = {
      ...{
        ...at,
        eventType: 'Started',
        triggerReason: 'Authorized',
        seqNo: 0,
        transactionInfo: { transactionId: 'a' },
      },
      evse: { id: big },
    };
    expect(refusal('ocpp2.1', 'TransactionEvent', event)).toMatchObject({ code });
    expect(routed('ocpp2.1', 'TransactionEvent', { ...event, evse: { id: big - 1 } }).warnings).toEqual([]);
  });

  const BOOT = {
    'ocpp1.6': { chargePointVendor: 'V', chargePointModel: 'M' },
    'ocpp2.0.1': { reason: 'PowerUp', chargingStation: { vendorName: 'V', model: 'M' } },
    'ocpp2.1': { reason: 'PowerUp', chargingStation: { vendorName: 'V', model: 'M' } },
  };
  const WRONG: [OcppVersion, object, string, string][] = [
    ['ocpp1.6', { chargePointVendor: 'V' }, 'OccurenceConstraintViolation', '/chargePointModel'],
    ['ocpp2.0.1', { reason: 'PowerUp' }, 'OccurrenceConstraintViolation', '/chargingStation'],
    ['ocpp2.1', { reason: 'PowerUp' }, 'OccurrenceConstraintViolation', '/chargingStation'],
    ['ocpp1.6', { ...BOOT['ocpp1.6'], chargePointModel: 5 }, 'TypeConstraintViolation', '/chargePointModel'],
    ['ocpp2.0.1', { ...BOOT['ocpp2.0.1'], reason: 5 }, 'TypeConstraintViolation', '/reason'],
    ['ocpp2.1', { ...BOOT['ocpp2.1'], reason: 5 }, 'TypeConstraintViolation', '/reason'],
    [
      'ocpp1.6',
      { ...BOOT['ocpp1.6'], chargePointModel: 'M'.repeat(21) },
      'PropertyConstraintViolation',
      '/chargePointModel',
    ],
    [
      'ocpp2.0.1',
      { reason: 'PowerUp', chargingStation: { vendorName: 'V', model: 'M'.repeat(21) } },
      'PropertyConstraintViolation',
      '/chargingStation/model',
    ],
  ];
  it.each(WRONG)('%s: %j is a %s at %s, and the value is not told', (version, payload, code, path) => {
    const { description, details, ...rest } = refusal(version, 'BootNotification', payload);
    expect(rest.code).toBe(code);
    expect(details).toMatchObject({ path });
    expect(`${description}${JSON.stringify(details)}`).not.toContain('MMM');
  });

  it('field 27: what only leniency lets pass waits for the permission of its own station', () => {
    const overlong = routed('ocpp1.6', 'BootNotification', {
      ...BOOT['ocpp1.6'],
      chargePointSerialNumber: 'S'.repeat(40),
    });
    expect(overlong.unlessLenient).toMatchObject({
      overlay: { overlong: true },
      refusal: { code: 'PropertyConstraintViolation' },
    });
    const additional = routed('ocpp2.0.1', 'Heartbeat', { mood: 'fine' });
    expect(additional.unlessLenient).toMatchObject({ overlay: { additional: true } });
    const both = routed('ocpp1.6', 'BootNotification', {
      ...BOOT['ocpp1.6'],
      chargePointSerialNumber: 'S'.repeat(40),
      mood: 'fine',
    });
    expect(both.unlessLenient?.overlay).toEqual({ overlong: true, additional: true });
  });

  it('field 28: an unknown enum that only describes passes without any permission, one that decides does not', () => {
    const stop = { transactionId: 1, meterStop: 1, timestamp: '2025-06-01T00:00:00Z', reason: 'Boredom' };
    expect(routed('ocpp1.6', 'StopTransaction', stop).unlessLenient).toBeNull();
    expect(
      refusal('ocpp1.6', 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Bored' }).code,
    ).toBe('PropertyConstraintViolation');
  });

  it('puts the picture of the control character where U+0000 stood, which the database cannot hold', () => {
    const { call } = routed('ocpp2.0.1', 'BootNotification', {
      reason: 'PowerUp',
      chargingStation: { vendorName: 'V\0', model: '\\u0000' },
    });
    expect(call.payload).toMatchObject({ chargingStation: { vendorName: 'V\u2400', model: '\\u0000' } });
  });

  it('puts the replacement character where half of a surrogate pair stood, and leaves whole pairs alone', () => {
    const { call } = routed('ocpp2.0.1', 'BootNotification', {
      reason: 'PowerUp',
      chargingStation: { vendorName: 'V\ud800', model: '\u{1F50C}' },
    });
    expect(call.payload).toMatchObject({ chargingStation: { vendorName: 'V\ufffd', model: '\u{1F50C}' } });
  });

  it('mends names as it mends values, and takes an escaped backslash for no beginning', () => {
    const text = String.raw`{"vendorId":"V","data":{"a\u0000":1,"\udc00b":{"\\u0000":"\\\uD800\ud83d\udd0c"}}}`;
    expect(routed('ocpp2.0.1', 'DataTransfer', text).call.payload).toEqual({
      vendorId: 'V',
      data: { 'a\u2400': 1, '\ufffdb': { '\\u0000': '\\\ufffd\u{1F50C}' } },
    });
  });

  it('takes no session of a version that is none', () => {
    expect(() => parse('ocpp9', 'Heartbeat', {})).toThrow(TypeError);
  });
});
