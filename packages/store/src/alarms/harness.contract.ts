/** What the parts of the suite of alarms share: what stands of a station, what was told, and time that has passed. */
import type { Database } from '../database.js';
import { station } from '../harness.contract.js';

export interface Seen {
  readonly id: number;
  readonly kind: string;
  readonly subject: string;
  readonly cause: string;
  readonly severity: string;
  readonly state: string;
  readonly count: number;
  readonly gone: boolean;
  readonly ended: boolean;
}

export class Alarms {
  constructor(readonly db: Database) {}

  /** A station that is online and came an hour ago. */
  async station(tenantId = 1, more = 'online = true'): Promise<number> {
    const id = await station(this.db, tenantId);
    await this.db.query(`update station set connected_at = now() - interval '1 hour', ${more} where id = $1::int8`, [
      id,
    ]);
    return id;
  }

  /** Every alarm of a station, in the order in which they came. */
  of(stationId: number): Promise<Seen[]> {
    return this.db.query<Seen>(
      `select id, kind, subject, cause, severity, state, count, cause_gone_at is not null as gone,
         ended_at is not null as ended
       from alarm where station_id = $1::int8 order by id`,
      [stationId],
    );
  }

  async only(stationId: number): Promise<Seen> {
    const all = await this.of(stationId);
    if (all.length !== 1) throw new Error(`${all.length} alarms`);
    return all[0] as Seen;
  }

  /** What was told of a station's alarms since the last time. */
  async told(stationId: number): Promise<string[]> {
    const rows = await this.db.query<{ text: string }>(
      `with gone as (delete from outbox where kind like 'alarm.%' and payload->>'device_id' = $1::text
         returning id, kind, payload)
       select concat_ws(' ', kind, payload->>'kind', payload->>'state', payload->>'by') as text from gone order by id`,
      [String(stationId)],
    );
    return rows.map((row) => row.text);
  }

  /** What became of an alarm: action, who, comment. */
  async history(id: number): Promise<string[]> {
    const rows = await this.db.query<{ text: string }>(
      `select concat_ws(' ', action, user_id, comment) as text from alarm_entry where alarm_id = $1::int8 order by id`,
      [id],
    );
    return rows.map((row) => row.text);
  }

  /** Lets time pass for one time of one row. */
  async ago(table: string, column: string, minutes: number, where: string): Promise<void> {
    await this.db.query(`update ${table} set ${column} = now() - $1::float8 * interval '1 minute' where ${where}`, [
      minutes,
    ]);
  }
}
