/** What only time, or what stations tell once, makes an alarm of: energy that stands, meters that are silent, certificates, events. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { batch, begun, OTHER_TENANT, USER, unknown } from '../harness.contract.js';
import { actOnAlarm, replaceAlarmRules } from '../queries/alarms.js';
import { Alarms } from './harness.contract.js';
import { LOOKS, lookFor, watchCharging } from './look.js';
import { RULES } from './raise.js';
import type { LookedFor } from './standing.js';
import type { ToldAlarm } from './told.js';
import { keepAlarms, UPKEEP } from './upkeep.js';
import { WATCH } from './watch.js';

const OTHER = { userId: USER, tenantId: OTHER_TENANT, role: 'admin' } as const;

export function alarmCausesContract(database: () => Database): void {
  let db: Database;
  let alarms: Alarms;
  beforeAll(() => {
    db = database();
    alarms = new Alarms(db);
  });

  describe('a transaction that draws energy', () => {
    const charging = async (version = 'ocpp2.0.1') => {
      const stationId = await alarms.station();
      let id = 0;
      await batch(db, { stationIds: [stationId], newTransactions: unknown(stationId, 1) }, (view) => {
        id = view.newTransactionIds[0] as number;
        return { transactions: [begun(id, stationId, { version, status: 'charging' })] };
      });
      return { stationId, id };
    };
    /** Its meter says something. */
    const reads = async (id: number, wh: number, n: number) => {
      await db.query(
        `update transaction set energy_mwh = $2::int8 * 1000, register = json_build_object('n', $3::int4) where id = $1::int8`,
        [id, wh, n],
      );
      await watchCharging(db);
    };
    const passes = (id: number, minutes: number) =>
      db.query(
        `update charging_watch set risen_at = risen_at - $2::float8 * interval '1 minute',
           read_at = read_at - $2::float8 * interval '1 minute' where transaction_id = $1::int8`,
        [id, minutes],
      );
    const look = async () => {
      await watchCharging(db);
      await lookFor(db, 'no_progress');
      await lookFor(db, 'meter_gap');
    };

    it('is an alarm where its energy stands still while its meter speaks, until it rises or ends', async () => {
      const { stationId, id } = await charging();
      await reads(id, 1000, 1);
      await passes(id, 31);
      await reads(id, 1000, 2);
      await look();
      expect(await alarms.only(stationId)).toMatchObject({ kind: 'no_progress', subject: String(id), state: 'open' });
      await look();
      await reads(id, 1001, 3);
      await look();
      expect(await alarms.only(stationId)).toMatchObject({ gone: true, count: 1 });

      await passes(id, 31);
      await reads(id, 1001, 4);
      await look();
      expect(await alarms.only(stationId)).toMatchObject({ gone: false, count: 2 });
      await db.query('update transaction set ended_at = now() where id = $1::int8', [id]);
      await look();
      expect(await alarms.only(stationId)).toMatchObject({ gone: true });
      expect(await db.query('select 1 from charging_watch where transaction_id = $1::int8', [id])).toEqual([]);
    });

    it('is none while the vehicle or the charger has paused it', async () => {
      const { stationId, id } = await charging('ocpp1.6');
      const connector = (status: string) =>
        db.query(
          `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
           values ($1::int8, 1, 1, $2::text, 'Occupied', now())
           on conflict (station_id, evse_id, connector_id) do update set ocpp_status = excluded.ocpp_status`,
          [stationId, status],
        );
      await connector('Charging');
      await reads(id, 1000, 1);
      await connector('SuspendedEV');
      await passes(id, 31);
      await reads(id, 1000, 2);
      await look();
      expect(await alarms.of(stationId)).toEqual([]);
      // It begins to draw anew: what was before does not count.
      await connector('Charging');
      await reads(id, 1000, 3);
      await look();
      expect(await alarms.of(stationId)).toEqual([]);
    });

    it('is an alarm where its meter is silent for some of its intervals, and none where something was measured', async () => {
      const { stationId, id } = await charging();
      const { stationId: quick, id: sampled } = await charging();
      const { stationId: mute, id: silent } = await charging();
      const promise = (station: number, path: string, value: string) =>
        db.query(
          `insert into device_variable (tenant_id, station_id, path, attribute, component, variable, value, learnt_from)
           values (1, $1::int8, $2::text, 'Actual', '', 'x', $3::text, 'test')
           on conflict (station_id, path, attribute) do update set value = excluded.value`,
          [station, path, value],
        );
      const of16 = '["",null,null,null,"metervaluesampleinterval",null]';
      const of2x = '["sampleddatactrlr",null,null,null,"txupdatedinterval",null]';
      await promise(quick, of2x, '60');
      await promise(mute, of16, '0');
      for (const one of [id, sampled, silent]) {
        await reads(one, 1000, 1);
        await passes(one, 6);
      }
      // Five minutes of a sample each minute are a gap; five of those every five minutes are none yet.
      await look();
      expect(await alarms.of(stationId)).toEqual([]);
      expect(await alarms.only(quick)).toMatchObject({ kind: 'meter_gap', subject: String(sampled) });
      await passes(id, 20);
      await passes(silent, 20);
      await look();
      expect(await alarms.only(stationId)).toMatchObject({ kind: 'meter_gap' });
      expect(await alarms.of(mute)).toEqual([]);

      // What moves no register was measured all the same.
      await db.query(
        `insert into meter_value (transaction_id, station_id, evse_id, connector_id, sampled_at, received_at, samples)
         values ($1::int8, $2::int8, 1, 1, now(), now(), '[]')`,
        [id, stationId],
      );
      await reads(sampled, 1100, 2);
      await look();
      expect(await alarms.only(stationId)).toMatchObject({ gone: true });
      expect(await alarms.only(quick)).toMatchObject({ gone: true });
    });

    it('is none where its station is away, or has only just come back', async () => {
      const { stationId, id } = await charging();
      await reads(id, 1000, 1);
      await passes(id, 100);
      await reads(id, 1000, 2);
      for (const more of ['online = false', 'online = true, connected_at = now()']) {
        await db.query(`update station set ${more} where id = $1::int8`, [stationId]);
        await look();
        expect(await alarms.of(stationId)).toEqual([]);
      }
    });
  });

  describe('a certificate', () => {
    const issued = (stationId: number, serial: string, days: number) =>
      db.query(
        `insert into station_certificate (tenant_id, station_id, source, serial_number, fingerprint, subject, issuer,
           issuer_name_hash, not_before, not_after, chain_pem, delivered_at)
         values (1, $1::int8, 'builtin', $2::text, $2::text, 'CN=a', 'CN=b', 'h', now(),
           now() + $3::float8 * interval '1 day', '', now())`,
        [stationId, serial, days],
      );

    it('is an alarm before it runs out, a graver one after, and none when a newer is there', async () => {
      const id = await alarms.station();
      await issued(id, 'a1', 29);
      await issued(await alarms.station(), 'a2', 31);
      await lookFor(db, 'certificate_expiry');
      expect(await alarms.only(id)).toMatchObject({ subject: 'issued  a1', cause: 'expiring', severity: 'warning' });
      await db.query(
        `update station_certificate set not_after = now() - interval '1 hour' where station_id = $1::int8`,
        [id],
      );
      await lookFor(db, 'certificate_expiry');
      expect(await alarms.only(id)).toMatchObject({ cause: 'expired', severity: 'critical', count: 2 });
      await issued(id, 'a3', 365);
      await lookFor(db, 'certificate_expiry');
      await keepAlarms(db, 400);
      expect(await alarms.only(id)).toMatchObject({ state: 'resolved', ended: true });
    });

    it('that a station holds of others is one too, once', async () => {
      const id = await alarms.station();
      for (const algorithm of ['SHA256', 'SHA512'])
        await db.query(
          `insert into installed_certificate (tenant_id, station_id, certificate_type, hash_algorithm, issuer_name_hash,
             serial_number, not_after)
           values (1, $1::int8, 'CSMSRootCertificate', $2::text, 'h', 'b1', now() + interval '3 days')`,
          [id, algorithm],
        );
      await lookFor(db, 'certificate_expiry');
      expect(await alarms.only(id)).toMatchObject({ subject: 'installed CSMSRootCertificate b1', severity: 'warning' });
    });
  });

  describe('what a station tells once', () => {
    const told = (stationId: number, more: Partial<ToldAlarm>): ToldAlarm => ({
      ...{ stationId, kind: 'security_event', subject: 'TamperDetectionActivated', cause: '', evseId: null },
      ...{ connectorId: null, detail: {}, level: null, cleared: false, at: Date.now() },
      ...more,
    });
    const tell = (...toldAlarm: ToldAlarm[]) => batch(db, {}, () => ({ facts: { toldAlarm } }));

    it('is an alarm, counted where it comes again, and over when it has not come for long', async () => {
      const id = await alarms.station();
      await tell(told(id, {}), told(id, {}), told(id, { subject: 'StartupOfTheDevice' }));
      await tell(told(id, {}));
      const alarm = await alarms.only(id);
      expect(alarm).toMatchObject({ kind: 'security_event', severity: 'critical', state: 'open', count: 3 });
      expect(await alarms.told(id)).toEqual(['alarm.raised security_event open']);
      await keepAlarms(db, 400);
      expect(await alarms.only(id)).toMatchObject({ ended: false });
      await alarms.ago('alarm', 'last_seen', 25 * 60, `id = ${alarm.id}`);
      await keepAlarms(db, 400);
      expect(await alarms.only(id)).toMatchObject({ state: 'resolved', ended: true });
    });

    it('is over at once where an operator says so: told again, it is another', async () => {
      const id = await alarms.station();
      await tell(told(id, {}));
      const { id: alarm } = await alarms.only(id);
      const admin = { userId: USER, tenantId: 1, role: 'admin' } as const;
      await actOnAlarm(db, admin, alarm, { action: 'resolve', comment: null, until: null });
      await tell(told(id, {}));
      expect((await alarms.of(id)).map(({ state }) => state)).toEqual(['resolved', 'open']);
    });

    it('of a monitor is as grave as it says, and over when the station says so', async () => {
      const monitor = { kind: 'monitor_alert', subject: 'monitor 7', cause: 'CX003' } as const;
      const [id, other] = [await alarms.station(), await alarms.station(OTHER_TENANT)];
      await tell(told(id, { ...monitor, level: 5 }), told(id, { ...monitor, subject: 'monitor 8', level: 2 }));
      expect(await alarms.only(id)).toMatchObject({ subject: 'monitor 8', severity: 'critical' });
      await replaceAlarmRules(db, OTHER, [
        { kind: 'monitor_alert', severity: 'info', parameters: { max_severity: 9 } },
      ]);
      await tell(told(other, { ...monitor, level: 5 }));
      expect(await alarms.only(other)).toMatchObject({ subject: 'monitor 7', severity: 'info', gone: false });
      await tell(told(other, { ...monitor, level: 5, cleared: true }));
      expect(await alarms.only(other)).toMatchObject({ gone: true, count: 1 });
      await replaceAlarmRules(db, OTHER, []);
      // Struck and over within one batch: it came, and it went.
      const brief = await alarms.station();
      await tell(told(brief, { ...monitor, level: 1 }), told(brief, { ...monitor, level: 1, cleared: true }));
      expect(await alarms.only(brief)).toMatchObject({ gone: true });
    });
  });

  it('no look reads what is over: neither transactions, samples nor alarms', async () => {
    const id = await alarms.station();
    // What the rest of the suite left is over: the plans are those of a long history and a quiet day.
    await db.query('delete from alarm');
    await db.query('update transaction set ended_at = now() where ended_at is null');
    await db.query(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
         started_at, ended_at, currency, register, tariff)
       select 1, $1::int8, 1, 1, 'ocpp2.0.1', 'past-' || n, 'completed', now(), now(), 'BRL', '{}', '{}'
       from generate_series(1, 8000) n`,
      [id],
    );
    await db.query(
      `insert into alarm (tenant_id, station_id, kind, subject, severity, state, first_seen, last_seen, raised_at, ended_at)
       select 1, $1::int8, k, 'past-' || n, 'info', 'resolved', now(), now(), now(), now()
       from generate_series(1, 2000) n, unnest(array['offline', 'faulted', 'no_progress', 'meter_gap']) k`,
      [id],
    );
    await db.query(
      `insert into meter_value (transaction_id, station_id, evse_id, connector_id, sampled_at, received_at, samples)
       select -n, $1::int8, 1, 1, now(), now(), '[]' from generate_series(1, 8000) n`,
      [id],
    );
    for (const table of ['transaction', 'alarm', 'meter_value', 'charging_watch', 'station', 'connector'])
      await db.query(`analyze ${table}`);
    const plan = async (text: string, params: (string | number)[]) =>
      (await db.query<{ 'QUERY PLAN': string }>(`explain ${text}`, params)).map((row) => row['QUERY PLAN']).join('\n');
    const plans = [await plan(WATCH, []), await plan(UPKEEP.wake, [100]), await plan(UPKEEP.end, [RULES, 100])];
    for (const kind of Object.keys(LOOKS) as LookedFor[]) plans.push(await plan(LOOKS[kind], [RULES, 100]));
    // An empty partition is read whole for nothing.
    const held = await db.query<{ part: string }>(
      'select distinct tableoid::regclass::text as part from meter_value where station_id = $1::int8',
      [id],
    );
    expect(held.length).toBeGreaterThan(0);
    const long = ['transaction', 'alarm', ...held.map(({ part }) => part)].join('|');
    for (const text of plans) expect(text).not.toMatch(new RegExp(`Seq Scan on (?:${long}) `));
    for (const table of ['transaction', 'alarm', 'meter_value']) {
      await db.query(`delete from ${table} where station_id = $1::int8`, [id]);
      await db.query(`analyze ${table}`);
    }
  });
}
