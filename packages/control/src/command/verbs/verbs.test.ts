/** Every verb in every version: what it becomes is what the schema of that version takes, or the version has no such thing. */
import { loadVersion, type OcppVersion } from '@sigec/ocpp';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../problem.js';
import { REQUEST_ACTIONS } from '../requests.js';
import { findVerb, VERBS } from './index.js';
import type { Planned, Verb } from './verb.js';

const VERSIONS: readonly OcppVersion[] = ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'];
const STATION = { id: 1, identity: 'S' };
const T = '2026-01-31T12:00:00.000Z';

interface Sample {
  readonly verb: string;
  readonly body: object;
  /** As {@link Verb.plan} gets it from the database. */
  readonly found?: unknown;
  /** The action in 1.6, 2.0.1 and 2.1; null: not supported. */
  readonly becomes: readonly (string | null)[];
  /** Versions in which the body is short of something. */
  readonly wants?: readonly OcppVersion[];
}

const all = (action: string): readonly string[] => [action, action, action];
const token = { value: 'CARD', type: 'ISO14443' };
const certificate = { hash_algorithm: 'SHA256', issuer_name_hash: 'a', issuer_key_hash: 'b', serial_number: 'c' };
const schedule = { unit: 'W', start: T, duration_s: 60, min_rate: 1, periods: [{ start_s: 0, limit: 5, phases: 3 }] };
const profile = { evse_id: 1, profile_id: 7, schedule };
const V2: readonly OcppVersion[] = ['ocpp2.0.1', 'ocpp2.1'];

const SAMPLES: readonly Sample[] = [
  { verb: 'reset', body: {}, becomes: all('Reset') },
  { verb: 'reset', body: { type: 'Immediate' }, becomes: all('Reset') },
  { verb: 'reset', body: { type: 'OnIdle', evse_id: 2 }, becomes: [null, 'Reset', 'Reset'] },
  { verb: 'reset', body: { type: 'ImmediateAndResume' }, becomes: [null, null, 'Reset'] },
  { verb: 'unlock', body: { evse_id: 1 }, becomes: all('UnlockConnector') },
  { verb: 'set-availability', body: { available: false }, becomes: all('ChangeAvailability') },
  { verb: 'set-availability', body: { available: true, evse_id: 1 }, becomes: all('ChangeAvailability') },
  {
    verb: 'set-availability',
    body: { available: true, evse_id: 1, connector_id: 2 },
    becomes: [null, 'ChangeAvailability', 'ChangeAvailability'],
  },
  { verb: 'clear-cache', body: {}, becomes: all('ClearCache') },
  { verb: 'trigger', body: { message: 'MeterValues', evse_id: 1 }, becomes: all('TriggerMessage') },
  {
    verb: 'trigger',
    body: { message: 'LogStatusNotification' },
    becomes: ['ExtendedTriggerMessage', 'TriggerMessage', 'TriggerMessage'],
  },
  {
    verb: 'trigger',
    body: { message: 'SignChargingStationCertificate' },
    becomes: ['ExtendedTriggerMessage', 'TriggerMessage', 'TriggerMessage'],
  },
  { verb: 'trigger', body: { message: 'DiagnosticsStatusNotification' }, becomes: ['TriggerMessage', null, null] },
  { verb: 'trigger', body: { message: 'TransactionEvent' }, becomes: [null, 'TriggerMessage', 'TriggerMessage'] },
  { verb: 'trigger', body: { message: 'CustomTrigger', custom: 'x' }, becomes: [null, null, 'TriggerMessage'] },
  { verb: 'update-firmware', body: { location: 'https://f/x', retries: 2 }, becomes: all('UpdateFirmware') },
  {
    verb: 'update-firmware',
    body: { location: 'https://f/x', retrieve_at: T, install_at: T, signature: 'c2ln', signing_certificate: 'PEM' },
    becomes: ['SignedUpdateFirmware', 'UpdateFirmware', 'UpdateFirmware'],
  },
  {
    verb: 'get-logs',
    body: { location: 'https://f/x', oldest: T, latest: T, retries: 1, retry_interval_s: 5 },
    becomes: ['GetDiagnostics', 'GetLog', 'GetLog'],
  },
  { verb: 'get-logs', body: { type: 'SecurityLog', location: 'https://f/x' }, becomes: all('GetLog') },
  { verb: 'get-logs', body: { type: 'DataCollectorLog', location: 'https://f/x' }, becomes: [null, null, 'GetLog'] },
  {
    verb: 'install-certificate',
    body: { type: 'CSMSRootCertificate', certificate: 'PEM' },
    becomes: all('InstallCertificate'),
  },
  {
    verb: 'install-certificate',
    body: { type: 'V2GRootCertificate', certificate: 'PEM' },
    becomes: [null, 'InstallCertificate', 'InstallCertificate'],
  },
  {
    verb: 'install-certificate',
    body: { type: 'OEMRootCertificate', certificate: 'PEM' },
    becomes: [null, null, 'InstallCertificate'],
  },
  { verb: 'delete-certificate', body: certificate, becomes: all('DeleteCertificate') },
  {
    verb: 'display-message',
    body: { id: 3, text: 'Olá', language: 'pt', state: 'Idle', start: T, end: T },
    becomes: [null, 'SetDisplayMessage', 'SetDisplayMessage'],
  },
  {
    verb: 'reserve',
    body: { reservation_id: 9, id_token: 'CARD', group_id_token: 'FLEET', expires_at: T, evse_id: 1 },
    becomes: all('ReserveNow'),
  },
  {
    verb: 'reserve',
    body: { reservation_id: 9, id_token: 'CARD', expires_at: T, connector_type: 'cCCS2' },
    becomes: [null, 'ReserveNow', 'ReserveNow'],
  },
  {
    verb: 'reserve',
    body: { reservation_id: 9, id_token: 'C'.repeat(21), expires_at: T },
    becomes: [null, 'ReserveNow', 'ReserveNow'],
    wants: ['ocpp1.6'],
  },
  { verb: 'cancel-reservation', body: { reservation_id: 9 }, becomes: all('CancelReservation') },
  {
    verb: 'send-local-list',
    body: { version: 2, entries: [{ id_token: 'CARD', status: 'Accepted', group_id_token: 'G', expires_at: T }] },
    becomes: all('SendLocalList'),
  },
  {
    verb: 'send-local-list',
    body: { version: 2, update: 'Differential', entries: [{ id_token: 'CARD' }] },
    becomes: all('SendLocalList'),
  },
  { verb: 'send-local-list', body: { version: 1 }, becomes: all('SendLocalList') },
  {
    verb: 'send-local-list',
    body: { version: 2, entries: [{ id_token: 'CARD', status: 'NoCredit', evse_ids: [1] }] },
    becomes: [null, 'SendLocalList', 'SendLocalList'],
  },
  {
    verb: 'set-charging-profile',
    body: { ...profile, purpose: 'TxDefaultProfile', valid_from: T, valid_to: T },
    becomes: all('SetChargingProfile'),
  },
  {
    verb: 'set-charging-profile',
    body: { ...profile, evse_id: 0, purpose: 'ChargingStationMaxProfile', kind: 'Recurring', recurrency: 'Daily' },
    becomes: all('SetChargingProfile'),
  },
  {
    verb: 'set-charging-profile',
    body: { ...profile, purpose: 'TxProfile', ocpp_transaction_id: '42' },
    becomes: all('SetChargingProfile'),
  },
  {
    verb: 'set-charging-profile',
    body: { ...profile, purpose: 'LocalGeneration' },
    becomes: [null, null, 'SetChargingProfile'],
  },
  { verb: 'clear-charging-profile', body: { profile_id: 7 }, becomes: all('ClearChargingProfile') },
  { verb: 'clear-charging-profile', body: {}, becomes: all('ClearChargingProfile') },
  {
    verb: 'clear-charging-profile',
    body: { evse_id: 1, purpose: 'ChargingStationMaxProfile', stack_level: 0 },
    becomes: all('ClearChargingProfile'),
  },
  {
    verb: 'read-configuration',
    body: {
      items: [{ key: 'HeartbeatInterval', component: 'OCPPCommCtrlr', variable: 'HeartbeatInterval', evse_id: 1 }],
    },
    becomes: ['GetConfiguration', 'GetVariables', 'GetVariables'],
  },
  { verb: 'read-configuration', body: {}, becomes: ['GetConfiguration', null, null], wants: V2 },
  {
    verb: 'write-configuration',
    body: { items: [{ key: 'A', component: 'C', variable: 'V', value: '1', attribute: 'Target' }] },
    becomes: ['ChangeConfiguration', 'SetVariables', 'SetVariables'],
  },
  {
    verb: 'start',
    body: { evse_id: 1 },
    found: { token, remoteStartId: 5 },
    becomes: ['RemoteStartTransaction', 'RequestStartTransaction', 'RequestStartTransaction'],
  },
  {
    verb: 'stop',
    body: { transaction_id: '3' },
    found: '77',
    becomes: ['RemoteStopTransaction', 'RequestStopTransaction', 'RequestStopTransaction'],
  },
];

const verbOf = (name: string): Verb => findVerb(name) as Verb;
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof ProblemError ? error.code : String(error);
  }
  return 'none';
};

describe('every verb', () => {
  it('has samples in all versions', () => {
    expect(new Set(SAMPLES.map(({ verb }) => verb))).toEqual(new Set(VERBS.map(({ name }) => name)));
    for (const name of VERBS.map((verb) => verb.name))
      for (const n of VERSIONS.keys())
        if (name !== 'display-message' || n > 0)
          expect(
            SAMPLES.some(({ verb, becomes }) => verb === name && becomes[n] !== null),
            `${name} ${n}`,
          ).toBe(true);
  });

  it.each(
    SAMPLES.flatMap((sample) => VERSIONS.map((version, n) => ({ ...sample, version, action: sample.becomes[n] }))),
  )('$verb in $version: $action', async ({ verb, version, body, found, action, wants }) => {
    const plan = () => verbOf(verb).plan(version, STATION, body, found);
    if (action === null || action === undefined) {
      expect(codeOf(plan)).toBe(wants?.includes(version) ? 'validation' : 'not-supported-by-version');
      return;
    }
    const codec = await loadVersion<OcppVersion>(version);
    const planned = plan();
    expect(planned.map((one) => one.action)).toEqual([action]);
    for (const one of planned) {
      const numbered = version !== 'ocpp1.6' || one.action !== 'UpdateFirmware';
      const tracked = REQUEST_ACTIONS.includes(one.action) && one.action !== 'GetDiagnostics' && numbered;
      const payload = tracked ? { ...one.payload, requestId: 1 } : one.payload;
      const verdict = codec.validateRequest(one.action, payload, { strict: true });
      expect(verdict.ok ? '' : verdict.description).toBe('');
    }
  });

  it('names the field of a body that cannot be', () => {
    for (const verb of VERBS)
      expect(
        codeOf(() => verb.check({ nonsense: 1 })),
        verb.name,
      ).toBe('validation');
    try {
      verbOf('unlock').check({ evse_id: 'one' });
    } catch (error) {
      expect((error as ProblemError).options.errors?.[0]?.field).toBe('evse_id');
    }
  });
});

const one = (verb: string, version: OcppVersion, body: object): Planned =>
  verbOf(verb).plan(version, STATION, body)[0] as Planned;

describe('what a verb means', () => {
  it('speaks the words of 1.6', () => {
    expect(one('reset', 'ocpp1.6', { type: 'Immediate' }).payload).toEqual({ type: 'Hard' });
    expect(one('reset', 'ocpp1.6', {}).payload).toEqual({ type: 'Soft' });
    expect(one('set-availability', 'ocpp1.6', { available: false }).payload).toEqual({
      connectorId: 0,
      type: 'Inoperative',
    });
    expect(one('unlock', 'ocpp1.6', { evse_id: 2 }).payload).toEqual({ connectorId: 2 });
    expect(one('unlock', 'ocpp2.1', { evse_id: 2 }).payload).toEqual({ evseId: 2, connectorId: 1 });
  });

  it('writes several keys of 1.6 one by one, and tells of each', () => {
    const verb = verbOf('write-configuration');
    const body = { items: ['A', 'B'].map((key) => ({ key, value: '1' })) };
    const planned = verb.plan('ocpp1.6', STATION, body);
    expect(planned.map(({ payload }) => payload.key)).toEqual(['A', 'B']);
    const answers = planned.map((each, n) => ({
      ...each,
      response: { status: n === 0 ? 'RebootRequired' : 'Rejected' },
    }));
    expect(verb.answer(answers, body)).toEqual({
      accepted: false,
      status: 'Rejected',
      items: [
        { key: 'A', accepted: true, status: 'RebootRequired' },
        { key: 'B', accepted: false, status: 'Rejected' },
      ],
    });
  });

  it('reads what a 2.x station answers item by item, and what one of 1.6 does not know', () => {
    const verb = verbOf('read-configuration');
    const component = { name: 'C', evse: { id: 1 } };
    const entry = (attributeStatus: string) => ({
      attributeStatus,
      component,
      variable: { name: 'V' },
      attributeValue: '1',
    });
    const response = { getVariableResult: [entry('Accepted'), entry('UnknownVariable')] };
    const items = [{ component: 'C', variable: 'V' }];
    expect(verb.answer([{ action: 'GetVariables', payload: {}, response }], { items })).toMatchObject({
      accepted: false,
      status: 'UnknownVariable',
      items: [{ component: 'C', evse_id: 1, variable: 'V', value: '1', accepted: true }, { accepted: false }],
    });
    const old = { configurationKey: [{ key: 'A', value: '1', readonly: true }], unknownKey: ['B'] };
    expect(verb.answer([{ action: 'GetConfiguration', payload: {}, response: old }], {}).items).toEqual([
      { key: 'A', value: '1', readonly: true, accepted: true, status: 'Accepted' },
      { key: 'B', accepted: false, status: 'UnknownKey' },
    ]);
  });
});
