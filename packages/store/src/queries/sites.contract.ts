/** Sites, groups, search, and stations that leave the fleet. */
import { describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { begin, events } from '../harness.contract.js';
import { updateConnector } from './connectors.js';
import { addToGroup, createGroup, deleteGroup, getGroup, listGroups, takeFromGroup, updateGroup } from './groups.js';
import type { Actor } from './scope.js';
import { createSite, deleteSite, getSite, listSites, updateSite } from './sites.js';
import { updateStation } from './station-change.js';
import { listStations, type StationFilter } from './station-list.js';
import { createStation, registerStations, takenIdentities } from './station-register.js';
import { removeStation } from './station-removal.js';
import { getStation } from './stations.js';

const OPERATOR: Actor = { userId: '0193f000-0000-7000-8000-0000000000cc', tenantId: 1, role: 'operator' };
const STRANGER: Actor = { ...OPERATOR, tenantId: 2 };
const KEEP = { running: false };
let made = 0;

export function sitesContract(get: () => Database): void {
  const station = async (more: object = {}) => {
    const identity = `SITE-${++made}`;
    const row = await createStation(get(), OPERATOR, { identity, securityProfile: 1, secret: null, ...more });
    if (row === undefined) throw new Error('no station');
    return row;
  };
  const found = async (filter: StationFilter) =>
    (await listStations(get(), OPERATOR, { limit: 50, ...filter })).items.map(({ id }) => id);
  const kinds = async () => (await events(get())).map(({ kind }) => kind);

  describe('sites', () => {
    it('are changed as far as is said, have one name each, and are told of', async () => {
      const db = get();
      await events(db);
      const hours = { alwaysOpen: false, weekly: [{ days: [1], from: '08:00', to: '18:00' }], exceptions: [] };
      const site = await createSite(db, OPERATOR, { name: 'Pátio', lat: -23.5, lng: -46.6, openingHours: hours });
      const id = site?.id ?? 0;
      expect(site).toMatchObject({ timeZone: 'America/Sao_Paulo', openingHours: hours, published: true, stations: 0 });
      expect(await createSite(db, OPERATOR, { name: 'Pátio' })).toBeUndefined();
      expect(await createSite(db, STRANGER, { name: 'Pátio' })).toMatchObject({ lat: null });
      const changed = await updateSite(db, OPERATOR, id, { published: false, address: 'Rua A' });
      expect(changed).toMatchObject({
        name: 'Pátio',
        lat: -23.5,
        openingHours: hours,
        published: false,
        address: 'Rua A',
      });
      expect(await updateSite(db, OPERATOR, id, { openingHours: null, lat: null, lng: null })).toMatchObject({
        ...{ openingHours: null, lat: null, address: 'Rua A' },
      });
      const other = await createSite(db, OPERATOR, { name: 'Garagem' });
      expect(await updateSite(db, OPERATOR, other?.id ?? 0, { name: 'Pátio' })).toBe('taken');
      expect(await updateSite(db, STRANGER, id, { name: 'mine' })).toBe('absent');
      expect(await getSite(db, STRANGER, id)).toBeUndefined();
      expect(await deleteSite(db, STRANGER, id)).toBe('absent');
      expect((await listSites(db, OPERATOR, { q: 'RUA a', limit: 9 })).items.map((row) => row.id)).toEqual([id]);
      expect((await listSites(db, OPERATOR, { q: 'patio', published: true, limit: 9 })).items).toEqual([]);
      expect(await deleteSite(db, OPERATOR, other?.id ?? 0)).toBe('deleted');
      expect(await kinds()).toEqual([
        ...['site.created', 'site.created', 'site.changed', 'site.changed', 'site.created', 'site.deleted'],
      ]);
    });

    it('are made of names that stations are given, once', async () => {
      const db = get();
      await events(db);
      const [a, b] = await Promise.all([station({ site: 'Shared' }), station({ site: 'Shared' })]);
      expect((await kinds()).sort()).toEqual(['site.created', 'station.created', 'station.created']);
      expect([a.site, a.siteId]).toEqual(['Shared', b.siteId]);
      expect(await getSite(db, OPERATOR, a.siteId ?? 0)).toMatchObject({ stations: 2, published: true });
      expect(await updateStation(db, STRANGER, a.id, { site: 'Theirs' })).toBeUndefined();
      expect((await listSites(db, STRANGER, { q: 'Theirs', limit: 9 })).items).toEqual([]);
      expect(await updateStation(db, OPERATOR, a.id, { site: null })).toMatchObject({ site: null, siteId: null });
      expect(await deleteSite(db, OPERATOR, b.siteId ?? 0)).toBe('in-use');
    });

    it('take the limits of tokens with them to a new name', async () => {
      const db = get();
      const site = await createSite(db, OPERATOR, { name: 'Old name' });
      await createSite(db, STRANGER, { name: 'Old name' });
      await db.query(
        `insert into id_token (tenant_id, value, value_key, limits) values
           (1, 'SITED', 'sited', '{"sites":["Old name","Other"]}'), (2, 'SITED', 'sited', '{"sites":["Old name"]}')`,
      );
      await updateSite(db, OPERATOR, site?.id ?? 0, { name: 'New name' });
      const tokens = await db.query(
        "select limits -> 'sites' as sites from id_token where value = 'SITED' order by tenant_id",
      );
      expect(tokens).toEqual([{ sites: ['New name', 'Other'] }, { sites: ['Old name'] }]);
      await db.query("delete from id_token where value = 'SITED'");
    });
  });

  describe('groups of stations', () => {
    it('hold stations of their tenant, all that are given or none', async () => {
      const db = get();
      const [a, b] = [await station(), await station()];
      const group = await createGroup(db, OPERATOR, { name: 'Fleet', description: 'd' });
      const id = group?.id ?? 0;
      await events(db);
      expect(await createGroup(db, OPERATOR, { name: 'Fleet' })).toBeUndefined();
      expect(await addToGroup(db, OPERATOR, id, [a.id, 9_000_000_000])).toEqual({ unknown: [9_000_000_000] });
      expect(await addToGroup(db, STRANGER, id, [a.id])).toBeUndefined();
      const strange = await createGroup(db, STRANGER, { name: 'Fleet' });
      expect(await addToGroup(db, STRANGER, strange?.id ?? 0, [a.id])).toEqual({ unknown: [a.id] });
      expect(await addToGroup(db, OPERATOR, id, [a.id, b.id])).toEqual({ added: 2 });
      expect(await addToGroup(db, OPERATOR, id, [b.id])).toEqual({ added: 0 });
      expect(await found({ groupId: id })).toEqual([a.id, b.id]);
      expect((await listStations(db, STRANGER, { groupId: id, limit: 9 })).items).toEqual([]);
      expect(await takeFromGroup(db, STRANGER, id, a.id)).toBe(false);
      expect(await takeFromGroup(db, OPERATOR, id, a.id)).toBe(true);
      expect(await updateGroup(db, OPERATOR, id, { description: null })).toMatchObject({ name: 'Fleet', stations: 1 });
      expect(await updateGroup(db, STRANGER, id, { name: 'x' })).toBe('absent');
      expect(await kinds()).toEqual(['group.created', 'group.changed', 'group.changed', 'group.changed']);
      const second = await createGroup(db, OPERATOR, { name: 'Second' });
      expect(await updateGroup(db, OPERATOR, id, { name: 'Second' })).toBe('taken');
      const page = await listGroups(db, OPERATOR, { after: id, limit: 1 });
      expect([page.items.map((row) => row.id), page.more]).toEqual([[second?.id], false]);
      expect(await deleteGroup(db, STRANGER, id)).toBe(false);
      expect(await deleteGroup(db, OPERATOR, id)).toBe(true);
      expect(await getGroup(db, OPERATOR, id)).toBeUndefined();
      expect(await getStation(db, OPERATOR, b.id)).toBeDefined();
    });
  });

  describe('search', () => {
    it('finds every word, anywhere, without accents and in whatever case, as names change', async () => {
      const db = get();
      const a = await station({ name: 'Estação São João', address: 'Av. Ipiranga, 200', site: 'Praça Çedro' });
      const b = await station({ name: 'Estacao Norte' });
      await db.query("update station set vendor = 'ABB', model = 'Terra 54' where id = $1::int8", [b.id]);
      expect(await found({ q: 'ESTAÇÃO' })).toEqual([a.id, b.id]);
      // As keyboards of some systems write it: the letter, then the mark.
      expect(await found({ q: 'estac\u0327a\u0303o sao' })).toEqual([a.id]);
      expect(await found({ q: 'joao iranga cedro' })).toEqual([a.id]);
      expect(await found({ q: 'estacao terra' })).toEqual([b.id]);
      expect(await found({ q: 'ab 54' })).toEqual([b.id]);
      expect(await found({ q: 'estacao bb' })).toEqual([]);
      expect(await found({ q: '%%%' })).toEqual([]);
      await updateSite(db, OPERATOR, a.siteId ?? 0, { name: 'Praça Velha' });
      expect(await found({ q: 'cedro' })).toEqual([]);
      expect(await found({ q: 'praca velha' })).toEqual([a.id]);
      await updateStation(db, OPERATOR, a.id, { siteId: null, name: 'Outra' });
      expect(await found({ q: 'velha' })).toEqual([]);
      expect(await found({ q: 'outra ipiranga' })).toEqual([a.id]);
      await removeStation(db, OPERATOR, b.id, KEEP);
      expect(await db.query('select 1 from station_search where station_id = $1::int8', [b.id])).toEqual([]);
    });

    it('goes with every other filter', async () => {
      const db = get();
      const a = await station({ name: 'Filtered one', site: 'Filter site', published: true });
      const b = await station({ name: 'Filtered two', site: 'Filter site' });
      await db.query(
        `update station set vendor = 'V', model = 'M', firmware_version = '1.2', ocpp_version = 'ocpp2.1', online = true
         where id = $1::int8`,
        [a.id],
      );
      expect(await found({ site: 'Filter site' })).toEqual([a.id, b.id]);
      for (const filter of [
        { published: true },
        { vendor: 'V' },
        { model: 'M' },
        { firmwareVersion: '1.2' },
        { ocppVersion: 'ocpp2.1' },
        { online: true },
      ])
        expect(await found({ ...filter, q: 'filtered', siteId: a.siteId ?? 0 }), JSON.stringify(filter)).toEqual([
          a.id,
        ]);
      expect(await found({ q: 'filtered', published: false })).toEqual([b.id]);
    });
  });

  describe('many stations at once', () => {
    it('are registered whole or as far as they can be, with their sites and groups', async () => {
      const db = get();
      const taken = await station();
      await events(db);
      const secret = { salt: new Uint8Array([0, 255]), verifier: new Uint8Array([7]) };
      const rows = ['BULK-1', taken.identity, 'BULK-2'].map((identity) => ({
        ...{
          identity,
          securityProfile: 1,
          secret,
          site: 'Bulk site',
          groups: ['Bulk', 'Bulk', 'All'],
          published: true,
        },
      }));
      expect(
        await takenIdentities(
          db,
          rows.map(({ identity }) => identity),
        ),
      ).toEqual(new Set([taken.identity]));
      const refused = await registerStations(db, OPERATOR, rows, { whole: true });
      expect([refused.done, [...refused.ids.keys()].sort()]).toEqual([false, ['BULK-1', 'BULK-2']]);
      expect(await found({ q: 'bulk-' })).toEqual([]);
      expect((await listSites(db, OPERATOR, { q: 'Bulk site', limit: 9 })).items).toEqual([]);
      const { ids, done } = await registerStations(db, OPERATOR, rows, { whole: false });
      expect([done, [...ids.keys()].sort()]).toEqual([true, ['BULK-1', 'BULK-2']]);
      expect(await found({ site: 'Bulk site', published: true })).toEqual([...ids.values()].sort((a, b) => a - b));
      expect((await getStation(db, OPERATOR, taken.id))?.site).toBeNull();
      const groups = (await listGroups(db, OPERATOR, { limit: 50 })).items.filter(({ name }) =>
        /^(Bulk|All)$/.test(name),
      );
      expect(groups.map(({ stations }) => stations)).toEqual([2, 2]);
      const [row] = await db.query<{ salt: Uint8Array }>(
        "select secret_salt as salt from station where identity = 'BULK-1'",
      );
      expect([...(row?.salt ?? [])]).toEqual([0, 255]);
      // Once each, however many stations name them.
      const both = ['station.created', 'station.created'];
      expect(await kinds()).toEqual(['site.created', ...both, 'group.created', 'group.created']);
      const next = { identity: 'BULK-3', securityProfile: 0, secret: null, site: 'Bulk site', groups: ['All'] };
      await registerStations(db, OPERATOR, [next], { whole: true });
      expect(await kinds()).toEqual(['station.created', 'group.changed']);
    });
  });

  describe('a station that leaves the fleet', () => {
    it('is gone where nothing was charged there', async () => {
      const db = get();
      const a = await station();
      await db.query(
        `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
         values ($1::int8, 1, 1, 'Available', 'Available', now())`,
        [a.id],
      );
      await events(db);
      expect(await removeStation(db, STRANGER, a.id, KEEP)).toBe('absent');
      await db.query('update station set online = true, session_epoch = 7 where id = $1::int8', [a.id]);
      expect(await removeStation(db, OPERATOR, a.id, KEEP)).toMatchObject({ identity: a.identity, outcome: 'deleted' });
      expect(await getStation(db, OPERATOR, a.id)).toBeUndefined();
      const its = { device_id: String(a.id), identity: a.identity };
      expect((await events(db)).map(({ kind, payload }) => [kind, payload])).toEqual([
        ['station.offline', { ...its, epoch: 7 }],
        ['station.deleted', its],
      ]);
    });

    it('is archived where something was, and comes back', async () => {
      const db = get();
      const a = await station({ published: true, site: 'Archive site' });
      await db.query('update station set online = true, session_epoch = 4 where id = $1::int8', [a.id]);
      const [running] = await begin(db, [a.id]);
      expect(await removeStation(db, OPERATOR, a.id, KEEP)).toBe('in-use');
      await db.query('update transaction set ended_at = now() where id = $1::int8', [running?.id ?? 0]);
      await events(db);
      expect(await removeStation(db, OPERATOR, a.id, KEEP)).toMatchObject({ outcome: 'archived', epoch: 5 });
      expect(await kinds()).toEqual(['station.offline', 'station.archived']);
      // It was not online any more.
      expect(await removeStation(db, OPERATOR, a.id, KEEP)).toMatchObject({ outcome: 'archived' });
      expect(await kinds()).toEqual(['station.archived']);
      const kept = await getStation(db, OPERATOR, a.id);
      expect(kept).toMatchObject({ blocked: true, published: false, online: false, sessionEpoch: 6 });
      expect(kept?.archivedAt).toBeInstanceOf(Date);
      expect(await found({ site: 'Archive site' })).toEqual([]);
      expect(await found({ site: 'Archive site', archived: true })).toEqual([a.id]);
      expect(await getSite(db, OPERATOR, a.siteId ?? 0)).toMatchObject({ stations: 0 });
      // Its receipts name the site.
      expect(await deleteSite(db, OPERATOR, a.siteId ?? 0)).toBe('in-use');
      const unarchived = updateStation(db, OPERATOR, a.id, { blocked: false });
      await expect(unarchived).rejects.toThrow();
      expect(await updateStation(db, OPERATOR, a.id, { archived: false })).toMatchObject({
        archivedAt: null,
        blocked: true,
      });
      expect(await found({ site: 'Archive site' })).toEqual([a.id]);
    });

    it('goes with a transaction that runs where somebody insists', async () => {
      const db = get();
      const a = await station();
      const [running] = await begin(db, [a.id]);
      expect(await removeStation(db, OPERATOR, a.id, { running: true })).toMatchObject({ outcome: 'archived' });
      await db.query('update transaction set ended_at = now() where id = $1::int8', [running?.id ?? 0]);
    });
  });

  describe('a station that is changed', () => {
    it('is told of with what was changed, and once its session ends by that', async () => {
      const db = get();
      const a = await station();
      await events(db);
      const id = String(a.id);
      const place = { lat: -23.5, lng: -46.6, address: 'Rua B, 2', site: 'Told site' };
      const all = { ...place, name: 'Um', published: true, leniency: { overlong: true }, pingSeconds: 30 };
      const more = { defaultVersion: 'ocpp2.0.1', minSecurityProfile: 1, blocked: false };
      const changed = await updateStation(db, OPERATOR, a.id, { ...all, ...more });
      expect(changed).toMatchObject({ ...all, ...more });
      const fields = ['name', 'location', 'published', 'default_version', 'blocked', 'ping_seconds', 'leniency'];
      const told = { device_id: id, revision: 2, fields: [...fields, 'min_security_profile'] };
      expect((await events(db)).map(({ kind, payload }) => [kind, payload])).toEqual([
        ['site.created', { site_id: String(changed === 'stale' ? '' : changed?.siteId) }],
        ['station.changed', told],
      ]);

      await db.query('update station set online = true, session_epoch = 4 where id = $1::int8', [a.id]);
      const blocked = await updateStation(db, OPERATOR, a.id, { blocked: true, address: null, siteId: null });
      expect(blocked).toMatchObject({ online: false, sessionEpoch: 5, lat: -23.5, address: null, site: null });
      expect((await events(db)).map(({ kind, payload }) => [kind, payload])).toEqual([
        ['station.changed', { device_id: id, revision: 3, fields: ['location', 'site_id', 'blocked'] }],
        ['station.offline', { device_id: id, identity: a.identity, epoch: 4 }],
      ]);
      // It was not online any more.
      await updateStation(db, OPERATOR, a.id, { blocked: true });
      expect(await kinds()).toEqual(['station.changed']);
      // What says nothing changes nothing, nor overtakes anybody.
      expect(await updateStation(db, OPERATOR, a.id, {}, [4])).toMatchObject({ id: a.id });
      expect(await kinds()).toEqual([]);
      expect(await updateStation(db, OPERATOR, a.id, {}, [4])).toMatchObject({ id: a.id });
      expect(await updateStation(db, OPERATOR, a.id, {}, [3])).toBe('stale');
      expect(await updateStation(db, OPERATOR, a.id, { name: 'Dois' }, [1])).toBe('stale');
      expect(await updateStation(db, STRANGER, a.id, { name: 'Dois', site: 'Nobody' })).toBeUndefined();
      expect((await listSites(db, STRANGER, { q: 'Nobody', limit: 9 })).items).toEqual([]);
      expect(await kinds()).toEqual([]);
    });
  });

  describe('connectors', () => {
    it('are what operators say, whatever their charger tells afterwards', async () => {
      const db = get();
      const a = await station();
      const key = { stationId: a.id, evseId: 1, connectorId: 1 };
      expect(await updateConnector(db, OPERATOR, key, { type: 'CCS2' })).toBe('absent');
      await db.query(
        `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
         values ($1::int8, 1, 1, 'Available', 'Available', now())`,
        [a.id],
      );
      await events(db);
      expect(await updateConnector(db, STRANGER, key, { type: 'CCS2' })).toBe('absent');
      expect(await updateConnector(db, STRANGER, key, { type: 'CCS2' }, [1])).toBe('absent');
      expect(await updateConnector(db, OPERATOR, key, { type: 'CCS2', maxPowerW: 150_000 }, [1])).toBe('changed');
      expect(await updateConnector(db, OPERATOR, key, { type: 'CHAdeMO' }, [1, 3])).toBe('stale');
      expect(await updateConnector(db, OPERATOR, key, { maxPowerW: 60_000 })).toBe('changed');
      const connector = async () => (await getStation(db, OPERATOR, a.id))?.connectors[0];
      expect(await connector()).toMatchObject({ type: 'CCS2', maxPowerW: 60_000 });
      expect(await updateConnector(db, OPERATOR, key, { type: null })).toBe('changed');
      expect(await connector()).toMatchObject({ type: null, maxPowerW: 60_000 });
      const where = { device_id: String(a.id), evse_id: 1, connector_id: 1 };
      expect((await events(db)).map(({ kind, payload }) => [kind, payload])).toEqual([
        ['connector.changed', { ...where, revision: 2, fields: ['type', 'max_power_w'] }],
        ['connector.changed', { ...where, revision: 3, fields: ['max_power_w'] }],
        ['connector.changed', { ...where, revision: 4, fields: ['type'] }],
      ]);
    });
  });
}
