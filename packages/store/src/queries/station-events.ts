/** Events of one station, and its streams of values, for people. */
import { and, asc, desc, eq, gt, lt } from 'drizzle-orm';
import type { Database } from '../database.js';
import type { StreamState } from '../facts/event-streams.js';
import { deviceMonitor, eventStream, eventStreamValue, stationEvent } from '../schema.js';
import { type Actor, inTenant, type Page, page } from './scope.js';

export type StationEventRow = typeof stationEvent.$inferSelect;
export type EventStreamRow = typeof eventStream.$inferSelect;
export type StreamValueRow = Pick<typeof eventStreamValue.$inferSelect, 'at' | 'value'>;

interface Options {
  readonly after?: number;
  readonly limit: number;
}

/** Newest first. */
export async function listStationEvents(
  db: Database,
  actor: Actor,
  stationId: number,
  { after, limit }: Options,
): Promise<Page<StationEventRow>> {
  const t = stationEvent;
  const rows = await db.orm
    .select()
    .from(t)
    .where(and(inTenant(actor, t), eq(t.stationId, stationId), after === undefined ? undefined : lt(t.id, after)))
    .orderBy(desc(t.id))
    .limit(limit + 1);
  return page(rows, limit);
}

/** A stream opened before its monitor was known is named by the monitor now. */
export async function listEventStreams(
  db: Database,
  actor: Actor,
  stationId: number,
  { after, limit }: Options,
): Promise<Page<EventStreamRow>> {
  const t = eventStream;
  const rows = await db.orm
    .select({ stream: t, monitor: deviceMonitor })
    .from(t)
    .leftJoin(deviceMonitor, and(eq(deviceMonitor.stationId, t.stationId), eq(deviceMonitor.monitorId, t.monitorId)))
    .where(and(inTenant(actor, t), eq(t.stationId, stationId), after === undefined ? undefined : gt(t.streamId, after)))
    .orderBy(asc(t.streamId))
    .limit(limit + 1);
  const named = rows.map(({ stream, monitor }) => {
    if (stream.component !== null || monitor === null) return stream;
    const { component, componentInstance, evseId, connectorId, variable, variableInstance } = monitor;
    return { ...stream, component, componentInstance, evseId, connectorId, variable, variableInstance };
  });
  return page(named, limit);
}

/** Newest first. */
export async function listStreamValues(
  db: Database,
  actor: Actor,
  stationId: number,
  streamId: number,
  options: { readonly before?: number; readonly limit: number },
): Promise<Page<StreamValueRow>> {
  const t = eventStreamValue;
  const { before, limit } = options;
  const rows = await db.orm
    .select({ at: t.at, value: t.value })
    .from(t)
    .innerJoin(eventStream, and(eq(eventStream.stationId, t.stationId), eq(eventStream.streamId, t.streamId)))
    .where(
      and(
        inTenant(actor, eventStream),
        eq(t.stationId, stationId),
        eq(t.streamId, streamId),
        before === undefined ? undefined : lt(t.at, new Date(before)),
      ),
    )
    .orderBy(desc(t.at))
    .limit(limit + 1);
  return page(rows, limit);
}

export async function hasEventStream(
  db: Database,
  actor: Actor,
  stationId: number,
  streamId: number,
): Promise<boolean> {
  const rows = await db.orm
    .select({ id: eventStream.streamId })
    .from(eventStream)
    .where(and(inTenant(actor, eventStream), eq(eventStream.stationId, stationId), eq(eventStream.streamId, streamId)));
  return rows.length > 0;
}

/** 2.1 N13: how often the station sends from now on. */
export async function adjustStream(
  db: Database,
  stationId: number,
  streamId: number,
  intervalS: number | null,
  valuesEach: number | null,
): Promise<void> {
  await db.query(
    `update event_stream set interval_s = coalesce($3::float8, interval_s), values_each = coalesce($4::int8, values_each)
     where station_id = $1::int8 and stream_id = $2::int8`,
    [stationId, streamId, intervalS, valuesEach],
  );
}

/** 2.1 N12: the station named all that are open; others are not open any more. What is known of a stream stays. */
export async function keepOnlyStreams(db: Database, stationId: number, open: readonly StreamState[]): Promise<void> {
  if (open.length > 0)
    await db.query(
      `insert into event_stream (station_id, stream_id, tenant_id, monitor_id, interval_s, values_each, opened_at)
       select s.id, o."streamId", s.tenant_id, o."monitorId", o."intervalS", o."valuesEach", now()
       from json_to_recordset($2::text::json) as o("streamId" int8, "monitorId" int8, "intervalS" float8,
         "valuesEach" int8) join station s on s.id = $1::int8
       on conflict (station_id, stream_id) do update set monitor_id = excluded.monitor_id,
         interval_s = excluded.interval_s, values_each = excluded.values_each, closed_at = null`,
      [stationId, JSON.stringify([...new Map(open.map((stream) => [stream.streamId, stream])).values()])],
    );
  await db.query(
    `update event_stream set closed_at = now()
     where station_id = $1::int8 and closed_at is null and not stream_id = any($2::int8[])`,
    [stationId, open.map((stream) => stream.streamId)],
  );
}

/** Drops what is older than it is kept, so many at a time; how many went. */
export async function dropOldEvents(db: Database, eventDays: number, streamDays: number): Promise<number> {
  const limit = 5_000;
  const [events, streams] = await Promise.all([
    db.query(
      `delete from station_event where id in (select id from station_event
         where received_at < now() - $1::int4 * interval '1 day' order by received_at limit ${limit}) returning id`,
      [eventDays],
    ),
    db.query(
      `delete from event_stream where (station_id, stream_id) in (select station_id, stream_id from event_stream
         where closed_at < now() - $1::int4 * interval '1 day' order by closed_at limit ${limit}) returning stream_id`,
      [streamDays],
    ),
  ]);
  return events.length + streams.length;
}
