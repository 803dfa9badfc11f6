/** The wall between tenants, on either database: what a query forgets is not seen all the same. */
import { eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { OTHER_TENANT, station, USER } from './harness.contract.js';
import * as schema from './schema.js';
import { behindTenantWall } from './tenant-wall.js';

export function tenantWallContract(database: () => Database): void {
  describe('the wall between tenants', () => {
    let tenant: number | undefined;
    let walled: Database;
    let mine: number;
    let others: number;
    beforeAll(async () => {
      walled = behindTenantWall(database(), () =>
        tenant === undefined ? undefined : { tenantId: tenant, userId: USER },
      );
      [mine, others] = [await station(database()), await station(database(), OTHER_TENANT)];
      await database().query(
        `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
         select id, 1, 1, 'Available', 'Available', now() from unnest($1::text::int8[]) as k(id)`,
        [`{${mine},${others}}`],
      );
    });
    const as = async <T>(id: number | undefined, work: () => Promise<T>): Promise<T> => {
      tenant = id;
      try {
        return await work();
      } finally {
        tenant = undefined;
      }
    };
    const seen = () =>
      walled.query<{ id: number }>('select id from station where id = any($1::text::int8[]) order by id', [
        `{${mine},${others}}`,
      ]);

    it('stands around every table', async () => {
      const open = await database().query<{ name: string }>(
        `select c.relname::text as name from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           and not (c.relrowsecurity and exists (select 1 from pg_policy p where p.polrelid = c.oid))`,
      );
      expect(open.map(({ name }) => name)).toEqual([]);
      const views = await database().query<{ name: string }>(
        `select relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'
           and not coalesce(reloptions @> '{security_invoker=true}', false)`,
      );
      expect(views).toEqual([]);
    });

    it('shows each tenant its own rows, and whoever is nobody in particular all of them', async () => {
      expect((await as(1, seen)).map(({ id }) => id)).toEqual([mine]);
      expect((await as(OTHER_TENANT, seen)).map(({ id }) => id)).toEqual([others]);
      expect((await as(99, seen)).length).toBe(0);
      expect((await seen()).map(({ id }) => id)).toEqual([mine, others]);
    });

    it('stands in transactions and for the query builder, and ends with each', async () => {
      const both = await as(1, () =>
        walled.transaction(async (tx) =>
          Promise.all([
            tx.query('select 1 from station where id = $1::int8', [others]),
            tx.rows('select 1 from station where id = $1::int8', [mine]),
          ]),
        ),
      );
      expect(both.map((rows) => rows.length)).toEqual([0, 1]);
      const built = (id: number) => walled.orm.select().from(schema.station).where(eq(schema.station.id, id));
      expect((await as(1, () => built(others))).length).toBe(0);
      const [row] = await as(1, () => built(mine));
      expect(row).toEqual((await database().orm.select().from(schema.station).where(eq(schema.station.id, mine)))[0]);
      expect((await database().query<{ role: string }>('select current_user::text as role'))[0]?.role).not.toBe(
        'sigec_tenant',
      );
    });

    it('covers what belongs to a station without saying its tenant', async () => {
      const found = await as(1, () =>
        walled.query<{ id: number }>(
          'select station_id as id from connector where station_id = any($1::text::int8[])',
          [`{${mine},${others}}`],
        ),
      );
      expect(found.map(({ id }) => id)).toEqual([mine]);
    });

    it('lets nobody write for another, or change what is another’s', async () => {
      const insert = () =>
        walled.query('insert into station (tenant_id, identity) values ($1::int4, $2::text)', [OTHER_TENANT, 'OVER']);
      await expect(as(1, insert)).rejects.toThrow(/row-level security/);
      const steal = () => walled.query('update station set tenant_id = 1 where id = $1::int8 returning id', [others]);
      expect(await as(1, steal)).toEqual([]);
      const give = () =>
        walled.query('update station set tenant_id = $2::int4 where id = $1::int8', [mine, OTHER_TENANT]);
      await expect(as(1, give)).rejects.toThrow(/row-level security/);
      await as(1, () => walled.query('delete from connector where station_id = $1::int8', [others]));
      expect(await database().query('select 1 from connector where station_id = $1::int8', [others])).toHaveLength(1);
    });
  });
}
