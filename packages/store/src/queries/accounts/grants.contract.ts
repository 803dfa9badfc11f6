/** Grants of people, on either database: made once at a place, changed, ended, and written down. */
import { uuidv7 } from '@sigec/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../database.js';
import { events, OTHER_TENANT } from '../../harness.contract.js';
import { createGroup, deleteGroup } from '../groups.js';
import type { Actor } from '../scope.js';
import { createSite, deleteSite, siteNamed } from '../sites.js';
import { createUser } from '../users.js';
import { listAuditEntries } from './audit.js';
import { changeGrant, createGrant, endGrant, getGrant, listGrants } from './grants.js';
import { heldGrants, MAX_GRANTS, reachOf } from './reach.js';

export function grantsContract(database: () => Database): void {
  describe('grants', () => {
    let db: Database;
    let admin: Actor;
    let stranger: Actor;
    let site: number;
    let group: number;
    let count = 0;
    const person = async (tenantId = 1): Promise<string> => {
      const email = `grants-${++count}@example.test`;
      const made = await createUser(db, { tenantId, name: 'Lia', email, passwordHash: '-', role: 'user' });
      return made?.id ?? '';
    };
    beforeAll(async () => {
      db = database();
      admin = { userId: await person(), tenantId: 1, role: 'admin' };
      stranger = { userId: await person(OTHER_TENANT), tenantId: OTHER_TENANT, role: 'admin' };
      site = (await createSite(db, admin, { name: 'Grants' }))?.id ?? 0;
      group = (await createGroup(db, admin, { name: 'Grants' }))?.id ?? 0;
    });
    const at = (userId: string, place: object, set = 'viewer') => ({
      ...{ userId, siteId: null, groupId: null, set },
      ...place,
    });
    const trail = async (userId: string) =>
      (await listAuditEntries(db, admin, { limit: 50, userId })).items.map(({ action, detail }) => [action, detail]);

    it('are one at a place, of a person and a place of the tenant', async () => {
      const lia = await person();
      const id = await createGrant(db, admin, at(lia, { siteId: site }));
      expect(typeof id).toBe('number');
      expect(await createGrant(db, admin, at(lia, { siteId: site }, 'manager'))).toBe('taken');
      expect(typeof (await createGrant(db, admin, at(lia, { groupId: group })))).toBe('number');
      expect(await createGrant(db, admin, at(uuidv7(), { siteId: site }))).toBe('no-person');
      expect(await createGrant(db, admin, at(stranger.userId, { siteId: site }))).toBe('no-person');
      expect(await createGrant(db, stranger, at(stranger.userId, { siteId: site }))).toBe('no-site');
      expect(await createGrant(db, stranger, at(stranger.userId, { groupId: group }))).toBe('no-group');
      expect(reachOf(await heldGrants(db, { userId: lia, tenantId: 1 }))).toEqual({ sites: [site], groups: [group] });
      expect(await heldGrants(db, { userId: lia, tenantId: OTHER_TENANT })).toEqual([]);
    });

    it('are no more than a person may hold, also where several are given at once', async () => {
      const lia = await person();
      const sites: number[] = [];
      for (let n = 0; n < 4; n++) sites.push(await siteNamed(db, admin, `Grants ${count} ${n}`));
      await db.query(
        `with made as (insert into station_group (tenant_id, name) select 1, $2::text || n from generate_series(1, $3::int4) n returning id)
         insert into station_grant (tenant_id, user_id, group_id, permission_set) select 1, $1::uuid, id, 'viewer' from made`,
        [lia, `Grants ${count} `, MAX_GRANTS - 2],
      );
      const made = await Promise.all(sites.map((siteId) => createGrant(db, admin, at(lia, { siteId }))));
      expect(made.filter((one) => typeof one === 'number')).toHaveLength(2);
      expect(made.filter((one) => one === 'too-many')).toHaveLength(2);
      expect(await heldGrants(db, { userId: lia, tenantId: 1 })).toHaveLength(MAX_GRANTS);
      await db.query("delete from station_group where name like 'Grants %'");
    });

    it('are shown to their tenant, by person and by place', async () => {
      const [lia, ana] = [await person(), await person()];
      const first = await createGrant(db, admin, at(lia, { siteId: site }));
      const second = await createGrant(db, admin, at(ana, { siteId: site }));
      const third = await createGrant(db, admin, at(lia, { groupId: group }));
      const ids = async (actor: Actor, filter: object) => {
        const { items, more } = await listGrants(db, actor, { limit: 2, ...filter });
        return [items.map(({ id }) => id), more];
      };
      expect(await ids(admin, { userId: lia })).toEqual([[first, third], false]);
      expect(await ids(admin, { siteId: site, after: Number(first) - 1 })).toEqual([[first, second], false]);
      expect(await ids(admin, { groupId: group, after: Number(second) })).toEqual([[third], false]);
      expect(await ids(admin, { after: Number(first) - 1 })).toEqual([[first, second], true]);
      expect(await ids(stranger, {})).toEqual([[], false]);
      expect(await getGrant(db, admin, Number(third))).toMatchObject({ site: null, group: 'Grants', userId: lia });
      expect(await getGrant(db, stranger, Number(third))).toBeUndefined();
    });

    it('are changed and ended by their tenant, and that is written down and told', async () => {
      const lia = await person();
      const id = Number(await createGrant(db, admin, at(lia, { siteId: site })));
      expect([await changeGrant(db, stranger, id, 'manager'), await endGrant(db, stranger, id)]).toEqual([
        false,
        false,
      ]);
      await events(db);
      expect([await changeGrant(db, admin, id, 'manager'), await changeGrant(db, admin, id, 'manager')]).toEqual([
        true,
        true,
      ]);
      expect([await endGrant(db, admin, id), await endGrant(db, admin, id)]).toEqual([true, false]);
      const of = { grant_id: String(id), site_id: String(site) };
      expect(await trail(lia)).toEqual([
        ['grant.ended', { ...of, set: 'manager' }],
        ['grant.changed', { ...of, set: ['viewer', 'manager'] }],
        ['grant.created', { ...of, set: 'viewer' }],
      ]);
      expect((await events(db)).map(({ kind, payload }) => [kind, payload])).toEqual(
        ['grant.changed', 'grant.ended'].map((action) => ['account.changed', { action, user_id: lia }]),
      );
    });

    it('end with their place, which may stay because it is in use', async () => {
      const lia = await person();
      const gone = { siteId: (await createSite(db, admin, { name: 'Gone' }))?.id ?? 0 };
      const left = { groupId: (await createGroup(db, admin, { name: 'Gone' }))?.id ?? 0 };
      const [one, two] = [await createGrant(db, admin, at(lia, gone)), await createGrant(db, admin, at(lia, left))];
      await db.query("insert into station (tenant_id, identity, site_id) values (1, 'GRANTS-1', $1::int8)", [
        gone.siteId,
      ]);
      expect(await deleteSite(db, admin, gone.siteId)).toBe('in-use');
      expect(await heldGrants(db, { userId: lia, tenantId: 1 })).toHaveLength(2);
      await db.query("delete from station where identity = 'GRANTS-1'");
      await events(db);
      expect(await deleteSite(db, admin, gone.siteId)).toBe('deleted');
      expect(await deleteGroup(db, stranger, left.groupId)).toBe(false);
      expect(await heldGrants(db, { userId: lia, tenantId: 1 })).toHaveLength(1);
      expect(await deleteGroup(db, admin, left.groupId)).toBe(true);
      expect(await heldGrants(db, { userId: lia, tenantId: 1 })).toEqual([]);
      expect((await trail(lia)).slice(0, 2)).toEqual([
        ['grant.ended', { grant_id: String(two), group_id: String(left.groupId), set: 'viewer' }],
        ['grant.ended', { grant_id: String(one), site_id: String(gone.siteId), set: 'viewer' }],
      ]);
      const told = (await events(db)).filter(({ kind }) => kind === 'account.changed');
      expect(told.map(({ payload }) => payload)).toEqual(Array(2).fill({ action: 'grant.ended', user_id: lia }));
    });
  });
}
