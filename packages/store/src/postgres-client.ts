/**
 * One postgres.js client after another. A client of postgres.js (3.4) does not get over a connection that is lost with
 * something left to send: the connection is never usable again, and a statement that is sent on it later ends the
 * process or lands in another's transaction. So a client that lost a connection gets no new work, and a transaction
 * whose connection is gone sends nothing more (field.md 43, 44).
 */
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Param, Sql } from './database.js';
import * as schema from './schema.js';

export interface PostgresOptions {
  readonly url: string;
  /** Connections of this process. Default 8. */
  readonly connections?: number;
  /** Shown in pg_stat_activity. */
  readonly name?: string;
}

const INT8 = { to: 20, from: [20], parse: Number, serialize: String };
const TIMESTAMPTZ = 1184;
/** What a client that lost a connection may take to end the work it has on others, s. */
const FAREWELL_S = 2;

export interface Client {
  readonly orm: PostgresJsDatabase<typeof schema> & { $client: postgres.Sql };
  readonly sql: Sql;
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>;
  copy(table: string, columns: readonly string[], data: Uint8Array): Promise<void>;
}

export interface Clients {
  /** For work that begins now. */
  current(): Client;
  close(): Promise<void>;
}

function asSql(client: postgres.Sql | postgres.TransactionSql): Sql {
  return {
    async query<Row extends object>(text: string, params: readonly Param[] = []) {
      const rows = await client.unsafe(text, params as postgres.ParameterOrJSON<never>[], { prepare: true });
      return rows as unknown as Row[];
    },
    async rows<Row extends unknown[]>(text: string, params: readonly Param[] = []) {
      const rows = await client.unsafe(text, params as postgres.ParameterOrJSON<never>[], { prepare: true }).values();
      return rows as unknown as Row[];
    },
  };
}

const lost = () => Object.assign(new Error('the connection was lost'), { code: 'CONNECTION_CLOSED' });

async function transaction<T>(client: postgres.Sql, work: (tx: Sql) => Promise<T>): Promise<T> {
  let over = false;
  const begun = client.begin((tx) => {
    const sql = asSql(tx);
    const guarded: Sql = {
      async query<Row extends object>(text: string, params?: readonly Param[]) {
        if (over) throw lost();
        return sql.query<Row>(text, params);
      },
      async rows<Row extends unknown[]>(text: string, params?: readonly Param[]) {
        if (over) throw lost();
        return sql.rows<Row>(text, params);
      },
    };
    return new Promise<T>((resolve, reject) => {
      // The loss rejects `begun` and the statements in one turn. After that turn it is known, and neither a commit nor a
      // rollback may be sent: where `begun` is over, this promise stays as it is.
      const settle = (end: () => void) => process.nextTick(() => over || end());
      work(guarded).then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  });
  try {
    return (await begun) as T;
  } finally {
    over = true;
  }
}

/**
 * postgres.js (3.4) tells a failure of what was sent whole (a row refused at the end, a connection lost before the answer)
 * to the query alone, whose promise was kept when the stream was given: neither the stream nor the promise would ever say.
 */
function failureOf(query: object): Promise<never> {
  const told = query as { reject?: (error: unknown) => void };
  const first = told.reject;
  if (first === undefined) throw new Error('postgres.js: a query without reject');
  const failure = new Promise<never>((_, reject) => {
    told.reject = (error) => {
      first(error);
      reject(error);
    };
  });
  failure.catch(() => undefined);
  return failure;
}

async function copy(client: postgres.Sql, table: string, columns: readonly string[], data: Uint8Array): Promise<void> {
  const query = client.unsafe(`copy ${table} (${columns.join(', ')}) from stdin with (format binary)`);
  const failure = failureOf(query);
  const stream = await query.writable();
  const done = new Promise<void>((resolve, reject) => {
    stream.on('error', reject);
    // Finished is what the server has committed, closed without that is what was lost.
    stream.on('finish', resolve);
    stream.on('close', () => reject(lost()));
    stream.end(data);
  });
  await Promise.race([done, failure]);
}

function makeClient(options: PostgresOptions, lost: () => void): Client {
  const client = postgres(options.url, {
    max: options.connections ?? 8,
    types: { bigint: INT8 },
    onnotice: () => undefined,
    onclose: lost,
    connect_timeout: 5,
    // A connection that is closed for its age alone would look like one that was lost.
    max_lifetime: null,
    connection: {
      application_name: options.name ?? 'sigec',
      // A plan for a batch of any size: one made for a list of known length reads the whole table as soon as that looks
      // cheaper, which it is only until the table has grown, and it is made anew at every execution.
      plan_cache_mode: 'force_generic_plan',
    },
    // Statements of the batch are few and always the same: they are prepared once per connection.
    prepare: true,
  });
  const orm = drizzle(client, { schema });
  // Drizzle takes the client's own parser away; it reads Dates as well as text.
  client.options.parsers[TIMESTAMPTZ] = (text: string) => new Date(text);
  return {
    orm,
    sql: asSql(client),
    transaction: (work) => transaction(client, work),
    copy: (...args) => copy(client, ...args),
  };
}

export function openClients(options: PostgresOptions): Clients {
  const leaving = new Set<Promise<void>>();
  let current: Client | undefined;
  let closing: Promise<void> | undefined;
  const leave = (client: Client, timeout: number) => {
    const done = () => void leaving.delete(left);
    const left = client.orm.$client.end({ timeout }).then(done, done);
    leaving.add(left);
  };
  const renew = (): Client => {
    const made = makeClient(options, () => {
      if (current !== made || closing !== undefined) return;
      current = undefined;
      leave(made, FAREWELL_S);
    });
    current = made;
    return made;
  };
  return {
    current: () => current ?? renew(),
    close() {
      closing ??= (async () => {
        // What is asked for after the end is told so by a client that has ended.
        leave(current ?? renew(), 5);
        await Promise.all(leaving);
      })();
      return closing;
    },
  };
}
