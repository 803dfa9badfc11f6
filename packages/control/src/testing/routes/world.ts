/** A tenant with one of everything that the rows name, and callers of every kind. */
import { createUser, type UserRole } from '@sigec/store';
import { type Harness, startHarness } from '../harness.js';
import { type Ids, ROWS } from './rows.js';
import { type Seeds, seedsOf } from './seeds.js';

/** Drivers with grants: at the station's site and group, as manager or as viewer, or as manager of another site. */
export type Granted = 'manager' | 'viewer' | 'elsewhere';
/** `outsider` administers the tenant of `stranger`. */
export type Caller = 'admin' | 'operator' | 'user' | 'stranger' | 'outsider' | Granted | undefined;

export class RouteWorld {
  readonly h: Harness;
  ids: Ids;
  readonly #seeds: Seeds;
  /** Tokens of those whom the harness does not know. */
  readonly #others = new Map<Caller, string>();

  private constructor(h: Harness, ids: Ids, seeds: Seeds) {
    this.h = h;
    this.ids = ids;
    this.#seeds = seeds;
  }

  static async begin(): Promise<RouteWorld> {
    const nobody = { issuer: 'http://127.0.0.1:9', clientId: 'x', redirectUrl: 'https://app.example.test/login' };
    const h = await startHarness({
      ...{ offlineGraceMs: 1, commandTimeoutMs: 250, publicUrl: 'http://127.0.0.1:8080' },
      ...{ uploadMaxBytes: 50_000, oidc: nobody },
    });
    const station = await h.station('RULES');
    await h.db.query('update station set lat = 1, lng = 1 where id = $1::int8', [Number(station)]);
    const seeds = seedsOf(h);
    const ids: Record<string, string> = { id: station };
    for (const [name, seed] of Object.entries(seeds)) ids[name] = await seed(Number(station));
    return new RouteWorld(h, ids, seeds);
  }

  /** Makes another of what a row's path names. */
  seed(name: string): Promise<string> {
    return this.#seeds[name]?.(Number(this.ids.id)) ?? Promise.reject(new Error(`no seed ${name}`));
  }

  /** Somebody whom the harness does not know. @returns their id */
  async person(name: Extract<Caller, 'outsider' | Granted>, tenantId: number, role: UserRole): Promise<string> {
    const { h } = this;
    const made = await createUser(h.db, { tenantId, name, email: `${name}@example.test`, role, passwordHash: '-' });
    const userId = made?.id ?? '';
    this.#others.set(name, await h.services.tokens.issue({ userId, tenantId, role, sessionId: 'x' }));
    return userId;
  }

  /** One call of a route. */
  async call(key: string, as: Caller) {
    const { h, ids } = this;
    const row = ROWS[key];
    if (row === undefined) throw new Error(`${key} has no row in the table`);
    const seeded = (name: string) => ids[`${name}_of_${as}`] ?? ids[name] ?? `no-seed-${name}`;
    const path = row.path.replace(/:([a-z_]+)/g, (_, name: string) => seeded(name));
    const of = this.#others.get(as);
    const body = (as !== 'outsider' && of !== undefined ? (row.there ?? row.body) : row.body)?.(ids);
    const typed: Record<string, string> = row.type === undefined ? {} : { 'content-type': row.type };
    const who =
      of === undefined
        ? { as: as as keyof Harness['tokens'] | undefined, headers: typed }
        : { headers: { ...typed, authorization: `Bearer ${of}` } };
    const answer = await h.call(key.split(' ')[0] ?? '', path, { ...who, ...(body === undefined ? {} : { body }) });
    if (row.anew !== undefined && answer.status < 300) this.ids = { ...ids, [row.anew]: await this.seed(row.anew) };
    return answer;
  }

  /** Everything of the first tenant that a stranger might change. */
  async everything(): Promise<unknown> {
    return [
      await this.h.db.query('select * from station where tenant_id = 1 order by id'),
      await this.h.db.query('select * from site where tenant_id = 1 order by id'),
      await this.h.db.query('select * from station_group where tenant_id = 1 order by id'),
      await this.h.db.query('select * from station_group_member order by group_id, station_id'),
      await this.h.db.query('select * from connector order by station_id, evse_id, connector_id'),
      await this.h.db.query('select * from transaction where tenant_id = 1 order by id'),
      await this.h.db.query('select * from id_token where tenant_id = 1 order by id'),
      await this.h.db.query('select * from command where tenant_id = 1 order by id'),
      await this.h.db.query('select * from command_batch where tenant_id = 1 order by id'),
      await this.h.db.query('select * from app_user where tenant_id = 1 order by id'),
      await this.h.db.query('select * from api_key where tenant_id = 1 order by id'),
      await this.h.db.query('select * from station_grant where tenant_id = 1 order by id'),
      await this.h.db.query('select * from second_factor where tenant_id = 1 order by user_id'),
      await this.h.db.query('select * from tariff where tenant_id = 1 order by id'),
      await this.h.db.query('select * from tariff_assignment where tenant_id = 1 order by id'),
      await this.h.db.query('select * from webhook where tenant_id = 1 order by id'),
      await this.h.db.query('select * from webhook_delivery where tenant_id = 1 order by id'),
      await this.h.db.query('select * from alarm where tenant_id = 1 order by id'),
      await this.h.db.query('select * from alarm_entry where tenant_id = 1 order by id'),
      await this.h.db.query('select * from alarm_rule where tenant_id = 1 order by kind'),
    ];
  }
}
