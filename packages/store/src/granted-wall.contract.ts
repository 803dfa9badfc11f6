/** The wall for whoever was let in by grants: the stations that these lead to, and nothing else that belongs to a station. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Database, isRefused } from './database.js';
import { begin, OTHER_TENANT, station, USER } from './harness.contract.js';
import type { Actor, Reach } from './queries/scope.js';
import { updateStation } from './queries/station-change.js';
import { listStations } from './queries/station-list.js';
import { createStation } from './queries/station-register.js';
import { getTransaction, listTransactions } from './queries/transactions.js';
import { behindTenantWall } from './tenant-wall.js';

/** Tables of the network that stations are explained by: read as they are, and never written. */
const READ_WHOLE = [
  ...['alarm_rule', 'firmware', 'id_token', 'id_token_removed', 'tariff', 'tariff_version', 'tenant', 'token_list'],
];
const NEVER_CHANGED = [
  ...[
    ...READ_WHOLE,
    'certificate_authority',
    'receipt',
    'site',
    'station_group',
    'station_group_member',
    'stored_file',
    'stored_file_chunk',
  ],
  'tariff_assignment',
];
/** Theirs because they made it. */
const OWN = ['command_batch', 'idempotency_key'];
/** Nothing of these is theirs to read. */
const SHUT = [
  ...['account_token', 'alarm_turn', 'api_key', 'app_user', 'audit_entry', 'erasure', 'external_identity'],
  ...['notification', 'outbox', 'receipt_counter', 'recovery_code', 'second_factor', 'signing_key', 'station_grant'],
  ...['webhook', 'webhook_delivery'],
];
/** What holds for all stations is shown beside what holds for theirs. */
const ALSO_OF_ALL = ['desired_setting', 'tariff_assignment'];

const NOWHERE: Reach = { sites: [], groups: [] };
const TABLES = `from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`;

export function grantedWallContract(database: () => Database): void {
  describe('the wall for those whom grants let in', () => {
    let reach: Reach | undefined;
    let walled: Database;
    /** At the first site; at the second; in the group, and at the second site; at none. */
    let [here, there, member, stray]: number[] = [];
    let [first, second, group]: number[] = [];
    const whom = (): Actor => ({ tenantId: 1, userId: USER, role: 'user', ...(reach === undefined ? {} : { reach }) });
    const as = async <T>(where: Partial<Reach>, work: () => Promise<T>): Promise<T> => {
      reach = { ...NOWHERE, ...where };
      try {
        return await work();
      } finally {
        reach = undefined;
      }
    };
    const made = async (text: string) => (await database().query<{ id: number }>(text))[0]?.id ?? 0;
    const refused = async (work: Promise<unknown>) => {
      const error = await work.then(() => undefined).catch((cause: unknown) => cause);
      expect(isRefused(error) || isRefused((error as Error).cause), String(error)).toBe(true);
    };
    beforeAll(async () => {
      const db = database();
      walled = behindTenantWall(db, () => (reach === undefined ? undefined : whom()));
      first = await made("insert into site (tenant_id, name) values (1, 'granted first') returning id");
      second = await made("insert into site (tenant_id, name) values (1, 'granted second') returning id");
      group = await made("insert into station_group (tenant_id, name) values (1, 'granted') returning id");
      [here, there, member, stray] = [await station(db), await station(db), await station(db), await station(db)];
      await db.query('update station set site_id = $2::int8 where id = $1::int8', [here, first]);
      await db.query('update station set site_id = $3::int8 where id in ($1::int8, $2::int8)', [there, member, second]);
      await db.query('insert into station_group_member (group_id, station_id) values ($1::int8, $2::int8)', [
        group,
        member,
      ]);
      await db.query(
        `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
         select id, 1, 1, 'Available', 'Available', now() from unnest($1::text::int8[]) as k(id)`,
        [`{${here},${there},${member}}`],
      );
      await begin(db, [here, there, member]);
    });

    it('leaves no table that nobody has said anything of', async () => {
      const tables = await database().query<{ name: string; reads: boolean; writes: boolean }>(
        `select c.relname::text as name, has_table_privilege('sigec_granted', c.oid, 'select') as reads,
           has_table_privilege('sigec_granted', c.oid, 'update, delete') as writes ${TABLES}`,
      );
      const names = (which: readonly { readonly name: string }[]) => which.map(({ name }) => name).sort();
      expect(names(tables.filter(({ reads }) => !reads))).toEqual([...SHUT].sort());
      expect(names(tables.filter(({ reads, writes }) => reads && !writes))).toEqual([...NEVER_CHANGED].sort());
    });

    it('shows nobody who reaches nothing a row of a station', async () => {
      const tables = await database().query<{ name: string }>(
        `select c.relname::text as name ${TABLES} and has_table_privilege('sigec_granted', c.oid, 'select')`,
      );
      const open: string[] = [];
      for (const { name } of tables)
        if ((await as({}, () => walled.query(`select 1 from ${name} limit 1`))).length > 0) open.push(name);
      const files = ['certificate_authority', 'stored_file', 'stored_file_chunk'];
      const allowed = [...READ_WHOLE, ...ALSO_OF_ALL, ...OWN, ...files];
      expect(open.filter((name) => !allowed.includes(name))).toEqual([]);
    });

    it('shows of each table the rows of what is reached', async () => {
      const tables = await database().query<{ name: string }>(
        `select c.relname::text as name ${TABLES} and exists (
           select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'station_id')
           and has_table_privilege('sigec_granted', c.oid, 'select')`,
      );
      expect(tables.length).toBeGreaterThan(40);
      const seen = new Set<string>();
      for (const { name } of tables) {
        const rows = await as({ sites: [first as number], groups: [group as number] }, () =>
          walled.query<{ id: number | null }>(`select distinct station_id as id from ${name}`),
        );
        const ids = rows.map(({ id }) => id).filter((id) => id !== null || !ALSO_OF_ALL.includes(name));
        expect(
          ids.filter((id) => id !== null && id !== here && id !== member),
          name,
        ).toEqual([]);
        if (ids.length > 0) seen.add(name);
      }
      expect([...seen]).toEqual(expect.arrayContaining(['connector', 'transaction', 'station_search']));
    });

    it('leads to the stations of sites and of groups, and shows only these places', async () => {
      const found = async (where: Partial<Reach>) => ({
        stations: (await as(where, () => listStations(walled, whom(), { limit: 100 }))).items.map(({ id }) => id),
        sites: (await as(where, () => walled.query<{ id: number }>('select id from site order by id'))).map(
          ({ id }) => id,
        ),
        groups: (await as(where, () => walled.query<{ id: number }>('select id from station_group'))).map(
          ({ id }) => id,
        ),
      });
      expect(await found({ sites: [first as number] })).toEqual({ stations: [here], sites: [first], groups: [] });
      // Where a member of a group stands is seen, and nothing else there.
      expect(await found({ groups: [group as number] })).toEqual({
        stations: [member],
        sites: [second],
        groups: [group],
      });
      const all = await found({ sites: [first as number, second as number], groups: [group as number] });
      expect(all.stations).toEqual([here, there, member]);
      expect(await found({})).toEqual({ stations: [], sites: [], groups: [] });
    });

    it('shows the transactions of what is reached, whosever they are', async () => {
      await as({ sites: [first as number] }, async () => {
        const { items } = await listTransactions(walled, whom(), { limit: 100 });
        expect(items.map(({ stationId }) => stationId)).toEqual([here]);
        const [other] = await database().query<{ id: number }>(
          'select id from transaction where station_id = $1::int8',
          [there as number],
        );
        expect(await getTransaction(walled, whom(), other?.id ?? 0)).toBeUndefined();
        expect(await getTransaction(walled, whom(), items[0]?.id ?? 0)).toBeDefined();
      });
    });

    it('takes no station to or from where it does not reach', async () => {
      const to = (id: number | undefined, siteId: number | null) => () =>
        updateStation(walled, whom(), id ?? 0, { siteId });
      await as({ sites: [first as number] }, async () => {
        await refused(to(here, second as number)());
        await refused(to(here, null)());
        expect(await to(there, first as number)()).toBeUndefined();
        expect(await to(stray, first as number)()).toBeUndefined();
      });
      const [unmoved] = await database().query('select site_id as id from station where id = $1::int8', [
        here as number,
      ]);
      expect(unmoved).toEqual({ id: first });
      await as({ sites: [first as number, second as number] }, to(here, second as number));
      await as({ sites: [first as number, second as number] }, to(here, first as number));
    });

    it('registers stations at what is reached, and makes no places', async () => {
      const made = (identity: string, where: object) => () =>
        createStation(walled, whom(), { identity, securityProfile: 0, secret: null, ...where });
      await as({ sites: [first as number] }, async () => {
        const added = await made('GRANTED-1', { siteId: first })();
        expect(added?.siteId).toBe(first);
        expect((await made('GRANTED-2', { site: 'granted first' })())?.siteId).toBe(first);
        await refused(made('GRANTED-3', { siteId: second })());
        await refused(made('GRANTED-4', {})());
        await refused(made('GRANTED-5', { site: 'granted second' })());
        await refused(made('GRANTED-6', { siteId: first, groups: ['granted'] })());
        await refused(updateStation(walled, whom(), added?.id ?? 0, { site: 'new' }));
      });
      await database().query("delete from station where identity like 'GRANTED-%'");
    });

    it('refuses what it does not let write', async () => {
      const values: Readonly<Record<string, string>> = {
        'insert into station_group_member (group_id, station_id)': `values (${group}, ${stray})`,
        'insert into connect_code (code, tenant_id, station_id, evse_id, connector_id)': `values ('GRANTEDXXX', 1, ${there}, 1, 1)`,
        'insert into tariff (tenant_id, name)': "values (1, 'x')",
        'insert into station_grant (tenant_id, user_id, site_id, permission_set)': `values (1, '${USER}', ${second}, 'manager')`,
        'insert into outbox (tenant_id, kind, payload)': `values (${OTHER_TENANT}, 'x.y', '{}')`,
        'insert into command_batch (tenant_id, created_by, action, payload, filter, state, total)': `values (1, gen_random_uuid(), 'x', '{}', '{}', 'running', 1)`,
      };
      for (const [into, row] of Object.entries(values))
        await as({ sites: [first as number], groups: [group as number] }, () =>
          refused(walled.query(`${into} ${row}`)),
        );
      await as({ sites: [first as number] }, async () => {
        await refused(walled.query('select email from app_user'));
        await refused(walled.query('update site set name = name'));
        expect(
          await walled.query('update connector set info = $1 where station_id = $2::int8 returning 1', [
            'x',
            there as number,
          ]),
        ).toEqual([]);
        await walled.query('delete from station where id = $1::int8', [there as number]);
      });
      expect(await database().query('select 1 from station where id = $1::int8', [there as number])).toHaveLength(1);
    });

    it('works out once for a statement what is reached, however many stations there are', async () => {
      const explain = async (text: string) => {
        const rows = await as({ sites: [first as number] }, () =>
          walled.query<Record<string, string>>(`explain ${text}`),
        );
        return rows.map((row) => Object.values(row)[0]).join('\n');
      };
      for (const text of [
        'select id from station where tenant_id = 1 order by id limit 50',
        'select 1 from connector',
        'select 1 from transaction',
      ]) {
        const plan = await explain(text);
        expect(plan, text).toMatch(/hashed SubPlan/);
        expect(plan.replaceAll('hashed SubPlan', ''), text).not.toMatch(/\(SubPlan|EXISTS/);
      }
    });
  });
}
