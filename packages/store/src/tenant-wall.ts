/**
 * The second wall between tenants (docs/decisions/0032): while somebody's request is served, every statement runs as a role
 * that sees the rows of one tenant only. The first wall are the queries themselves (queries/scope.ts). Whoever was let in by
 * grants has another role, which sees the stations that these lead to (docs/decisions/0036).
 */
import { drizzle } from 'drizzle-orm/pg-proxy';
import { numbers } from './batch/columns.js';
import type { Database, Drizzle, Param, Sql } from './database.js';
import type { Actor } from './queries/scope.js';
import * as schema from './schema.js';

// Both for this transaction alone. The role is a setting like any other.
const ENTER = `select set_config('sigec.tenant', $1::text, true), set_config('role', 'sigec_tenant', true)`;
const ENTER_GRANTED = `
  select set_config('sigec.tenant', $1::text, true), set_config('sigec.person', $2::text, true),
    set_config('sigec.sites', $3::text, true), set_config('sigec.groups', $4::text, true),
    set_config('role', 'sigec_granted', true)`;

/** For whom statements run. */
export type Served = Pick<Actor, 'tenantId' | 'userId' | 'reach'>;

/**
 * A database that is behind the wall for as long as `served` names somebody, and the plain one otherwise.
 * What is sent whole and known to say its tenant (`GET /devices/:id`) may go round it.
 */
export function behindTenantWall(db: Database, served: () => Served | undefined): Database {
  function transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    const whom = served();
    if (whom === undefined) return db.transaction(work);
    return db.transaction((tx) => work(entering(tx, whom)));
  }
  const sql: Sql = {
    query<Row extends object>(text: string, params?: readonly Param[]) {
      return served() === undefined ? db.query<Row>(text, params) : transaction((tx) => tx.query<Row>(text, params));
    },
    rows<Row extends unknown[]>(text: string, params?: readonly Param[]) {
      return served() === undefined ? db.rows<Row>(text, params) : transaction((tx) => tx.rows<Row>(text, params));
    },
  };
  const walled = drizzle(
    async (text, params, method) => {
      if (method === 'execute') return { rows: await sql.query(text, params as Param[]) };
      return { rows: await sql.rows(text, params as Param[]) };
    },
    { schema },
  ) as unknown as Drizzle;
  return {
    kind: db.kind,
    get orm() {
      return served() === undefined ? db.orm : walled;
    },
    ...sql,
    transaction,
    copy: (table, columns, data) => db.copy(table, columns, data),
    migrate: () => db.migrate(),
    ping: () => db.ping(),
    close: () => db.close(),
  };
}

/** The statements of a transaction, the first of which takes the role before it. */
function entering(tx: Sql, { tenantId, userId, reach }: Served): Sql {
  let entered: Promise<unknown> | undefined;
  const first = (): Promise<unknown> =>
    reach === undefined
      ? tx.query(ENTER, [String(tenantId)])
      : tx.query(ENTER_GRANTED, [
          ...[String(tenantId), userId],
          ...[numbers(reach.sites, (id) => id), numbers(reach.groups, (id) => id)],
        ]);
  const enter = (): Promise<unknown> => {
    entered ??= first();
    return entered;
  };
  // Issued in one turn they travel together; a statement whose entering failed is undone with its transaction.
  return {
    async query<Row extends object>(text: string, params?: readonly Param[]) {
      const [, rows] = await Promise.all([enter(), tx.query<Row>(text, params)]);
      return rows;
    },
    async rows<Row extends unknown[]>(text: string, params?: readonly Param[]) {
      const [, rows] = await Promise.all([enter(), tx.rows<Row>(text, params)]);
      return rows;
    },
  };
}
