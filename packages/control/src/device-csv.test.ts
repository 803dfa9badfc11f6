import { passwordProof, verifierMatches } from '@sigec/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, type Json, startHarness } from './testing/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.close());

const DEVICES = '/api/v1/devices';
const operator = { as: 'operator' } as const;
const take = (body: string, query = '', type = 'text/csv; charset=utf-8') =>
  h.call('POST', `${DEVICES}/import${query}`, { ...operator, body, headers: { 'content-type': type } });
const identities = async (query: string) =>
  ((await h.call('GET', `${DEVICES}?${query}`, operator)).json.items as Json[]).map(({ identity }) => identity);
const lines = (json: Json) =>
  (json.bad_lines as { line: number; field: string }[]).map((bad) => `${bad.line} ${bad.field}`);

describe('a file of devices', () => {
  it('is registered with its sites, groups and passwords', async () => {
    const file = [
      'identity;name;site;address;lat;lng;security_profile;published;groups;password',
      'CSV-1;Estação 1;Pátio CSV;Rua A, 1;-23.5;-46.6;;true;CSV Norte|CSV Sul;',
      'CSV-2;;Pátio CSV;;;;;;CSV Norte;sixteen-chars-ok',
      'CSV-3;;;;;;0;;;',
    ].join('\r\n');
    const answer = await take(file);
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ dry_run: false, registered: 3, bad_lines: [] });
    const devices = answer.json.devices as { line: number; id: string; credentials: Json | null }[];
    expect(devices.map(({ line, credentials }) => [line, credentials === null])).toEqual([
      ...[
        [2, false],
        [3, true],
        [4, true],
      ],
    ]);
    const first = await h.call('GET', `${DEVICES}/${devices[0]?.id}`, operator);
    expect(first.json).toMatchObject({
      ...{ name: 'Estação 1', published: true, security_profile: 1 },
      location: { lat: -23.5, lng: -46.6, address: 'Rua A, 1', site: 'Pátio CSV' },
    });
    for (const [n, password] of [
      [0, String(devices[0]?.credentials?.password)],
      [1, 'sixteen-chars-ok'],
    ] as const) {
      const [row] = await h.db.query<{ salt: Uint8Array; verifier: Uint8Array }>(
        'select secret_salt as salt, secret_verifier as verifier from station where id = $1::int8',
        [Number(devices[n]?.id)],
      );
      const proof = passwordProof(h.deps.config.pepper, Buffer.from(password));
      expect(row && verifierMatches(row.salt, proof, row.verifier), password).toBe(true);
      expect(h.log()).not.toContain(password);
    }
    expect(await identities(`site=${encodeURIComponent('Pátio CSV')}`)).toEqual(['CSV-1', 'CSV-2']);
    const groups = (await h.call('GET', '/api/v1/groups', operator)).json.items as Json[];
    expect(groups.map(({ name, devices: count }) => [name, count])).toEqual([
      ['CSV Norte', 2],
      ['CSV Sul', 1],
    ]);
  });

  it('names every line that is wrong, and registers all, the good ones, or none', async () => {
    await take('identity\nTAKEN\n');
    const file = 'identity,lat,lng\nALL-1,1,1\nALL-2,91,1\nTAKEN,,\n"ALL\n3",,\n';
    const bad = ['3 lat', '4 identity', '6 identity'];
    const dry = await take(file, '?dry_run=true');
    expect([dry.status, dry.json.registered, lines(dry.json)]).toEqual([200, 0, bad]);
    const partly = await take(file, '?dry_run=true&all_or_nothing=false');
    expect([partly.json.registered, partly.json.devices]).toEqual([1, []]);
    const none = await take(file);
    expect([none.status, none.json.code]).toEqual([422, 'validation']);
    expect((none.json.errors as Json[])[0]).toMatchObject({ field: 'lines.3.lat' });
    // What the file says by itself is told first; whether an identity is taken is asked of a file that is right.
    expect(lines(none.json)).toEqual(['3 lat', '6 identity']);
    expect(lines((await take('identity\nALL-1\nTAKEN\n')).json)).toEqual(['3 identity']);
    expect(await identities('q=all-')).toEqual([]);
    const some = await take(file, '?all_or_nothing=false');
    expect([some.status, some.json.registered, lines(some.json)]).toEqual([201, 1, bad]);
    expect(await identities('q=all-')).toEqual(['ALL-1']);
  });

  it('is UTF-8 text of its own type', async () => {
    expect((await take('identity\nX\n', '', 'application/json')).status).toBe(415);
    const latin1 = await h.app.request(`${DEVICES}/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${h.tokens.operator}`, 'content-type': 'text/csv' },
      body: Buffer.from('identity,name\nX,P\xe1tio\n', 'latin1'),
    });
    expect([latin1.status, ((await latin1.json()) as Json).code]).toEqual([422, 'validation']);
    expect((await take(`identity\n${'x'.repeat(1_048_577)}`)).status).toBe(413);
    expect(await identities('q=X')).toEqual([]);
  });

  it('is given out in pages, as it may come back', async () => {
    const rows = Array.from({ length: 1001 }, (_, n) => `OUT-${n}`);
    await take(`identity,name,site\n${rows.map((identity) => `${identity},"=a ""b"", c",Saída`).join('\n')}`);
    const out = await h.call('GET', `${DEVICES}/export?site=${encodeURIComponent('Saída')}`, operator);
    expect(out.status).toBe(200);
    expect(out.headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/);
    expect(out.headers.get('content-disposition')).toContain('devices.csv');
    expect(out.headers.get('x-content-type-options')).toBe('nosniff');
    const written = out.text.split('\r\n');
    expect(written.length).toBe(1003);
    expect(written[1]).toMatch(/^OUT-0,"'=a ""b"", c",Saída,/);
    const back = await take(out.text.replaceAll('OUT-', 'BACK-'));
    expect([back.status, back.json.registered]).toEqual([201, 1001]);
    const [device] = (await h.call('GET', `${DEVICES}?q=BACK-1000`, operator)).json.items as Json[];
    expect(device).toMatchObject({ identity: 'BACK-1000', name: '=a "b", c' });
  });
});
