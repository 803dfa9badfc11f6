/** How chargers come in, end to end: a new password and a higher profile by command, in each version, and the flap breaker. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Certificates, freePort, makeCertificates } from '@sigec/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { VERSIONS } from './support/dialect.js';
import { type Embedded, startEmbedded } from './support/embedded.js';
import { tellOnFailure } from './support/failure.js';
import { Raw } from './support/raw.js';
import { endpoint, register } from './support/system.js';
import { eventually } from './support/wait.js';

const FLAP_LIMIT = 8;

interface Seen {
  readonly rotation_pending_since: string | null;
  readonly security_profile: number;
  readonly min_security_profile: number;
  readonly desired_security_profile: number | null;
  readonly flapping: { readonly until: string; readonly connects: number } | null;
}

describe('access', () => {
  let system: Embedded;
  let files: Certificates;
  let tlsPort: number;
  beforeAll(async () => {
    files = makeCertificates();
    tlsPort = await freePort();
    system = await startEmbedded({
      SIGEC_LOG_LEVEL: 'trace',
      SIGEC_FLAP_LIMIT: String(FLAP_LIMIT),
      SIGEC_OCPP_TLS_PORT: String(tlsPort),
      SIGEC_OCPP_TLS_CERT: files.cert,
      SIGEC_OCPP_TLS_KEY: files.key,
    });
  });
  afterEach(tellOnFailure(() => system));
  afterAll(async () => {
    Raw.closeAll();
    await system?.close();
    files?.remove();
  });

  const connect = (identity: string, version: string, password: string) =>
    Raw.connect(`${endpoint(system)}/${encodeURIComponent(identity)}`, [`ocpp${version}`], {
      username: identity,
      password,
    });
  /** A charger on a bare socket: booted, so that commands may come. */
  async function booted(identity: string, version: string, password: string): Promise<Raw> {
    const raw = await connect(identity, version, password);
    const station = { vendorName: 'V', model: 'M' };
    const payload =
      version === '1.6'
        ? { chargePointVendor: 'V', chargePointModel: 'M' }
        : { reason: 'PowerUp', chargingStation: station };
    expect((await raw.ask([2, 'boot', 'BootNotification', payload]))[2]).toMatchObject({ status: 'Accepted' });
    return raw;
  }
  const device = (id: string) => system.rest.ok<Seen>('GET', `/devices/${id}`);
  const rotate = (id: string) => system.rest.send<Record<string, unknown>>('POST', `/devices/${id}/credentials/rotate`);

  const answers = {
    '1.6': (status: string) => ({ status }),
    other: (attributeStatus: string) => ({
      setVariableResult: [
        { attributeStatus, component: { name: 'SecurityCtrlr' }, variable: { name: 'BasicAuthPassword' } },
      ],
    }),
  };
  const said = (version: string, status: string) => (version === '1.6' ? answers['1.6'] : answers.other)(status);

  /** Asks for a new password, lets the charger answer, and gives the password that it was told. */
  async function told(raw: Raw, id: string, version: string, status: string) {
    const answer = rotate(id);
    const [, message, action, payload] = JSON.parse(await raw.next()) as [number, string, string, never];
    const written = payload as { value?: string; setVariableData?: { attributeValue: string }[] };
    const password = written.value ?? written.setVariableData?.[0]?.attributeValue ?? '';
    expect(action).toBe(version === '1.6' ? 'ChangeConfiguration' : 'SetVariables');
    raw.send([3, message, said(version, status)]);
    return { password, answer: await answer };
  }

  it.each(VERSIONS)(
    '%s: the old password opens until the new one was used, which nobody else is shown',
    async (version) => {
      const { id, identity, credentials } = await register(system);
      const old = credentials.password;
      const refused = await booted(identity, version, old);
      const no = await told(refused, id, version, 'Rejected');
      expect(no.answer).toMatchObject({ status: 409, body: { code: 'command-rejected' } });
      await expect(connect(identity, version, no.password)).rejects.toThrow('HTTP 401');

      const yes = await told(refused, id, version, 'Accepted');
      expect(yes.answer).toMatchObject({ status: 200, body: { status: 'pending', result: 'Accepted' } });
      expect(yes.password).toMatch(/^[0-9a-f]{40}$/);
      expect((await device(id)).rotation_pending_since).not.toBeNull();
      // Both, until the new one was used.
      await booted(identity, version, old);
      await booted(identity, version, yes.password);
      expect((await device(id)).rotation_pending_since).toBeNull();
      await expect(connect(identity, version, old)).rejects.toThrow('HTTP 401');
      // As digits or as the bytes that they spell (field.md 15): one password.
      const bytes = Buffer.concat([Buffer.from(`${identity}:`), Buffer.from(yes.password, 'hex')]);
      const headers = { authorization: `Basic ${bytes.toString('base64')}` };
      const spelled = new WebSocket(`${endpoint(system)}/${identity}`, [`ocpp${version}`], { headers });
      await once(spelled, 'open');
      spelled.terminate();

      const log = await eventually(async () => {
        const messages = await system.rest.messages(id);
        expect(messages.filter(({ direction, type }) => direction === 'out' && type === 'call')).toHaveLength(2);
        expect(
          messages.filter(({ direction, type, action }) => direction === 'in' && type === 'result' && action !== ''),
        ).toHaveLength(2);
        return JSON.stringify(messages);
      });
      expect(log).toContain('***');
      for (const password of [no.password, yes.password]) {
        const base64 = Buffer.from(`${identity}:${password}`).toString('base64');
        for (const text of [log, system.words(), JSON.stringify(system.log()), JSON.stringify(yes.answer)]) {
          expect(text).not.toContain(password);
          expect(text).not.toContain(base64);
        }
      }
    },
  );

  it.each(VERSIONS)(
    '%s: told to come by TLS, it is taken without it until it did, and not any more then',
    async (version) => {
      const { id, identity, credentials } = await register(system);
      const { password } = credentials;
      const raw = await booted(identity, version, password);
      const connectionData = {
        ...{ ocppVersion: 'OCPP20', ocppTransport: 'JSON', ocppInterface: 'Wired0', messageTimeout: 30 },
        ...{ ocppCsmsUrl: `wss://127.0.0.1:${tlsPort}/ocpp`, securityProfile: 2 },
      };
      const [action, payload] =
        version === '1.6'
          ? ['ChangeConfiguration', { key: 'SecurityProfile', value: '2' }]
          : ['SetNetworkProfile', { configurationSlot: 1, connectionData }];
      const answer = system.rest.command(id, action, payload);
      const [, message] = JSON.parse(await raw.next()) as [number, string];
      raw.send([3, message, { status: 'Accepted' }]);
      expect(await answer).toMatchObject({ status: 200 });
      expect(await device(id)).toMatchObject({ min_security_profile: 0, desired_security_profile: 2 });
      // It may not have found its way yet, or never will: nobody is locked out by a command.
      await connect(identity, version, password);
      const url = `wss://127.0.0.1:${tlsPort}/ocpp/${identity}`;
      const byTls = (secret: string) =>
        Raw.connect(url, [`ocpp${version}`], { username: identity, password: secret }, readFileSync(files.ca, 'utf8'));
      await expect(byTls(`${password}x`)).rejects.toThrow('HTTP 401');
      const secure = await byTls(password);
      expect(await device(id)).toMatchObject({
        ...{ security_profile: 2, min_security_profile: 2, desired_security_profile: null },
      });
      await expect(connect(identity, version, password)).rejects.toThrow('HTTP 403');
      // Who was turned away took nobody's session.
      expect((await secure.ask([2, 'h', 'Heartbeat', {}]))[0]).toBe(3);
      await byTls(password);
    },
  );

  it('8: a charger that connects too often is held back, seen, and let in again by an operator', async () => {
    const { id, identity, credentials } = await register(system);
    for (let n = 0; n <= FLAP_LIMIT; n++) (await connect(identity, '1.6', credentials.password)).terminate();
    await expect(connect(identity, '1.6', credentials.password)).rejects.toThrow('HTTP 503');
    expect((await device(id)).flapping).toMatchObject({ connects: FLAP_LIMIT + 1 });
    const list = await system.rest.ok<{ items: { id: string }[] }>('GET', '/devices?flapping=true');
    expect(list.items.map((item) => item.id)).toEqual([id]);
    const metrics = await fetch(`${system.operations.metrics}/metrics`);
    expect(await metrics.text()).toMatch(/^sigec_worker_flapping_total\S* 1$/m);
    await system.rest.ok('POST', `/devices/${id}/unblock-flapping`);
    await connect(identity, '1.6', credentials.password);
    expect((await device(id)).flapping).toBeNull();
  });
});
