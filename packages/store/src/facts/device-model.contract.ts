/** The device model in the database: what is told is known, in whatever order, and bounded. */
import { describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { batch, OTHER_TENANT, station, T, view } from '../harness.contract.js';
import { setMonitoringBase } from '../queries/monitors.js';
import { askProvisioning, claimProvisioning, getProvisioning, moveProvisioning } from '../queries/provisioning.js';
import { createRequest } from '../queries/requests.js';
import { effectiveSettings, listSettings, replaceSettings } from '../queries/settings.js';
import { dropOldEvents, listEventStreams, listStreamValues } from '../queries/station-events.js';
import { listVariables, noteWritten } from '../queries/variables.js';
import { STREAM_VALUES, type StreamState } from './event-streams.js';
import type { Facts } from './index.js';
import type { LearntMonitor } from './monitors.js';
import { bareVariable, type LearntVariable } from './variables.js';

const ACTOR = { userId: '0193f000-0000-7000-8000-0000000000aa', tenantId: 1, role: 'admin' } as const;
const name = (component: string, variable: string) => ({
  ...{ component, variable, componentInstance: null, evseId: null, connectorId: null, variableInstance: null },
});

export function deviceModelContract(database: () => Database): void {
  const told = (id: number, component: string, value: string | null, more: Partial<LearntVariable> = {}) => ({
    ...bareVariable(id, name(component, 'V'), value, 'NotifyReport'),
    ...more,
  });
  const variables = async (id: number) => (await listVariables(database(), ACTOR, id, { limit: 100 })).items;
  const facts = (id: number, rows: { readonly facts: Facts }) => batch(database(), { stationIds: [id] }, () => rows);

  it('a number that no row can have is found nowhere, and the others are found all the same', async () => {
    const [db, stationId] = [database(), await station(database())];
    const id = await createRequest(db, ACTOR, { stationId, action: 'GetLog', requestId: 7, payload: {} });
    const keys = [1e32, 0.5, 7].map((requestId) => ({ stationId, requestId }));
    const { found } = await view(db, { looks: { request: keys } });
    expect([...(found.request?.values() ?? [])]).toMatchObject([{ id, requestId: 7 }]);
  });

  describe('variables', () => {
    it('are one whatever the case of their name, and keep what is not said again', async () => {
      const id = await station(database());
      const first = told(id, 'Ctrlr', '1', { mutability: 'ReadWrite', unit: 's', maxLimit: 9 });
      await facts(id, { facts: { variable: [first, told(id, 'CTRLR', '2')] } });
      await facts(id, { facts: { variable: [told(id, 'ctrlr', '3', { persistent: true })] } });
      expect(await variables(id)).toMatchObject([{ component: 'CTRLR', value: '3', persistent: true }]);
      await facts(id, { facts: { variable: [first] } });
      await facts(id, { facts: { variable: [told(id, 'Ctrlr', '4')] } });
      expect(await variables(id)).toMatchObject([{ value: '4', unit: 's', mutability: 'ReadWrite', maxLimit: 9 }]);
    });

    it('that are write-only keep no value, whoever wrote it', async () => {
      const id = await station(database());
      await facts(id, {
        facts: { variable: [told(id, 'A', 'secret', { mutability: 'WriteOnly' }), told(id, 'B', '1')] },
      });
      await facts(id, { facts: { variable: [told(id, 'A', 'secret')] } });
      const written = [told(id, 'A', 'secret'), told(id, 'B', '2'), told(id, 'C', 'secret')];
      expect(await noteWritten(database(), written)).toBe(1);
      const values = (await variables(id)).map((row) => [row.component, row.value]);
      expect(Object.fromEntries(values)).toEqual({ A: null, B: '2' });
    });

    it('that a full inventory does not name are gone with its end', async () => {
      const [id, db] = [await station(database()), database()];
      await facts(id, { facts: { variable: [told(id, 'Old', '1'), told(id, 'Both', '1')] } });
      const payload = { reportBase: 'FullInventory' };
      const request = await createRequest(db, ACTOR, { stationId: id, action: 'GetBaseReport', requestId: 1, payload });
      const inventoryEnd = [{ request: request as number }];
      await facts(id, { facts: { variable: [told(id, 'Both', '2'), told(id, 'New', '2')], inventoryEnd } });
      expect((await variables(id)).map((row) => row.component)).toEqual(['Both', 'New']);
    });
  });

  it('monitors go with the base that has none of them', async () => {
    const [id, db] = [await station(database()), database()];
    const monitor = (monitorId: number, notificationType: string): LearntMonitor => ({
      ...{ stationId: id, monitorId, notificationType, ...name('EVSE', 'Power'), type: 'Delta', value: 1 },
      ...{ severity: 3, inTransaction: false, from: 'NotifyMonitoringReport' },
    });
    const kinds = ['HardWiredMonitor', 'PreconfiguredMonitor', 'CustomMonitor'];
    await facts(id, { facts: { monitor: kinds.map((kind, n) => monitor(n, kind)) } });
    const left = async () => {
      const keys = kinds.map((_, monitorId) => ({ stationId: id, monitorId }));
      return (await view(db, { stationIds: [id], looks: { monitorName: keys } })).found.monitorName?.size;
    };
    expect(await left()).toBe(3);
    await setMonitoringBase(db, ACTOR, id, 'FactoryDefault');
    expect(await left()).toBe(2);
    await setMonitoringBase(db, ACTOR, id, 'HardWiredOnly');
    expect(await left()).toBe(1);
  });

  it('33: streams keep their newest values, and go some days after their end', async () => {
    const [id, db] = [await station(database()), database()];
    const stream: StreamState = {
      ...{ stationId: id, streamId: 4, monitorId: 1, name: name('EVSE', 'Power'), intervalS: 1, valuesEach: 1 },
      ...{ openedAt: T, closedAt: null },
    };
    const values = (from: number) =>
      Array.from({ length: 600 }, (_, n) => ({
        stationId: id,
        streamId: 4,
        at: T + from + n,
        value: `${n}`,
        pending: 0,
      }));
    await facts(id, { facts: { eventStream: [stream], streamValue: values(0) } });
    await facts(id, { facts: { streamValue: values(600) } });
    await facts(id, { facts: { streamValue: values(600) } });
    const [count] = await db.query('select count(*)::int4 as n from event_stream_value where station_id = $1::int8', [
      id,
    ]);
    expect(count).toEqual({ n: STREAM_VALUES });
    const newest = await listStreamValues(db, ACTOR, id, 4, { limit: 1 });
    expect(newest).toMatchObject({ items: [{ at: new Date(T + 1199), value: '599' }], more: true });
    const shown = (await listEventStreams(db, ACTOR, id, { limit: 9 })).items;
    expect(shown).toMatchObject([{ streamId: 4, lastValue: '599', lastAt: new Date(T + 1199) }]);
    await dropOldEvents(db, 1, 1);
    expect(await listEventStreams(db, ACTOR, id, { limit: 9 })).toMatchObject({ items: [{ streamId: 4 }] });
    const closedAt = Date.now() - 2 * 86_400_000;
    await facts(id, { facts: { eventStream: [{ ...stream, closedAt }] } });
    await dropOldEvents(db, 1, 1);
    expect((await listEventStreams(db, ACTOR, id, { limit: 9 })).items).toEqual([]);
  });

  it('wishes: the nearest wins, of a version each their own, and no tenant sees another', async () => {
    const [id, db] = [await station(database()), database()];
    const wish = (variable: string, value: string, component = '') => ({ ...name(component, variable), value });
    await replaceSettings(db, ACTOR, {}, [wish('A', 'all'), wish('B', 'all'), wish('A', 'all', 'X')]);
    await replaceSettings(db, ACTOR, { vendor: 'V' }, [wish('B', 'vendor'), wish('C', 'vendor')]);
    await replaceSettings(db, ACTOR, { vendor: 'v', model: 'm' }, [wish('c', 'model')]);
    await replaceSettings(db, ACTOR, { stationId: id }, [wish('D', 'device')]);
    const of = { id, vendor: 'v', model: 'M', ocppVersion: 'ocpp1.6', defaultVersion: null };
    const wanted = async (row: typeof of) =>
      (await effectiveSettings(db, ACTOR, row)).map(({ variable, source }) => `${variable} ${source}`);
    expect(await wanted(of)).toEqual(['A tenant', 'B vendor', 'c model', 'D device']);
    expect(await wanted({ ...of, ocppVersion: 'ocpp2.1' })).toEqual(['A tenant']);
    expect(await wanted({ ...of, vendor: 'other' })).toEqual(['A tenant', 'B tenant', 'D device']);
    expect((await listSettings(db, { ...ACTOR, tenantId: OTHER_TENANT }, { limit: 9 })).items).toEqual([]);
    await replaceSettings(db, ACTOR, {}, []);
    await replaceSettings(db, ACTOR, { vendor: 'V' }, []);
    await replaceSettings(db, ACTOR, { vendor: 'V', model: 'M' }, []);
    expect(await wanted(of)).toEqual(['D device']);
  });

  it('a provisioning is claimed by one process, and a boot hurries it', async () => {
    const [id, db] = [await station(database()), database()];
    await facts(id, { facts: { booted: [{ stationId: id }, { stationId: id }] } });
    const options = { askedOnly: true, begin: 9, limit: 9, leaseMs: 60_000 };
    const mine = async (more: Partial<typeof options> = {}) =>
      (await claimProvisioning(db, { ...options, ...more })).filter((one) => one.stationId === id);
    expect(await mine()).toEqual([]);
    await askProvisioning(db, ACTOR, id);
    expect(await mine({ begin: 0 })).toEqual([]);
    const [claimed] = await mine();
    expect(claimed).toMatchObject({ state: 'queued', attempts: 0, applied: [], refused: [], online: false });
    expect(await mine()).toEqual([]);
    await moveProvisioning(db, { stationId: id, tenantId: 1 }, { state: 'applying', inMs: 60_000 });
    expect(await mine()).toEqual([]);
    await facts(id, { facts: { booted: [{ stationId: id }] } });
    expect(await mine()).toMatchObject([{ state: 'applying' }]);
    await moveProvisioning(db, { stationId: id, tenantId: 1 }, { state: 'done' });
    await facts(id, { facts: { booted: [{ stationId: id }] } });
    expect(await getProvisioning(db, ACTOR, id)).toMatchObject({ state: 'done', endedAt: expect.any(Date) as Date });
    expect(await mine()).toEqual([]);
  });
}
