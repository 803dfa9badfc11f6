/** What stations say beside their sessions: kept by themselves, told, and nothing of a person that need not be. */
import { describe, expect, it } from 'vitest';
import { at, NOW, Plain } from '../testing/plain.js';

const kinds = (plain: Plain) => plain.events.map(({ kind }) => kind);

describe('a boot', () => {
  it('of 1.6 is kept with all that the station says of itself', () => {
    const plain = new Plain();
    plain.say('ocpp1.6', 'BootNotification', {
      ...{ chargePointVendor: 'V', chargePointModel: 'M', chargePointSerialNumber: 'CP', chargeBoxSerialNumber: 'BOX' },
      ...{ firmwareVersion: '1', iccid: '8955', imsi: '724', meterType: 'MT', meterSerialNumber: 'MS' },
    });
    expect(plain.facts.bootWord).toEqual([
      {
        ...{ stationId: 1, at: NOW, version: 'ocpp1.6', reason: null, vendor: 'V', model: 'M', serialNumber: 'CP' },
        ...{ boxSerialNumber: 'BOX', firmwareVersion: '1', iccid: '8955', imsi: '724', meterType: 'MT' },
        meterSerialNumber: 'MS',
      },
    ]);
    expect(plain.boots).toMatchObject([{ serialNumber: 'CP', firmwareVersion: '1' }]);
  });

  it.each(['ocpp2.0.1', 'ocpp2.1'] as const)('of %s is kept with its reason and its modem', (version) => {
    const plain = new Plain();
    const chargingStation = { vendorName: 'V', model: 'M', modem: { iccid: '8955', imsi: '724' } };
    plain.say(version, 'BootNotification', { reason: 'Watchdog', chargingStation });
    expect(plain.facts.bootWord).toMatchObject([{ version, reason: 'Watchdog', iccid: '8955', imsi: '724' }]);
    expect(plain.events).toMatchObject([{ kind: 'station.booted', payload: { reason: 'Watchdog' } }]);
  });
});

describe('a token that may not charge', () => {
  it('is noted with the reason, and one that may is not', () => {
    const plain = new Plain().token('GOOD').token('BAD', { status: 'blocked' });
    for (const idTag of ['GOOD', 'BAD', 'NOBODY']) plain.say('ocpp1.6', 'Authorize', { idTag });
    plain.say('ocpp2.0.1', 'Authorize', { idToken: { idToken: 'BAD', type: 'ISO14443' } });
    expect(plain.facts.refusalWord).toMatchObject([
      { idToken: 'BAD', idTokenType: null, verdict: 'Blocked', certificateStatus: null },
      { idToken: 'NOBODY', verdict: 'Unknown' },
      { idToken: 'BAD', idTokenType: 'ISO14443', verdict: 'Blocked' },
    ]);
    expect(kinds(plain)).toEqual(Array.from({ length: 3 }, () => 'authorization.refused'));
    // Whose card it is, REST tells to those who may ask.
    expect(JSON.stringify(plain.events)).not.toContain('BAD');
  });

  it('for its contract says so', () => {
    const plain = new Plain().token('EMAID');
    const hash = { hashAlgorithm: 'SHA256', issuerNameHash: 'a', issuerKeyHash: 'b', serialNumber: 'c' } as const;
    plain.say('ocpp2.0.1', 'Authorize', {
      idToken: { idToken: 'EMAID', type: 'eMAID' },
      iso15118CertificateHashData: [{ ...hash, responderURL: 'http://ocsp.example' }],
    });
    expect(plain.facts.refusalWord).toMatchObject([
      { idToken: 'EMAID', verdict: 'Invalid', certificateStatus: 'NoCertificateAvailable' },
    ]);
  });
});

it('a tax number is noted by its verdict, and itself kept nowhere', () => {
  const plain = new Plain();
  for (const vatNumber of ['11.222.333/0001-81', '11.222.333/0001-82'])
    plain.say('ocpp2.1', 'VatNumberValidation', { vatNumber, evseId: 2 });
  expect(plain.facts.vatWord).toMatchObject([
    { evseId: 2, country: 'BR', accepted: true, reason: null },
    { evseId: 2, accepted: false, reason: 'InvalidCheckDigits' },
  ]);
  expect(JSON.stringify([plain.facts, plain.events])).not.toMatch(/222.?333/);
});

it.each([
  ['ocpp1.6', 'DiagnosticsStatusNotification', 'log.status'],
  ['ocpp2.0.1', 'LogStatusNotification', 'log.status'],
  ['ocpp2.1', 'PublishFirmwareStatusNotification', 'firmware.publication'],
] as const)('%s %s of a job that nobody here asked for is kept by itself', (version, action, kind) => {
  const plain = new Plain();
  const status = action === 'PublishFirmwareStatusNotification' ? 'Downloading' : 'Uploading';
  const statusInfo = version === 'ocpp2.1' ? { statusInfo: { reasonCode: 'Why' } } : {};
  plain.say(version, action, { status, ...statusInfo });
  expect(plain.facts).toEqual({
    unaskedWord: [{ stationId: 1, at: NOW, action, status, info: version === 'ocpp2.1' ? 'Why' : null }],
  });
  expect(plain.events).toMatchObject([{ kind, payload: { request_id: null, status } }]);
});

it('2.1: what a car wants of contracts is kept, and asked of whoever provides them', () => {
  const plain = new Plain();
  const asked = { maximumContractCertificateChains: 2, prioritizedEMAIDs: ['BR-ABC-1'] };
  const ev = { iso15118SchemaVersion: 'urn:iso:std:iso:15118:-20', action: 'Install', exiRequest: 'gJg=' };
  plain.say('ocpp2.1', 'Get15118EVCertificate', { ...ev, ...asked });
  expect(plain.facts.iso15118Request).toMatchObject([{ maxContracts: 2, emaids: ['BR-ABC-1'] }]);
  const many = { ...ev, maximumContractCertificateChains: 2 ** 31 };
  expect(() => plain.say('ocpp2.1', 'Get15118EVCertificate', many)).toThrow('maximumContractCertificateChains');
});

it('signed meter data is kept with how it was signed', () => {
  const plain = new Plain();
  const signed = { signedMeterData: 'ZGF0YQ==', signingMethod: 'ECDSA', encodingMethod: 'OCMF', publicKey: 'a2V5' };
  const sampledValue = [{ value: 1, signedMeterValue: signed }, { value: 2 }];
  plain.say('ocpp2.0.1', 'MeterValues', { evseId: 1, meterValue: [{ timestamp: at(0), sampledValue }] });
  expect(plain.samples).toMatchObject([
    { value: 1, raw: 'ZGF0YQ==', signed: { method: 'ECDSA', encoding: 'OCMF', publicKey: 'a2V5' } },
    { value: 2 },
  ]);
  expect(plain.samples[1]).not.toHaveProperty('signed');
});

describe('the energy of a session', () => {
  const event = (seqNo: number, eventType: string, value: number) => ({
    ...{ eventType, timestamp: at(seqNo * 60), triggerReason: 'MeterValuePeriodic', seqNo },
    ...{ transactionInfo: { transactionId: 'T' }, evse: { id: 1, connectorId: 1 } },
    meterValue: [{ timestamp: at(seqNo * 60), sampledValue: [{ value }] }],
  });

  it('is told as it passes whole kWh, and not with every sample', () => {
    const plain = new Plain();
    plain.say('ocpp2.0.1', 'TransactionEvent', event(0, 'Started', 10_900));
    for (const [n, value] of [10_950, 11_000, 11_400, 13_100].entries())
      plain.say('ocpp2.0.1', 'TransactionEvent', event(n + 1, 'Updated', value));
    const metered = plain.events.filter(({ kind }) => kind === 'transaction.metered');
    expect(metered.map(({ payload }) => payload)).toMatchObject([
      { transaction_id: '101', device_id: '1', energy_wh: 100 },
      { energy_wh: 2200 },
    ]);
  });

  it('costs so far in every answer of 2.1, and in the last one of 2.0.1', () => {
    for (const [version, costs] of [
      ['ocpp2.0.1', [undefined, undefined, 0.75]],
      ['ocpp2.1', [undefined, 0.38, 0.75]],
    ] as const) {
      const plain = new Plain();
      const answers = [event(0, 'Started', 0), event(1, 'Updated', 500), event(2, 'Ended', 1000)].map((payload) =>
        plain.say(version, 'TransactionEvent', payload),
      );
      expect(answers.map(({ totalCost }) => totalCost)).toEqual(costs);
    }
  });
});
