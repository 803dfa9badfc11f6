/** How alarms come by a look, live and are over; what people do with them; whose turn it is. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { batch, OTHER_TENANT, T, USER } from '../harness.contract.js';
import {
  type AlarmOrder,
  actOnAlarm,
  alarmHistory,
  getAlarm,
  listAlarmRules,
  listAlarms,
  replaceAlarmRules,
} from '../queries/alarms.js';
import type { Actor } from '../queries/scope.js';
import { Alarms } from './harness.contract.js';
import { lookFor } from './look.js';
import { keepAlarms, takeTurns } from './upkeep.js';

const ADMIN: Actor = { userId: USER, tenantId: 1, role: 'admin' };
const OTHER: Actor = { ...ADMIN, tenantId: OTHER_TENANT };
const KEEP = 400;
const order = (action: AlarmOrder['action'], more: Partial<AlarmOrder> = {}): AlarmOrder => ({
  ...{ action, comment: null, until: null },
  ...more,
});

export function alarmsContract(database: () => Database): void {
  let db: Database;
  let alarms: Alarms;
  beforeAll(() => {
    db = database();
    alarms = new Alarms(db);
  });

  const keep = () => keepAlarms(db, KEEP);
  const offline = (id: number, minutes: number) =>
    db.query(
      `update station set online = false, disconnected_at = now() - $2::float8 * interval '1 minute' where id = $1::int8`,
      [id, minutes],
    );
  const online = (id: number) => db.query('update station set online = true where id = $1::int8', [id]);
  const fault = (stationId: number, errorCode: string | null, vendorErrorCode: string | null = null) => {
    const status = errorCode === null ? 'Available' : 'Faulted';
    const place = {
      stationId,
      evseId: 2,
      connectorId: 1,
      ocppStatus: status,
      status: status as 'Available' | 'Faulted',
      vendorId: null,
      info: null,
      at: T,
    };
    return batch(db, { stationIds: [stationId] }, () => ({
      connectors: [{ ...place, errorCode, vendorErrorCode }],
      facts: errorCode === null ? {} : { faultedStation: [{ stationId }] },
    }));
  };

  describe('a station that is away', () => {
    it('is an alarm after so many minutes, one, until it has been back for a while', async () => {
      const [id, early, never] = [
        await alarms.station(),
        await alarms.station(),
        await alarms.station(1, 'online = false'),
      ];
      await offline(id, 20);
      await offline(early, 5);
      await lookFor(db, 'offline');
      await lookFor(db, 'offline');
      expect(await alarms.of(early)).toEqual([]);
      expect(await alarms.of(never)).toEqual([]);
      const alarm = await alarms.only(id);
      expect(alarm).toMatchObject({ kind: 'offline', severity: 'warning', state: 'open', count: 1, gone: false });
      expect(await alarms.told(id)).toEqual(['alarm.raised offline open']);
      expect(await alarms.history(alarm.id)).toEqual(['raised']);

      await online(id);
      await lookFor(db, 'offline');
      await keep();
      expect(await alarms.only(id)).toMatchObject({ state: 'open', gone: true, ended: false });
      // Away again before that has lasted: the same alarm, and nobody is told again.
      await offline(id, 16);
      await lookFor(db, 'offline');
      expect(await alarms.only(id)).toMatchObject({ state: 'open', count: 2, gone: false });
      expect(await alarms.told(id)).toEqual([]);

      await online(id);
      await lookFor(db, 'offline');
      await alarms.ago('alarm', 'cause_gone_at', 6, `id = ${alarm.id}`);
      await keep();
      expect(await alarms.only(id)).toMatchObject({ state: 'resolved', ended: true });
      expect(await alarms.told(id)).toEqual(['alarm.resolved offline resolved']);
      expect(await alarms.history(alarm.id)).toEqual(['raised', 'resolved']);
      // What comes now is another.
      await offline(id, 20);
      await lookFor(db, 'offline');
      expect((await alarms.of(id)).map(({ state }) => state)).toEqual(['resolved', 'open']);
    });

    it('goes by the rule of its tenant, and is no alarm where it is blocked', async () => {
      const rules = [{ kind: 'offline', severity: 'critical', parameters: { minutes: 60 } }] as const;
      await replaceAlarmRules(db, OTHER, rules);
      const [later, now, blocked] = [
        await alarms.station(2),
        await alarms.station(2),
        await alarms.station(1, 'blocked = true'),
      ];
      await offline(later, 30);
      await offline(now, 61);
      await offline(blocked, 30);
      await lookFor(db, 'offline');
      expect(await alarms.of(later)).toEqual([]);
      expect(await alarms.of(blocked)).toEqual([]);
      expect(await alarms.only(now)).toMatchObject({ severity: 'critical' });
      const own = (await listAlarmRules(db, OTHER)).filter((rule) => rule.own);
      expect(own).toMatchObject([{ kind: 'offline', enabled: true, parameters: { minutes: 60, clear_minutes: 5 } }]);
      expect((await listAlarmRules(db, ADMIN)).some((rule) => rule.own)).toBe(false);

      // Switched off: over at once, and not raised.
      await replaceAlarmRules(db, OTHER, [{ kind: 'offline', enabled: false }]);
      await keep();
      await lookFor(db, 'offline');
      expect(await alarms.only(now)).toMatchObject({ state: 'resolved', ended: true });
      await replaceAlarmRules(db, OTHER, []);
    });

    it('comes in portions where a whole network goes', async () => {
      const ids = await Promise.all([1, 2, 3].map(() => alarms.station()));
      for (const id of ids) await offline(id, 20);
      const first = await lookFor(db, 'offline', 2);
      expect(first).toMatchObject({ raised: 2, more: true });
      while ((await lookFor(db, 'offline', 2)).more);
      for (const id of ids) expect(await alarms.of(id)).toHaveLength(1);
      for (const id of ids) await online(id);
    });
  });

  it('a charger held back for coming too often is an alarm until its breaker has closed', async () => {
    const id = await alarms.station(1, "online = true, connects = 61, flap_until = now() + interval '5 minutes'");
    await lookFor(db, 'flapping');
    expect(await alarms.only(id)).toMatchObject({ kind: 'flapping', state: 'open' });
    await alarms.ago('station', 'flap_until', 1, `id = ${id}`);
    await lookFor(db, 'flapping');
    expect(await alarms.only(id)).toMatchObject({ gone: true });
  });

  describe('a fault', () => {
    it('is an alarm in the commit of the message that tells it, with what the charger says of it', async () => {
      const id = await alarms.station();
      await fault(id, 'OtherError', 'CX008');
      const alarm = await alarms.only(id);
      expect(alarm).toMatchObject({ kind: 'faulted', subject: '2/1', severity: 'critical', state: 'open' });
      const row = await getAlarm(db, ADMIN, alarm.id);
      expect(row).toMatchObject({
        evseId: 2,
        connectorId: 1,
        detail: { error_code: 'OtherError', vendor_error_code: 'CX008' },
      });
      await fault(id, 'OtherError', 'CX008');
      await lookFor(db, 'faulted');
      expect(await alarms.told(id)).toEqual(['alarm.raised faulted open']);
      // Another fault of the same connector is news of the same alarm.
      await fault(id, 'HighTemperature');
      expect(await alarms.only(id)).toMatchObject({ cause: 'HighTemperature/', count: 2 });
      expect(await alarms.told(id)).toEqual(['alarm.raised faulted open']);
      await fault(id, null);
      await lookFor(db, 'faulted');
      expect(await alarms.only(id)).toMatchObject({ state: 'open', gone: true });
    });

    it('waits where the rule says so', async () => {
      await replaceAlarmRules(db, OTHER, [{ kind: 'faulted', parameters: { minutes: 10 } }]);
      const id = await alarms.station(2);
      await fault(id, 'InternalError');
      await alarms.ago('connector', 'status_at', 9, `station_id = ${id}`);
      await lookFor(db, 'faulted');
      expect(await alarms.of(id)).toEqual([]);
      await alarms.ago('connector', 'status_at', 11, `station_id = ${id}`);
      await lookFor(db, 'faulted');
      expect(await alarms.only(id)).toMatchObject({ state: 'open' });
      await replaceAlarmRules(db, OTHER, []);
    });
  });

  describe('an operator', () => {
    const raised = async () => {
      const stationId = await alarms.station();
      await fault(stationId, 'GroundFailure');
      const { id } = await alarms.only(stationId);
      await alarms.told(stationId);
      return { stationId, id };
    };

    it('acknowledges: it stays so until it is over', async () => {
      const { stationId, id } = await raised();
      expect(await actOnAlarm(db, ADMIN, id, order('acknowledge', { comment: 'technician sent' }))).toBe(true);
      expect(await actOnAlarm(db, ADMIN, id, order('acknowledge'))).toBe(false);
      expect(await alarms.told(stationId)).toEqual([`alarm.acknowledged faulted acknowledged ${USER}`]);
      await fault(stationId, 'OverVoltage');
      expect(await alarms.only(stationId)).toMatchObject({ state: 'acknowledged', count: 2 });
      await fault(stationId, null);
      await lookFor(db, 'faulted');
      await alarms.ago('alarm', 'cause_gone_at', 6, `id = ${id}`);
      await keep();
      expect(await alarms.only(stationId)).toMatchObject({ state: 'resolved', ended: true });
      const seen = await alarmHistory(db, ADMIN, id);
      expect(seen.map(({ action, userId, comment }) => [action, userId, comment])).toEqual([
        ['raised', null, null],
        ['acknowledged', USER, 'technician sent'],
        ['raised', null, null],
        ['resolved', null, null],
      ]);
    });

    it('snoozes: it comes back, unless it is over by then', async () => {
      const { stationId, id } = await raised();
      const other = await raised();
      const until = new Date(Date.now() + 3_600_000);
      for (const one of [id, other.id]) expect(await actOnAlarm(db, ADMIN, one, order('snooze', { until }))).toBe(true);
      await keep();
      expect(await alarms.only(stationId)).toMatchObject({ state: 'snoozed' });
      await fault(other.stationId, null);
      await lookFor(db, 'faulted');
      await alarms.ago('alarm', 'snoozed_until', 1, `id in (${id}, ${other.id})`);
      await keep();
      expect(await alarms.only(stationId)).toMatchObject({ state: 'open' });
      expect(await alarms.only(other.stationId)).toMatchObject({ state: 'snoozed', gone: true });
      expect(await alarms.told(stationId)).toEqual([
        `alarm.snoozed faulted snoozed ${USER}`,
        'alarm.raised faulted open',
      ]);
      await alarms.ago('alarm', 'cause_gone_at', 6, `id = ${other.id}`);
      await keep();
      expect(await alarms.only(other.stationId)).toMatchObject({ state: 'resolved', ended: true });
    });

    it('resolves: the same cause is not raised again while it stands, another one is', async () => {
      const { stationId, id } = await raised();
      expect(await actOnAlarm(db, ADMIN, id, order('resolve', { comment: 'known' }))).toBe(true);
      for (const action of ['acknowledge', 'snooze', 'resolve'] as const)
        expect(await actOnAlarm(db, ADMIN, id, order(action))).toBe(false);
      await fault(stationId, 'GroundFailure');
      await lookFor(db, 'faulted');
      expect(await alarms.only(stationId)).toMatchObject({ state: 'resolved', ended: false });
      expect(await alarms.told(stationId)).toEqual([`alarm.resolved faulted resolved ${USER}`]);

      await fault(stationId, 'HighTemperature');
      expect(await alarms.only(stationId)).toMatchObject({ state: 'open' });
      expect(await alarms.told(stationId)).toEqual(['alarm.raised faulted open']);
      await actOnAlarm(db, ADMIN, id, order('resolve'));
      await fault(stationId, null);
      await lookFor(db, 'faulted');
      await alarms.ago('alarm', 'cause_gone_at', 6, `id = ${id}`);
      await alarms.told(stationId);
      await keep();
      // Over, and nobody is told twice that it is resolved.
      expect(await alarms.only(stationId)).toMatchObject({ state: 'resolved', ended: true });
      expect(await alarms.told(stationId)).toEqual([]);
      await fault(stationId, 'HighTemperature');
      expect(await alarms.of(stationId)).toHaveLength(2);
    });

    it('reaches the alarms of the tenant, and lists them', async () => {
      const { stationId, id } = await raised();
      expect(await actOnAlarm(db, OTHER, id, order('resolve'))).toBe(false);
      expect([await getAlarm(db, OTHER, id), await alarmHistory(db, OTHER, id)]).toEqual([undefined, []]);
      expect((await listAlarms(db, OTHER, { stationId, limit: 10 })).items).toEqual([]);
      const list = async (more: object) =>
        (await listAlarms(db, ADMIN, { stationId, limit: 10, ...more })).items.length;
      expect(await list({})).toBe(1);
      expect(
        await list({ states: ['open', 'snoozed'], kind: 'faulted', severity: 'critical', since: new Date(0) }),
      ).toBe(1);
      expect(await list({ states: ['resolved'] })).toBe(0);
      expect(await list({ kind: 'offline' })).toBe(0);
      expect(await list({ severity: 'info' })).toBe(0);
      expect(await list({ before: id })).toBe(0);
      expect(await list({ since: new Date(Date.now() + 86_400_000) })).toBe(0);
    });
  });

  it('a turn is taken by one of those who ask, and comes again when its pause is over', async () => {
    const turns = [
      { name: 'test:turn', everyMs: 600_000 },
      { name: 'test:other', everyMs: 600_000 },
    ];
    const asked = await Promise.all([1, 2, 3].map(() => takeTurns(db, turns)));
    expect(asked.flatMap((mine) => [...mine]).sort()).toEqual(['test:other', 'test:turn']);
    await alarms.ago('alarm_turn', 'next_at', 1, "name = 'test:turn'");
    expect([...(await takeTurns(db, turns))]).toEqual(['test:turn']);
    expect([...(await takeTurns(db, turns))]).toEqual([]);
  });

  it('drops what has been over for long, with what became of it', async () => {
    const id = await alarms.station();
    await fault(id, 'InternalError');
    const alarm = await alarms.only(id);
    await actOnAlarm(db, ADMIN, alarm.id, order('resolve'));
    await alarms.ago('alarm', 'ended_at', 401 * 1440, `id = ${alarm.id}`);
    await keep();
    expect([await alarms.of(id), await alarms.history(alarm.id)]).toEqual([[], []]);
  });
}
