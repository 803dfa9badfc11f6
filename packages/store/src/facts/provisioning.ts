/** A boot asks for the provisioning of a station that was never provisioned, and hurries one that waits. */
import { numbers } from '../batch/columns.js';
import type { Fact } from './fact.js';

const DUE = `
  insert into station_provisioning as p (station_id, tenant_id, state)
  select s.id, s.tenant_id, 'queued' from station s where s.id = any($1::text::int8[])
  on conflict (station_id) do update set next_at = now() where p.ended_at is null and p.next_at > now()`;

export const booted: Fact<{ readonly stationId: number }> = {
  write: (tx, rows) => tx.query(DUE, [numbers([...new Set(rows.map((row) => row.stationId))], (id) => id)]),
};
