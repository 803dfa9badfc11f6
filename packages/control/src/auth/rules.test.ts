/** Every route, called by everybody: a route without a rule, or without a row in the table of good calls, fails. */
import type { UserRole } from '@sigec/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../testing/harness.js';
import { ROWS } from '../testing/routes/rows.js';
import { RouteWorld } from '../testing/routes/world.js';
import { ROLES } from './permissions.js';
import { ROUTE_RULES } from './rules.js';

const API = '/api/v1';
let world: RouteWorld;
beforeAll(async () => {
  world = await RouteWorld.begin();
  await world.person('outsider', 2, 'admin');
});
afterAll(() => world.h.close());

const routes = () =>
  [
    ...new Set(
      world.h.app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
    ),
  ].sort();

const mayUse = (role: UserRole, key: string): boolean => {
  const rule = ROUTE_RULES[key];
  return rule !== undefined && rule !== 'public' && (rule === 'anybody' || ROLES[role].has(rule));
};

/** Somebody of the other tenant who may use the route there. */
const strangerTo = (key: string) => (mayUse('operator', key) ? 'stranger' : 'outsider');

const idsOf = ({ json }: { json: Json }) => (json.items as Json[]).map((item) => item.id);

/** The tables that routes of `own` make rows in. */
const MAKES: Readonly<Record<string, string>> = {
  'POST /api/v1/devices': 'station',
  'POST /api/v1/id-tokens': 'id_token',
  'POST /api/v1/me/id-tokens': 'id_token',
  'POST /api/v1/api-keys': 'api_key',
  'POST /api/v1/users': 'app_user',
  'POST /api/v1/sites': 'site',
  'POST /api/v1/groups': 'station_group',
  'POST /api/v1/command-batches': 'command_batch',
  'POST /api/v1/tariffs': 'tariff',
  'POST /api/v1/webhooks': 'webhook',
};

describe('every route', () => {
  it('has a rule, and a row of this table', () => {
    expect(routes().length).toBeGreaterThan(20);
    expect(Object.keys(ROUTE_RULES).sort()).toEqual(routes());
    expect(Object.keys(ROWS).sort()).toEqual(routes());
    for (const [key, { other }] of Object.entries(ROWS))
      expect(other === 'public', key).toBe(ROUTE_RULES[key] === 'public');
  });

  it('lets in whom its rule names, and nobody else', async () => {
    for (const [key, rule] of Object.entries(ROUTE_RULES)) {
      const { status } = await world.call(key, undefined);
      if (rule === 'public') expect([401, 403, 404, 405], key).not.toContain(status);
      else expect(status, key).toBe(401);
      if (rule === 'public') continue;
      for (const role of ['user', 'operator', 'admin'] as const) {
        const answer = await world.call(key, role);
        const said = `${key} as ${role}: ${JSON.stringify(answer.json)}`;
        if (!mayUse(role, key)) expect(answer.status, said).toBe(403);
        else if (role === 'user') expect([401, 403], said).not.toContain(answer.status);
        // Staff reach what the row leads to: else "not found" for a stranger would say nothing.
        else expect([400, 401, 403, 404, 405, 415, 422, 500], said).not.toContain(answer.status);
      }
    }
  });

  it('shows and changes nothing of another tenant', async () => {
    const before = await world.everything();
    for (const [key, { other }] of Object.entries(ROWS)) {
      if (other === 'public' || other === 'own' || other === 'all' || other === 'self') continue;
      if (other === 'table') {
        expect((await world.call(key, 'operator')).text, key).toContain('RULES');
        expect((await world.call(key, 'stranger')).text, key).not.toContain('RULES');
        continue;
      }
      const answer = await world.call(key, strangerTo(key));
      const said = `${key}: ${JSON.stringify(answer.json)}`;
      if (other === 'refused') {
        expect([answer.status, answer.json.code], said).toEqual([422, 'validation']);
        continue;
      }
      if (other === 'theirs') {
        const ours = idsOf(await world.call(key, 'admin'));
        expect(ours, key).not.toEqual([]);
        expect(
          idsOf(answer).filter((id) => ours.includes(id)),
          key,
        ).toEqual([]);
        continue;
      }
      // There is something to be seen, for whoever may.
      if (other === 'nothing') expect((await world.call(key, 'operator')).json.items, key).not.toEqual([]);
      if (other === 'absent') expect([answer.status, answer.json.code], said).toEqual([404, 'not-found']);
      else expect([answer.status, (answer.json as Json & { items: unknown[] }).items], said).toEqual([200, []]);
    }
    expect(await world.everything()).toEqual(before);
  });

  it('makes what a stranger makes in their own tenant', async () => {
    for (const [key, { other }] of Object.entries(ROWS)) {
      if (other !== 'own') continue;
      const answer = await world.call(key, strangerTo(key));
      expect([200, 201, 202], key).toContain(answer.status);
      const table = MAKES[key];
      if (table === undefined) continue;
      const [row] = await world.h.db.query<{ tenant_id: number }>(
        `select tenant_id from ${table} where id::text = $1::text`,
        [String(answer.json.id)],
      );
      expect(row?.tenant_id, key).toBe(2);
    }
  });

  it('says nothing of what failed inside, whatever fails', async () => {
    const tables = await world.h.db.query<{ name: string }>(
      `select table_name::text as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    for (const { name: table } of tables) await world.h.db.query(`alter table ${table} rename to ${table}_away`);
    const answers: string[] = [];
    for (const [key, rule] of Object.entries(ROUTE_RULES)) {
      const body = { email: 'operator@example.test', password: 'x' };
      const login = key === 'POST /api/v1/auth/login';
      const answer = login ? await world.h.call('POST', `${API}/auth/login`, { body }) : await world.call(key, 'admin');
      // Of the installation: a process holds it, and needs no database to say it.
      const held = ROWS[key]?.other === 'all';
      if ((rule !== 'public' || login) && !held) expect(answer.status, key).toBeGreaterThanOrEqual(500);
      if (rule !== 'public' || login) answers.push(`${key} ${JSON.stringify(answer.json)}`);
      expect(answer.headers.get('content-security-policy'), key).toBeTruthy();
    }
    for (const { name: table } of tables) await world.h.db.query(`alter table ${table}_away rename to ${table}`);
    for (const text of answers)
      expect(text).not.toMatch(
        /select |insert |update |\$1|relation|_away|station_id|stack|Error|node_modules|\.js|\.ts/i,
      );
    expect(world.h.log()).toMatch(/relation .* does not exist/);
  });
});
