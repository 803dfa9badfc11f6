/** Verdicts: samples, error codes per version, leniency, and what an error may tell. */
import { describe, expect, it } from 'vitest';
import { OCPP_VERSIONS } from './index.js';
import { LENIENT_FIELDS } from './leniency.js';
import { TIME } from './testing/arbitrary.js';
import { SAMPLES } from './testing/samples.js';
import { loadVersion, MAX_WARNINGS } from './validate.js';

const v16 = await loadVersion('ocpp1.6');
const v201 = await loadVersion('ocpp2.0.1');
const v21 = await loadVersion('ocpp2.1');

const meterValues = (sample: object, timestamp = TIME) => ({
  connectorId: 1,
  meterValue: [{ timestamp, sampledValue: [{ value: '1', ...sample }] }],
});

describe('loadVersion', () => {
  it('loads each version once', async () => {
    expect(await loadVersion('ocpp1.6')).toBe(v16);
  });
});

describe.each(OCPP_VERSIONS)('samples of %s', (version) => {
  it('are accepted, without warnings, in strict and plain mode', async () => {
    const codec = await loadVersion(version);
    for (const [action, payload] of Object.entries(SAMPLES[version])) {
      expect(codec.validateRequest(action, payload), action).toEqual({
        ok: true,
        payload,
        warnings: [],
        warningCount: 0,
      });
      expect(codec.validateRequest(action, payload, { strict: true }).ok, action).toBe(true);
    }
  });
});

describe('error codes', () => {
  const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' };
  it('follow the version', () => {
    const code = (verdict: { ok: boolean; code?: string }) => (verdict.ok ? 'ok' : verdict.code);
    expect(code(v16.validateRequest('Nonsense', {}))).toBe('NotImplemented');
    expect(code(v16.validateRequest('constructor', {}))).toBe('NotImplemented');
    for (const bad of [null, [], 'text', 1, undefined]) {
      expect(code(v16.validateRequest('Heartbeat', bad))).toBe('FormationViolation');
      expect(code(v21.validateRequest('Heartbeat', bad))).toBe('FormatViolation');
    }
    expect(code(v16.validateRequest('StatusNotification', { ...status, connectorId: '1' }))).toBe(
      'TypeConstraintViolation',
    );
    expect(code(v16.validateRequest('StatusNotification', { ...status, status: 'Odd' }))).toBe(
      'PropertyConstraintViolation',
    );
    expect(code(v16.validateRequest('Heartbeat', { extra: 1 }))).toBe('FormationViolation');
    expect(code(v201.validateRequest('Heartbeat', { extra: 1 }))).toBe('OccurrenceConstraintViolation');
    expect(code(v201.validateRequest('MeterValues', { evseId: 1, meterValue: [] }))).toBe(
      'OccurrenceConstraintViolation',
    );
  });

  it('tell where and which rule, never the value', () => {
    const secret = 'hunter2'.repeat(100);
    const verdict = v16.validateRequest('ChangeConfiguration', { key: 'AuthorizationKey', value: secret });
    expect(verdict).toMatchObject({ ok: false, details: { path: '/value', rule: 'maxLength' } });
    expect(JSON.stringify(verdict)).not.toContain('hunter2');
    const named = v16.validateRequest('Heartbeat', { ['n'.repeat(5000)]: 1 });
    expect(JSON.stringify(named).length).toBeLessThan(400);
  });
});

describe('numbers', () => {
  const profile = (limit: number) => ({
    connectorId: 1,
    csChargingProfiles: {
      chargingProfileId: 1,
      stackLevel: 0,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
    },
  });
  it('take steps of 0.1 as decimal people mean them', () => {
    for (const limit of [0.3, 21.4, 16.1, 0.1 + 0.2, 32]) {
      expect(v16.validateRequest('SetChargingProfile', profile(limit)).ok, String(limit)).toBe(true);
    }
    expect(v16.validateRequest('SetChargingProfile', profile(16.05)).ok).toBe(false);
  });
  it('refuse what JSON.parse makes of 1e999', () => {
    expect(v201.validateRequest('MeterValues', JSON.parse(`{"evseId":1e999,"meterValue":[]}`)).ok).toBe(false);
  });
});

describe('leniency', () => {
  it('turns odd times into warnings, for everyone', () => {
    for (const time of ['2025-03-01T10:00:00', '2025-03-01 10:00:00Z', '2025-03-01T10:00:00+03', 'soon', '']) {
      const verdict = v16.validateRequest('MeterValues', meterValues({}, time));
      expect(verdict, time).toMatchObject({ ok: true, warningCount: 1 });
      expect(verdict.ok && verdict.warnings).toEqual([
        { kind: 'timestamp', path: '/meterValue/0/timestamp', rule: 'date-time' },
      ]);
      expect(v16.validateRequest('MeterValues', meterValues({}, time), { strict: true }).ok).toBe(false);
    }
  });

  it('accepts unknown members of descriptive enums', () => {
    for (const sample of [{ unit: 'kW.h' }, { measurand: 'Fan.Speed' }, { phase: 'L4' }, { location: 'Roof' }]) {
      expect(v16.validateRequest('MeterValues', meterValues(sample))).toMatchObject({ ok: true, warningCount: 1 });
      expect(v16.validateRequest('MeterValues', meterValues(sample), { strict: true }).ok).toBe(false);
    }
    const event = { ...SAMPLES['ocpp2.1'].TransactionEvent!, triggerReason: 'Vendor' };
    expect(v21.validateRequest('TransactionEvent', event)).toMatchObject({ ok: true, warningCount: 1 });
  });

  it('refuses unknown members where they decide', () => {
    const event = SAMPLES['ocpp2.1'].TransactionEvent!;
    expect(v21.validateRequest('TransactionEvent', { ...event, eventType: 'Paused' }).ok).toBe(false);
    const info = { transactionId: '1', chargingState: 'Odd' };
    expect(v21.validateRequest('TransactionEvent', { ...event, transactionInfo: info }).ok).toBe(false);
    const token = { idToken: { idToken: 'x', type: 'Odd' } };
    expect(v201.validateRequest('Authorize', token).ok).toBe(false);
    // The same field name elsewhere decides how a display message is read.
    const message = { id: 1, priority: 'AlwaysFront', message: { format: 'ODD', content: 'x' } };
    expect(v201.validateRequest('SetDisplayMessage', { message }).ok).toBe(false);
  });

  it('finds the error behind the warnings', () => {
    const payload = { ...meterValues({ unit: 'odd' }, 'soon'), transactionId: 'x' };
    expect(v16.validateRequest('MeterValues', payload)).toMatchObject({
      ok: false,
      details: { path: '/transactionId' },
    });
  });

  it('takes over-long strings and unknown properties only where the station is opted in', () => {
    const boot = { chargePointVendor: 'V', chargePointModel: 'M', chargePointSerialNumber: '9'.repeat(60) };
    expect(v16.validateRequest('BootNotification', boot).ok).toBe(false);
    expect(v16.validateRequest('BootNotification', boot, { overlong: true })).toMatchObject({ ok: true });
    const wrong = { ...boot, chargePointModel: '9'.repeat(60) };
    expect(v16.validateRequest('BootNotification', wrong, { overlong: true }).ok).toBe(false);
    expect(v16.validateRequest('Heartbeat', { uptime: 1 }, { overlong: true }).ok).toBe(false);
    const verdict = v16.validateRequest('Heartbeat', { uptime: 1 }, { additional: true });
    expect(verdict).toMatchObject({ ok: true, warnings: [{ kind: 'additional', path: '/uptime' }] });
  });

  it('keeps a bounded list of warnings and counts the rest', () => {
    const sample = { timestamp: '2025-03-01T10:00:00', sampledValue: [{ value: '1' }] };
    const payload = { connectorId: 1, meterValue: Array.from({ length: 500 }, () => sample) };
    const verdict = v16.validateRequest('MeterValues', payload);
    expect(verdict).toMatchObject({ ok: true, warningCount: 500 });
    expect(verdict.ok && verdict.warnings).toHaveLength(MAX_WARNINGS);
  });

  it('names only fields that exist', async () => {
    const fields = new Set<string>();
    for (const { tree } of [
      await import('./gen/validators16.js'),
      await import('./gen/validators201.js'),
      await import('./gen/validators21.js'),
    ]) {
      const visit = (node: (typeof tree.definitions)[string], owner: string): void => {
        const target = node.$ref === undefined ? node : tree.definitions[node.$ref.slice(14)]!;
        if (target.type === 'array') visit(target.items!, `${owner}[]`);
        for (const [name, child] of Object.entries(target.properties ?? {})) {
          fields.add(`${owner}.${name}`);
          visit(child, name);
        }
      };
      for (const action of tree.requests) visit(tree.definitions[`${action}Request`]!, action);
      for (const action of tree.responses) visit(tree.definitions[`${action}Response`]!, action);
    }
    for (const field of [...LENIENT_FIELDS.enums, ...LENIENT_FIELDS.overlong]) expect(fields).toContain(field);
  });
});
