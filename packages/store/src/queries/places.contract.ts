/** Fleets as they were before there were sites, and as large as they get: what was text, and what is found without a scan. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { MIGRATIONS_FOLDER } from '../migrations.js';
import { station } from '../schema.js';
import { behindTenantWall } from '../tenant-wall.js';
import { NEARBY, nearbyParams, nearbyStations } from './nearby.js';
import type { Actor } from './scope.js';
import { listStations, matching, type StationFilter } from './station-list.js';

const OPERATOR: Actor = { userId: '0193f000-0000-7000-8000-0000000000cc', tenantId: 1, role: 'operator' };
const FLEET = 50_000;
const CENTRE = { lat: -23.55, lng: -46.63 };

function metres(a: { lat: number; lng: number }, b: { lat: number; lng: number }): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const h =
    Math.sin(radians(a.lat - b.lat) / 2) ** 2 +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(a.lng - b.lng) / 2) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(h));
}

async function run(db: Database, from: string, to: string): Promise<void> {
  for (const file of readdirSync(MIGRATIONS_FOLDER).sort()) {
    if (!file.endsWith('.sql') || file < from || file >= to) continue;
    for (const statement of readFileSync(join(MIGRATIONS_FOLDER, file), 'utf8').split('--> statement-breakpoint'))
      await db.query(statement);
  }
}

const literal = (value: unknown): string => (typeof value === 'number' ? String(value) : `'${String(value)}'`);

/** The plan that is made without a look at the values, as the role makes it. */
async function planOf(db: Database, text: string, params: readonly unknown[]): Promise<string> {
  return db.transaction(async (tx) => {
    await tx.query("set local plan_cache_mode = 'force_generic_plan'");
    await tx.query(`prepare looked as ${text}`);
    const rows = await tx.query<{ 'QUERY PLAN': string }>(`explain execute looked(${params.map(literal).join(', ')})`);
    await tx.query('deallocate looked');
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
}

export function placesContract(empty: () => Promise<readonly Database[]>): void {
  describe('a fleet of before there were sites', () => {
    let ways: readonly Database[] = [];
    let db: Database;
    beforeAll(async () => {
      ways = await empty();
      db = ways[0] as Database;
      await run(db, '0000', '0012');
      await db.query("insert into tenant (id, name) values (2, 'other')");
      await db.query(
        `insert into station (tenant_id, identity, name, site) values (1, 'A', 'Ação', 'Pátio'), (1, 'B', null, 'Pátio'),
           (2, 'C', null, 'Pátio'), (1, 'D', null, ''), (1, 'E', null, null)`,
      );
      await run(db, '0012', '9999');
    });
    afterAll(() => Promise.all(ways.map((way) => way.close())));

    it('has a site for each name of each tenant, and is found by it', async () => {
      const rows = await db.query(
        `select s.identity, x.name, x.tenant_id = s.tenant_id as own, x.time_zone as zone, f.words like '%patio%' as found
         from station s left join site x on x.id = s.site_id join station_search f on f.station_id = s.id order by 1`,
      );
      const pátio = { name: 'Pátio', own: true, zone: 'America/Sao_Paulo', found: true };
      const none = { name: null, own: null, zone: null, found: false };
      expect(rows).toEqual([
        ...['A', 'B', 'C'].map((identity) => ({ identity, ...pátio })),
        ...['D', 'E'].map((identity) => ({ identity, ...none })),
      ]);
      const [sites] = await db.query('select count(*)::int4 as n from site');
      expect(sites).toEqual({ n: 2 });
      const [action] = await db.query("select words from station_search where words like '%acao%'");
      expect(action).toBeDefined();
    });

    describe('that has grown to fifty thousand', () => {
      beforeAll(async () => {
        // One word each, and their index made at the end: what is asked is how they are found, not how they are written.
        await db.query('alter table station disable trigger station_added');
        await db.query('drop index station_search_words');
        await db.query(
          `insert into site (tenant_id, name, lat, lng)
           select 1, 'X' || n, ${CENTRE.lat} + (n % 40 - 20) * 0.01, ${CENTRE.lng} + (n / 40 - 20) * 0.01
           from generate_series(1, 1600) as n`,
        );
        // Every tenth stands where its site does.
        await db.query(
          `insert into station (tenant_id, identity, lat, lng, site_id)
           select 1, 'BR-' || n, case when n % 10 > 0 then ${CENTRE.lat} + (n % 223 - 111) * 0.011 end,
             case when n % 10 > 0 then ${CENTRE.lng} + (n / 223 - 111) * 0.011 end,
             (select min(id) from site where name like 'X%') + n % 1600
           from generate_series(1, $1::int4) as n`,
          [FLEET],
        );
        await db.query('insert into station_search select id, lower(identity) from station on conflict do nothing');
        await db.query('create index station_search_words on station_search using gin (words gin_trgm_ops)');
        for (const table of ['station', 'site', 'station_search']) await db.query(`analyze ${table}`);
      });

      it.each([
        ['a few streets', 2000, 20],
        ['a city', 30_000, 50],
        ['the radius that ends the search', 300, 50],
      ] as const)('shows the nearest of all within %s', { timeout: 30_000 }, async (_, radiusM, limit) => {
        const all = await db.query<{ id: number; lat: number; lng: number }>(
          `select s.id, coalesce(s.lat, x.lat) as lat, coalesce(s.lng, x.lng) as lng
           from station s join site x on x.id = s.site_id where s.tenant_id = 1 and coalesce(s.lat, x.lat) is not null`,
        );
        const expected = all
          .map((row) => ({ id: row.id, m: metres(CENTRE, row) }))
          .filter(({ m }) => m <= radiusM)
          .sort((a, b) => a.m - b.m);
        const found = await nearbyStations(db, OPERATOR, { ...CENTRE, radiusM, limit });
        expect(found.length).toBe(Math.min(limit, expected.length));
        // Those at one distance may stand in either order.
        for (const [n, { distanceM }] of found.entries()) expect(distanceM).toBeCloseTo(expected[n]?.m ?? -1, 3);
      });

      it('looks around a point by index alone', { timeout: 30_000 }, async () => {
        const plan = await planOf(db, NEARBY, nearbyParams(OPERATOR, { ...CENTRE, radiusM: 5000, limit: 50 }));
        expect(plan).not.toContain('Seq Scan');
        expect(plan).toContain('station_place');
        expect(plan).toContain('site_place');
      });

      it.each([
        [{ q: 'br-4999' }, 'station_search_words'],
        [{ q: 'br 49', status: 'Available' }, 'station_search_words'],
        [{ siteId: 7 }, 'station_site'],
        [{ groupId: 7 }, 'station_group_member_pkey'],
      ] as const)('finds %j by index alone', { timeout: 30_000 }, async (filter: StationFilter, index) => {
        const query = db.orm
          .select({ id: station.id })
          .from(station)
          .where(matching(OPERATOR, filter))
          .orderBy(asc(station.id))
          .limit(51);
        const { sql, params } = query.toSQL();
        const plan = await planOf(db, sql, params);
        expect(plan).not.toContain('Seq Scan');
        expect(plan).toContain(index);
      });

      it('lists what grants lead to from where they lead, and works it out once', { timeout: 30_000 }, async () => {
        const [site] = await db.query<{ id: number }>("select id from site where name = 'X7'");
        const granted: Actor = { ...OPERATOR, role: 'user', reach: { sites: [site?.id ?? 0], groups: [] } };
        const walled = behindTenantWall(db, () => granted);
        const { items } = await listStations(walled, granted, { limit: 50 });
        expect(items.map(({ siteId }) => siteId)).toEqual(Array(32).fill(site?.id));
        const { sql, params } = db.orm
          .select()
          .from(station)
          .where(matching(granted, {}))
          .orderBy(asc(station.id))
          .toSQL();
        const given = params.map(literal);
        const text = sql.replace(/\$(\d+)/g, (_, n: string) => given[Number(n) - 1] ?? 'null');
        const rows = await walled.query<{ 'QUERY PLAN': string }>(`explain (analyze, costs off, timing off) ${text}`);
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        expect(plan).not.toContain('Seq Scan on station ');
        const workedOut = [...plan.matchAll(/SubPlan \d+\n[^\n]*loops=(\d+)/g)].map(([, loops]) => loops);
        expect(workedOut.length, plan).toBeGreaterThan(1);
        for (const loops of workedOut) expect(loops, plan).toBe('1');
      });
    });
  });
}
