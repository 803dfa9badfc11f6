/** Every route that a grant can open, called where it leads and where it does not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withStations } from '../testing/contract/stage.js';
import type { Json } from '../testing/harness.js';
import { ROWS } from '../testing/routes/rows.js';
import { type Granted, RouteWorld } from '../testing/routes/world.js';
import { BESIDE_OWN, isGrantable, ROLES, setHolds } from './permissions.js';
import { OF_THE_NETWORK, ROUTE_RULES } from './rules.js';

const API = '/api/v1';
let world: RouteWorld;
beforeAll(async () => {
  world = await RouteWorld.begin();
});
afterAll(() => world.h.close());

const idsOf = ({ json }: { json: Json }) => (json.items as Json[]).map((item) => item.id);

describe('a grant', () => {
  /** What it can open, and a driver's role does not. */
  const opened = Object.entries(ROUTE_RULES).flatMap(([key, rule]) =>
    rule !== 'public' && rule !== 'anybody' && isGrantable(rule) && !ROLES.user.has(rule) ? [[key, rule] as const] : [],
  );
  /** What drivers may do with their own. */
  const widened = Object.keys(ROUTE_RULES).filter((key) => Object.hasOwn(BESIDE_OWN, ROUTE_RULES[key] ?? ''));
  /** Of these a role shows what is of other places, and of other people; or a number that is new each time. */
  const MORE = new Set([
    ...['', '/:batch_id', '/:batch_id/commands'].map((end) => `GET ${API}/command-batches${end}`),
    ...['devices', 'sites', 'groups', 'devices/:id/composite-schedule'].map((end) => `GET ${API}/${end}`),
  ]);
  const given: string[] = [];
  beforeAll(async () => {
    const give = async (name: Granted, set: string, places: readonly object[]) => {
      const user_id = await world.person(name, 1, 'user');
      for (const place of places) {
        const made = await world.h.call('POST', `${API}/grants`, { as: 'admin', body: { user_id, set, ...place } });
        expect(made.status).toBe(201);
        given.push(String(made.json.id));
      }
    };
    const here = [{ site_id: world.ids.site }, { group_id: world.ids.group }];
    await world.h.db.query('update station set site_id = $1::int8 where tenant_id = 1', [Number(world.ids.site)]);
    await give('manager', 'manager', here);
    await give('viewer', 'viewer', here);
    const far = String((await world.h.call('POST', `${API}/sites`, { as: 'operator', body: { name: 'FAR' } })).json.id);
    await world.h.call('POST', `${API}/devices`, { as: 'operator', body: { identity: 'FAR-AWAY', site_id: far } });
    await give('elsewhere', 'manager', [{ site_id: far }]);
    // Batches are whose they are.
    const batch = await world.call('POST /api/v1/command-batches', 'manager');
    world.ids = { ...world.ids, batch_of_manager: String(batch.json.id) };
  });

  it('opens at its stations what its set holds, as a role opens it everywhere', async () => {
    expect(opened.length).toBeGreaterThan(80);
    await world.h.db.query("update station set ocpp_version = 'ocpp2.1' where id = $1::int8", [Number(world.ids.id)]);
    // Its charger does all that it is told, so that what is done of that is done behind the wall too.
    await withStations(world.h, [{ identity: 'RULES', id: world.ids.id ?? '' }], 'obeys', async () => {
      for (const [key] of opened) {
        const [ours, theirs] = [await world.call(key, 'manager'), await world.call(key, 'operator')];
        const said = `${key}: ${JSON.stringify(ours.json)}`;
        expect([400, 401, 404, 405, 415, 422, 500, 502], said).not.toContain(ours.status);
        if (OF_THE_NETWORK.has(key)) expect(ours.status, said).toBe(403);
        // Some can be done once; some were done before.
        else if (theirs.status !== 409) expect(ours.status, said).toBe(theirs.status);
        else expect([200, 201, 202, 204, 409], said).toContain(ours.status);
        if (key.startsWith('GET') && !MORE.has(key)) expect(ours.json, key).toEqual(theirs.json);
      }
    });
  });

  it('opens nothing that its set does not hold', async () => {
    for (const [key, rule] of Object.entries(ROUTE_RULES)) {
      if (rule === 'public' || rule === 'anybody' || ROLES.user.has(rule)) continue;
      const holds = { manager: isGrantable(rule), viewer: setHolds('viewer', rule) };
      for (const name of ['manager', 'viewer'] as const) {
        if (holds[name]) continue;
        const answer = await world.call(key, name);
        expect([answer.status, answer.json.code], `${key} as ${name}`).toEqual([403, 'forbidden']);
      }
      const shown = holds.viewer && key.startsWith('GET') && !key.includes('batch');
      if (shown) expect((await world.call(key, 'viewer')).status, key).toBe((await world.call(key, 'operator')).status);
    }
  });

  it('leads to no other station', async () => {
    const before = await world.everything();
    for (const [key] of opened) {
      const { other } = ROWS[key] ?? {};
      if (other === 'own' || other === 'all') continue;
      const answer = await world.call(key, 'elsewhere');
      const said = `${key}: ${answer.text}`;
      if (OF_THE_NETWORK.has(key)) expect(answer.status, said).toBe(403);
      else if (other === 'absent') expect([answer.status, answer.json.code], said).toEqual([404, 'not-found']);
      else expect(answer.status, said).toBe(200);
      expect(answer.text, said).not.toMatch(/RULE|STRANDED|GONE/);
      expect(answer.text, said).not.toContain(`"device_id":"${world.ids.id}"`);
    }
    expect(await world.everything()).toEqual(before);
    const { json } = await world.call('GET /api/v1/devices', 'elsewhere');
    expect((json.items as Json[]).map(({ identity }) => identity)).toEqual(['FAR-AWAY']);
    const made = await world.call('POST /api/v1/devices', 'elsewhere');
    expect([made.status, (made.json.errors as Json[])[0]?.field]).toEqual([422, 'site_id']);
    expect((await world.call('POST /api/v1/devices/import', 'elsewhere')).status).toBe(403);
  });

  it('shows and ends the charging of others there, beside one’s own', async () => {
    for (const key of widened) {
      const { other, path = '' } = ROWS[key] ?? {};
      if (other !== 'absent' || path.endsWith('/start')) continue;
      const theirs = await world.call(key, 'operator');
      expect((await world.call(key, 'manager')).status, key).toBe(theirs.status);
      for (const name of ['elsewhere', 'user'] as const) {
        const answer = await world.call(key, name);
        // The receipt is the driver's.
        if (name === 'user' && path.includes(':ended')) expect(answer.status, key).toBe(200);
        else expect([answer.status, answer.json.code], `${key} as ${name}`).toEqual([404, 'not-found']);
      }
      const seen = setHolds('viewer', BESIDE_OWN[ROUTE_RULES[key] as 'transactions:own'] ?? 'users:manage');
      expect((await world.call(key, 'viewer')).status, key).toBe(seen ? theirs.status : 404);
    }
    for (const key of ['GET /api/v1/transactions/active', 'GET /api/v1/transactions/history']) {
      expect(idsOf(await world.call(key, 'manager')).length, key).toBeGreaterThan(2);
      expect(idsOf(await world.call(key, 'manager')), key).toEqual(idsOf(await world.call(key, 'operator')));
      expect(idsOf(await world.call(key, 'elsewhere')), key).toEqual([]);
    }
    expect(idsOf(await world.call('GET /api/v1/me/transactions', 'manager'))).toEqual([]);
  });

  it('is over with the next request when it is changed, or taken back', async () => {
    for (const id of given.slice(0, 2)) {
      expect((await world.call('PATCH /api/v1/devices/:id', 'manager')).status).toBe(200);
      await world.h.call('PATCH', `${API}/grants/${id}`, { as: 'admin', body: { set: 'viewer' } });
    }
    expect((await world.call('PATCH /api/v1/devices/:id', 'manager')).status).toBe(403);
    expect((await world.call('GET /api/v1/devices/:id', 'manager')).status).toBe(200);
    for (const id of given) await world.h.call('DELETE', `${API}/grants/${id}`, { as: 'admin' });
    for (const [key] of opened)
      for (const name of ['manager', 'viewer', 'elsewhere'] as const)
        expect((await world.call(key, name)).status, `${key} as ${name}`).toBe(403);
  });
});
