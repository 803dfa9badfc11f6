/** Redaction for the message log. */
import { describe, expect, it } from 'vitest';
import { HIDDEN, redactPayload, redactQuoted } from './sensitive.js';

const SECRET = 's3cr3t-value';
const text = (payload: unknown) => JSON.stringify(payload);

describe('redactPayload', () => {
  const component = { name: 'SecurityCtrlr' };
  it.each([
    ['ocpp1.6', 'ChangeConfiguration', { key: 'AuthorizationKey', value: SECRET }],
    ['ocpp1.6', 'ChangeConfiguration', { key: 'authorization_key', value: SECRET }],
    ['ocpp1.6', 'ChangeConfiguration', { key: 'WifiPassword', value: SECRET }],
    [
      'ocpp1.6',
      'GetConfiguration',
      { configurationKey: [{ key: 'AuthorizationKey', readonly: false, value: SECRET }] },
    ],
    ['ocpp1.6', 'GetDiagnostics', { location: `ftp://user:${SECRET}@host/dir` }],
    ['ocpp1.6', 'GetLog', { log: { remoteLocation: `sftp://user:${SECRET}@host/dir` } }],
    [
      'ocpp2.0.1',
      'SetVariables',
      { setVariableData: [{ attributeValue: SECRET, component, variable: { name: 'BasicAuthPassword' } }] },
    ],
    [
      'ocpp2.1',
      'GetVariables',
      { getVariableResult: [{ attributeValue: SECRET, component, variable: { name: 'BasicAuthPassword' } }] },
    ],
    [
      'ocpp2.1',
      'NotifyReport',
      { reportData: [{ component, variable: { name: 'BasicAuthPassword' }, variableAttribute: [{ value: SECRET }] }] },
    ],
    [
      'ocpp2.1',
      'SetNetworkProfile',
      {
        connectionData: {
          basicAuthPassword: SECRET,
          apn: { apn: 'x', apnPassword: SECRET, simPin: SECRET },
          vpn: { server: 'x', password: SECRET, key: SECRET },
        },
      },
    ],
  ] as const)('hides secrets in %s %s %#', (version, action, payload) => {
    const clean = redactPayload(version, action, text(payload));
    expect(clean).not.toContain(SECRET);
    expect(Object.keys(JSON.parse(clean))).toEqual(Object.keys(payload));
  });

  it('sees through escapes', () => {
    const payload = `{"key":"\\u0041uthorizationKey","value":"${SECRET}"}`;
    expect(redactPayload('ocpp1.6', 'ChangeConfiguration', payload)).not.toContain(SECRET);
  });

  it('hides whole what it cannot read', () => {
    expect(redactPayload('ocpp1.6', 'ChangeConfiguration', `{"key":"AuthorizationKey","value":"${SECRET}`)).toBe(
      '{"hidden":"***"}',
    );
    const deep = `{"a":${'['.repeat(5000)}"${SECRET}"${']'.repeat(5000)}}`;
    expect(redactPayload('ocpp1.6', 'ChangeConfiguration', deep)).not.toContain(SECRET);
  });

  it('leaves everything else as it came', () => {
    const spaced = '{ "key": "HeartbeatInterval",  "value": "300" }';
    expect(redactPayload('ocpp1.6', 'ChangeConfiguration', spaced)).toBe(spaced);
    expect(redactPayload('ocpp1.6', 'Heartbeat', '{broken')).toBe('{broken');
    const csr = text({ csr: 'password' });
    expect(redactPayload('ocpp2.1', 'SignCertificate', csr)).toBe(csr);
  });
});

describe('redactQuoted', () => {
  const request = text({ key: 'AuthorizationKey', value: SECRET });

  it('hides what an answer quotes of the secret of its request, and nothing else', () => {
    const quoted = text({
      code: 'PropertyConstraintViolation',
      description: `bad: ${SECRET}!`,
      details: { v: SECRET },
    });
    expect(redactQuoted('ocpp1.6', 'ChangeConfiguration', request, quoted)).toBe(quoted.replaceAll(SECRET, HIDDEN));
    const plain = text({ status: 'Accepted' });
    expect(redactQuoted('ocpp1.6', 'ChangeConfiguration', request, plain)).toBe(plain);
    const open = text({ key: 'HeartbeatInterval', value: 'Accepted' });
    expect(redactQuoted('ocpp1.6', 'ChangeConfiguration', open, plain)).toBe(plain);
  });

  it('finds it as JSON spells it', () => {
    const odd = 'a"b\\c-secret';
    const component = { name: 'SecurityCtrlr' };
    const asked = text({
      setVariableData: [{ attributeValue: odd, component, variable: { name: 'BasicAuthPassword' } }],
    });
    const answer = text({ statusInfo: { additionalInfo: `was ${odd}` } });
    const clean = redactQuoted('ocpp2.0.1', 'SetVariables', asked, answer);
    expect(JSON.parse(clean)).toEqual({ statusInfo: { additionalInfo: `was ${HIDDEN}` } });
  });

  it('does not take a short secret for a part of words', () => {
    const short = text({ key: 'AuthorizationKey', value: 'e' });
    expect(redactQuoted('ocpp1.6', 'ChangeConfiguration', short, '{"status":"Accepted"}')).toBe(
      '{"status":"Accepted"}',
    );
  });
});

describe('addresses that open something by themselves', () => {
  const token = 'abcdefghijklmnopqrstuvwxyz_-0123456789ABCDE';
  it('lose what opens, wherever they stand', () => {
    for (const [version, action, payload] of [
      ['ocpp1.6', 'GetDiagnostics', { location: `https://csms.example/uploads/${token}` }],
      ['ocpp2.0.1', 'GetLog', { log: { remoteLocation: `http://csms.example/base/uploads/${token}/a.log` } }],
      ['ocpp2.1', 'UpdateFirmware', { firmware: { location: `http://csms.example/firmwares/12/file/${token}/f` } }],
      ['ocpp2.1', 'LogStatusNotification', { statusInfo: { additionalInfo: `PUT https://x/uploads/${token}: 503` } }],
    ] as const) {
      const clean = redactPayload(version, action, text(payload));
      expect(clean).not.toContain(token);
      expect(clean).toContain(HIDDEN);
    }
  });
  it('are taken out of what a charger quotes, and leave other addresses alone', () => {
    const asked = text({ location: `https://csms.example/uploads/${token}` });
    const said = text({ description: `cannot reach ${token}` });
    expect(redactQuoted('ocpp1.6', 'GetDiagnostics', asked, said)).toBe(
      text({ description: `cannot reach ${HIDDEN}` }),
    );
    const other = text({ location: 'https://csms.example/uploads/today' });
    expect(redactPayload('ocpp1.6', 'GetDiagnostics', other)).toBe(other);
  });
});
