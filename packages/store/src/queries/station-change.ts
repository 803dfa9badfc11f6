/** What operators change of a station, and the events that say so, in one commit. */
import type { Database, Param } from '../database.js';
import type { Actor } from './scope.js';
import { siteNamed } from './sites.js';
import { getStation, type StationPatch, type StationView } from './stations.js';
import { tellEvent } from './tell.js';

type Columns = Omit<StationPatch, 'site' | 'archived'>;

/** Of each that is written as it was given: its column, the type of that, and what it is called where it is told. */
const COLUMNS: Readonly<Record<keyof Columns, readonly [column: string, type: string, told: string]>> = {
  name: ['name', 'text', 'name'],
  lat: ['lat', 'float8', 'location'],
  lng: ['lng', 'float8', 'location'],
  address: ['address', 'text', 'location'],
  siteId: ['site_id', 'int8', 'site_id'],
  published: ['published', 'bool', 'published'],
  defaultVersion: ['default_version', 'text', 'default_version'],
  blocked: ['blocked', 'bool', 'blocked'],
  pingSeconds: ['ping_seconds', 'int4', 'ping_seconds'],
  leniency: ['leniency', 'jsonb', 'leniency'],
  minSecurityProfile: ['min_security_profile', 'int2', 'min_security_profile'],
};
const NAMES = Object.keys(COLUMNS) as (keyof Columns)[];

const textOf = (value: Columns[keyof Columns] | null): string | null => {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** What ends the session of a station: whatever it sends next is answered by closing it. */
const ENDED = [
  'online = false',
  'edge_id = null',
  'disconnected_at = case when online then now() else disconnected_at end',
  'session_epoch = session_epoch + 1',
];

interface Found {
  readonly identity: string;
  readonly online: boolean;
  readonly epoch: number;
  readonly revision: number;
}

// A start that is being written refers to the station, and does not wait.
const LOCK = `
  select identity, online, session_epoch as epoch, revision from station
  where tenant_id = $1::int4 and id = $2::int8 for no key update`;

/** Under what a patch is told: as the API names it, each once. */
function toldOf(patch: StationPatch): string[] {
  const named = NAMES.filter((name) => patch[name] !== undefined).map((name) => COLUMNS[name][2]);
  const more = [patch.site === undefined ? [] : ['location'], patch.archived === undefined ? [] : ['archived']];
  return [...new Set([...named, ...more.flat()])];
}

/**
 * Changes what is given, and tells `station.changed`, and `station.offline` where that ends its session. Undefined where the
 * tenant has no such station.
 * @param ifRevision the revisions that the change was made for; another one is `stale`, and stays as it is
 */
export async function updateStation(
  db: Database,
  actor: Actor,
  id: number,
  patch: StationPatch,
  ifRevision?: readonly number[],
): Promise<StationView | 'stale' | undefined> {
  const { tenantId } = actor;
  const outcome = await db.transaction(async (tx) => {
    const [was] = await tx.query<Found>(LOCK, [tenantId, id]);
    if (was === undefined) return 'absent';
    if (ifRevision !== undefined && !ifRevision.includes(was.revision)) return 'stale';
    // Nothing is given: whoever edits it is not told of a change that nobody made.
    if (toldOf(patch).length === 0) return 'changed';
    const { site, archived } = patch;
    const columns: Columns =
      site === undefined ? patch : { ...patch, siteId: site === null ? null : await siteNamed(tx, actor, site) };
    const given = NAMES.filter((name) => columns[name] !== undefined);
    const sets = given.map((name, n) => `${COLUMNS[name][0]} = $${n + 2}::text::${COLUMNS[name][1]}`);
    if (archived === false) sets.push('archived_at = null');
    // A blocked station's session is no longer its newest.
    if (patch.blocked === true) sets.push(...ENDED);
    const values: Param[] = given.map((name) => textOf(columns[name]));
    const text = `update station set ${[...sets, 'revision = revision + 1', 'updated_at = now()'].join(', ')}`;
    await tx.query(`${text} where id = $1::int8`, [id, ...values]);
    const { identity, online, epoch, revision } = was;
    const device_id = String(id);
    await tellEvent(tx, tenantId, 'station.changed', { device_id, revision: revision + 1, fields: toldOf(patch) });
    if (patch.blocked === true && online)
      await tellEvent(tx, tenantId, 'station.offline', { device_id, identity, epoch });
    return 'changed';
  });
  if (outcome === 'stale') return outcome;
  return outcome === 'changed' ? getStation(db, actor, id) : undefined;
}
