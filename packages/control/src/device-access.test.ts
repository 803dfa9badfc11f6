/** How devices come in, as operators change it: passwords by command, profiles, the flap breaker. */
import { type CommandReply, passwordProof, verifierMatches } from '@sigec/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wantedProfile } from './command/security-upgrade.js';
import { type Harness, type Json, result, type Sent, startHarness } from './testing/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 1, commandTimeoutMs: 1000 });
});
afterAll(() => h.close());

const DEVICES = '/api/v1/devices';
let count = 0;

interface Row {
  salt: Uint8Array;
  verifier: Uint8Array;
  nextSalt: Uint8Array | null;
  nextVerifier: Uint8Array | null;
  desired: number | null;
}
async function rowOf(id: string): Promise<Row> {
  const rows = await h.db.query<Row>(
    `select secret_salt as salt, secret_verifier as verifier, pending_secret_salt as "nextSalt",
       pending_secret_verifier as "nextVerifier", desired_security_profile as desired from station where id = $1::int8`,
    [Number(id)],
  );
  return rows[0] as Row;
}

/** A device and the edge that holds it; `said` is what the charger answers. */
async function held(version: string, said: (sent: Sent) => CommandReply | Promise<CommandReply> | undefined) {
  const identity = `ACCESS ${++count}`;
  const id = await h.station(identity, version);
  const edge = h.edge(identity, (sent) => said(sent) as CommandReply | undefined);
  return { id, identity, edge };
}
const post = (path: string, as: 'operator' | 'admin' | 'user' | 'stranger' = 'operator') =>
  h.call('POST', `${DEVICES}/${path}`, { as });
const patch = (id: string, body: unknown) => h.call('PATCH', `${DEVICES}/${id}`, { as: 'operator', body });
const get = async (id: string) => (await h.call('GET', `${DEVICES}/${id}`, { as: 'operator' })).json;

/** The password in a command, however its version writes it. */
function passwordIn({ action, payload }: Sent): string {
  if (action === 'ChangeConfiguration') {
    expect(payload.key).toBe('AuthorizationKey');
    return String(payload.value);
  }
  const [entry] = payload.setVariableData as Json[];
  expect(entry).toMatchObject({ component: { name: 'SecurityCtrlr' }, variable: { name: 'BasicAuthPassword' } });
  return String(entry?.attributeValue);
}
const variableResult = (status: string, name = 'BasicAuthPassword') =>
  result({
    setVariableResult: [{ attributeStatus: status, component: { name: 'SecurityCtrlr' }, variable: { name } }],
  });

describe('a password by command', () => {
  it.each([
    ['ocpp1.6', () => result({ status: 'Accepted' })],
    ['ocpp2.0.1', () => variableResult('Accepted')],
    ['ocpp2.1', () => variableResult('RebootRequired')],
  ] as const)('%s: is told to the charger alone, and stands beside the old one', async (version, said) => {
    const { id, edge } = await held(version, said);
    const before = await rowOf(id);
    const answer = await post(`${id}/credentials/rotate`);
    expect(answer.status).toBe(200);
    const [sent] = edge.sent;
    const password = passwordIn(sent as Sent);
    expect(password).toMatch(/^[0-9a-f]{40}$/);
    const after = await rowOf(id);
    expect([after.salt, after.verifier]).toEqual([before.salt, before.verifier]);
    const proof = passwordProof(h.deps.config.pepper, Buffer.from(password));
    expect(verifierMatches(after.nextSalt as Uint8Array, proof, after.nextVerifier as Uint8Array)).toBe(true);
    expect(answer.json).toMatchObject({ id, status: 'pending', message_id: sent?.id });
    const device = await get(id);
    expect(device.rotation_pending_since).toMatch(/Z$/);
    for (const text of [JSON.stringify(answer.json), JSON.stringify(device), h.log()]) {
      expect(text).not.toContain(password);
      expect(text).not.toContain(Buffer.from(password).toString('base64'));
    }
    const again = await post(`${id}/credentials/rotate`);
    expect([again.status, again.json.code]).toEqual([409, 'rotation-pending']);
    expect(edge.sent).toHaveLength(1);
    // By hand instead: what was under way ends.
    expect((await post(`${id}/credentials`)).status).toBe(200);
    expect((await rowOf(id)).nextVerifier).toBeNull();
    edge.stop();
  });

  it('is stored before it is sent: a charger may be back before its answer is', async () => {
    const seen: unknown[] = [];
    const { id, edge } = await held('ocpp1.6', () => undefined);
    edge.stop();
    const slow = h.edge(`ACCESS ${count}`, () => {
      seen.push(rowOf(id).then((row) => row.nextVerifier !== null));
      return result({ status: 'Accepted' });
    });
    await post(`${id}/credentials/rotate`);
    expect(await Promise.all(seen)).toEqual([true]);
    slow.stop();
  });

  const REFUSALS: [string, (sent: Sent) => CommandReply, number, string][] = [
    ['it says no', () => result({ status: 'Rejected' }), 409, 'command-rejected'],
    ['it has no such key', () => result({ status: 'NotSupported' }), 409, 'command-rejected'],
    [
      'it answers with an error that quotes the password',
      (sent) => ({
        status: 'error',
        code: 'PropertyConstraintViolation',
        description: `bad ${passwordIn(sent)}`,
        details: JSON.stringify({ value: passwordIn(sent) }),
      }),
      502,
      'charger-error',
    ],
    ['its queue is full', () => ({ status: 'busy' }), 429, 'charger-busy'],
  ];
  it.each(REFUSALS)('is dropped where %s', async (_name, said, http, code) => {
    const { id, edge } = await held('ocpp1.6', said);
    const answer = await post(`${id}/credentials/rotate`);
    expect([answer.status, answer.json.code]).toEqual([http, code]);
    expect((await rowOf(id)).nextVerifier).toBeNull();
    expect((await get(id)).rotation_pending_since).toBeNull();
    const password = passwordIn(edge.sent[0] as Sent);
    expect(JSON.stringify(answer.json) + h.log()).not.toContain(password);
    edge.stop();
  });

  it('is dropped where the charger is offline, and never was sent', async () => {
    const { id, edge } = await held('ocpp1.6', () => undefined);
    edge.stop();
    const answer = await post(`${id}/credentials/rotate`);
    expect([answer.status, answer.json.code]).toEqual([409, 'charger-offline']);
    expect((await rowOf(id)).nextVerifier).toBeNull();
  });

  it.each([
    ['timeout', 504],
    ['lost', 502],
  ] as const)('stays beside the old one where nobody knows whether it was taken: %s', async (status, http) => {
    const { id, edge } = await held('ocpp2.0.1', () => ({ status }));
    expect((await post(`${id}/credentials/rotate`)).status).toBe(http);
    expect((await rowOf(id)).nextVerifier).not.toBeNull();
    edge.stop();
  });

  it('what a refused one replaced holds again', async () => {
    const said = ['Accepted', 'Rejected'];
    const { id, edge } = await held('ocpp1.6', () => result({ status: said.shift() ?? '' }));
    await post(`${id}/credentials/rotate`);
    const first = (await rowOf(id)).nextVerifier;
    await h.db.query(`update station set connected_at = now() + interval '1 s' where id = $1::int8`, [Number(id)]);
    expect((await post(`${id}/credentials/rotate`)).status).toBe(409);
    expect((await rowOf(id)).nextVerifier).toEqual(first);
    edge.stop();
  });

  it('is no matter of drivers and strangers', async () => {
    const { id, edge } = await held('ocpp1.6', () => result({ status: 'Accepted' }));
    expect((await post(`${id}/credentials/rotate`, 'user')).status).toBe(403);
    expect((await post(`${id}/credentials/rotate`, 'stranger')).status).toBe(404);
    expect((await rowOf(id)).nextVerifier).toBeNull();
    expect((await post(`${id}/credentials/rotate`, 'admin')).status).toBe(200);
    edge.stop();
  });
});

describe('security profiles', () => {
  it('the least one is set by an operator, also at registration', async () => {
    const { id, edge } = await held('ocpp1.6', () => undefined);
    expect(await get(id)).toMatchObject({ min_security_profile: 0, desired_security_profile: null, flapping: null });
    expect((await patch(id, { min_security_profile: 2 })).json.min_security_profile).toBe(2);
    expect((await patch(id, { min_security_profile: 4 })).status).toBe(422);
    expect((await patch(id, { name: 'x' })).json.min_security_profile).toBe(2);
    const made = await h.call('POST', DEVICES, {
      as: 'operator',
      body: { identity: `ACCESS ${++count}`, min_security_profile: 3 },
    });
    expect(made.json.min_security_profile).toBe(3);
    edge.stop();
  });

  const network = (securityProfile: number) => ({
    configurationSlot: 1,
    connectionData: {
      ...{ ocppVersion: 'OCPP20', ocppTransport: 'JSON', ocppCsmsUrl: 'wss://127.0.0.1/ocpp', messageTimeout: 30 },
      ...{ securityProfile, ocppInterface: 'Wired0' },
    },
  });
  const variables = (value: string, name = 'securityprofile') => ({
    setVariableData: [{ attributeValue: value, component: { name: 'SecurityCtrlr' }, variable: { name } }],
  });

  it.each([
    ['ChangeConfiguration', { key: 'SecurityProfile', value: '2' }, 2],
    ['ChangeConfiguration', { key: 'securityprofile', value: '3' }, 3],
    ['ChangeConfiguration', { key: 'SecurityProfile', value: '9' }, undefined],
    ['ChangeConfiguration', { key: 'HeartbeatInterval', value: '2' }, undefined],
    ['SetVariables', variables('3'), 3],
    ['SetVariables', variables('3', 'Other'), undefined],
    ['SetVariables', { setVariableData: 'none' }, undefined],
    ['SetNetworkProfile', network(2), 2],
    ['SetNetworkProfile', network(0), undefined],
    ['SetNetworkProfile', { connectionData: null }, undefined],
    ['Reset', { key: 'SecurityProfile', value: '2' }, undefined],
  ] as const)('%s %j tells of %s', (action, payload, wanted) => {
    expect(wantedProfile(action, payload)).toBe(wanted);
  });

  it.each([
    ['ocpp1.6', 'ChangeConfiguration', { key: 'SecurityProfile', value: '2' }, result({ status: 'Accepted' }), 2],
    ['ocpp1.6', 'ChangeConfiguration', { key: 'SecurityProfile', value: '2' }, result({ status: 'Rejected' }), null],
    ['ocpp2.0.1', 'SetVariables', variables('3'), variableResult('RebootRequired', 'SecurityProfile'), 3],
    ['ocpp2.0.1', 'SetVariables', variables('3'), variableResult('Rejected', 'SecurityProfile'), null],
    ['ocpp2.0.1', 'SetNetworkProfile', network(2), result({ status: 'Accepted' }), 2],
    ['ocpp2.0.1', 'SetNetworkProfile', network(2), result({ status: 'Failed' }), null],
    ['ocpp2.0.1', 'SetNetworkProfile', network(2), { status: 'timeout' } as const, 2],
    ['ocpp2.0.1', 'SetNetworkProfile', network(2), { status: 'busy' } as const, null],
  ] as const)(
    '%s %s: what the charger was told is noted before it is sent (%#)',
    async (version, action, payload, reply, noted) => {
      const early: Promise<number | null>[] = [];
      const { id, edge } = await held(version, () => {
        early.push(rowOf(id).then((row) => row.desired));
        return reply;
      });
      await h.call('POST', `${DEVICES}/${id}/commands/${action}`, { as: 'operator', body: payload });
      expect(edge.sent).toHaveLength(1);
      expect((await rowOf(id)).desired).toBe(noted);
      if (noted !== null) expect(await Promise.all(early)).toEqual([noted]);
      edge.stop();
    },
  );

  it('a command that is refused before it is sent, or tells of no higher one, leaves no note', async () => {
    const { id, edge } = await held('ocpp1.6', () => result({ status: 'Accepted' }));
    const send = (payload: unknown) =>
      h.call('POST', `${DEVICES}/${id}/commands/ChangeConfiguration`, { as: 'operator', body: payload });
    expect((await send({ key: 'SecurityProfile', value: '2', extra: 1 })).status).toBe(422);
    expect((await rowOf(id)).desired).toBeNull();
    await patch(id, { min_security_profile: 2 });
    expect((await send({ key: 'SecurityProfile', value: '2' })).status).toBe(200);
    expect((await rowOf(id)).desired).toBeNull();
    edge.stop();
  });
});

describe('8: a flapping device', () => {
  it('is shown, found, and let go by an operator', async () => {
    const { id, identity, edge } = await held('ocpp1.6', () => undefined);
    await h.db.query(
      `update station set connects = 61, connects_since = now(), flap_until = now() + interval '900 s' where id = $1::int8`,
      [Number(id)],
    );
    const flapping = { until: expect.stringMatching(/Z$/), connects: 61 };
    expect((await get(id)).flapping).toEqual(flapping);
    const list = async (query: string) => {
      const found = await h.call('GET', `${DEVICES}?q=${encodeURIComponent(identity)}&${query}`, { as: 'operator' });
      return found.json.items as Json[];
    };
    const [listed, ...others] = await list('flapping=true');
    expect([listed?.id, listed?.flapping, others]).toEqual([id, flapping, []]);
    expect(listed?.flapping).toEqual((await get(id)).flapping);
    expect((await list('flapping=false')).map((item) => item.id)).not.toContain(id);
    expect((await post(`${id}/unblock-flapping`, 'stranger')).status).toBe(404);
    const freed = await post(`${id}/unblock-flapping`);
    expect([freed.status, freed.json.flapping]).toEqual([200, null]);
    expect(await list('flapping=true')).toEqual([]);
    edge.stop();
  });
});
