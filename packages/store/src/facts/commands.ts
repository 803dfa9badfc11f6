/** What a batch does for the queue of commands: a station that is back has its queue looked at. */
import { numbers } from '../batch/columns.js';
import type { Sql } from '../database.js';
import type { Fact } from './fact.js';

export interface CommandWake {
  readonly stationId: number;
}

// In order of id, as everybody locks them. A look under way is not disturbed: it sees that `wakes` rose.
const WAKE = `
  update command_lane l set wakes = l.wakes + 1,
    due_at = case when l.lease_until > now() then l.due_at else now() + $2::text::float8 * interval '1 ms' end
  from (
    select station_id from command_lane where station_id = any($1::text::int8[]) order by station_id for update) k
  where l.station_id = k.station_id`;

/** Looks at the queues of these stations, at once or a little later. */
export function wakeLanes(tx: Sql, stationIds: readonly number[], delayMs = 0): Promise<unknown> {
  return tx.query(WAKE, [numbers([...new Set(stationIds)], (id) => id), String(delayMs)]);
}

const commandWake: Fact<CommandWake> = {
  write: (tx, rows) =>
    wakeLanes(
      tx,
      rows.map(({ stationId }) => stationId),
    ),
};

export const COMMANDS_FACTS = { commandWake };
export const COMMANDS_LOOKUPS = {};
