/** The room of what the product itself says of the fleet: its edges, its REST API, its books. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openPostgres } from '@sigec/store';
import { Rest } from '../api/rest.js';
import type { StackProcess } from '../stack/process.js';
import type { Stack } from '../stack/stack.js';

/** Sessions that an edge holds now. @throws {Error} where it does not say */
export async function sessionsOf(edge: StackProcess): Promise<number> {
  const answer = await fetch(`${edge.opsUrl}/health/ready`);
  const report = (await answer.json()) as { checks?: { edge?: { detail?: string } } };
  const sessions = Number.parseInt(report.checks?.edge?.detail ?? '', 10);
  if (!Number.isInteger(sessions)) throw new Error(`${edge.name} does not say how many sessions it holds`);
  return sessions;
}

export interface Books {
  readonly transactions: number;
  readonly stopped: number;
  readonly energyWh: number;
}

const ONLINE = 'select count(*)::float8 as online from station where online';
const BOOKS = `select count(*)::float8 as transactions, count(ended_at)::float8 as stopped,
  coalesce(sum(energy_mwh), 0)::float8 / 1000 as "energyWh" from transaction`;
const POLL_MS = 250;

/** Reads the product's database, a few times until it says what is expected. */
export class Ledgers {
  readonly #db;

  constructor(databaseUrl: string) {
    this.#db = openPostgres({ url: databaseUrl, connections: 1 });
  }

  /** Stations that are online; asked until it is so many, for as long as given. */
  async online(expected: number, patienceMs: number): Promise<number> {
    const read = async () => (await this.#db.query<{ online: number }>(ONLINE))[0]?.online ?? 0;
    return this.#until(read, (online) => online === expected, patienceMs);
  }

  async books(expected: Books, patienceMs: number): Promise<Books> {
    const read = async () => (await this.#db.query<Books>(BOOKS))[0] ?? { transactions: 0, stopped: 0, energyWh: 0 };
    return this.#until(read, (books) => sameBooks(books, expected), patienceMs);
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  async #until<T>(read: () => Promise<T>, good: (value: T) => boolean, patienceMs: number): Promise<T> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const value = await read();
      if (good(value) || Date.now() > deadline) return value;
      await sleep(POLL_MS);
    }
  }
}

export function sameBooks(a: Books, b: Books): boolean {
  return a.transactions === b.transactions && a.stopped === b.stopped && Math.abs(a.energyWh - b.energyWh) < 1;
}

/** Of these stations, those that the REST API lists as online. */
export async function onlineByRest(
  api: NonNullable<Stack['api']>,
  identities: readonly string[],
  timeoutMs: number,
): Promise<number> {
  const rest = new Rest(api.url, timeoutMs);
  try {
    await rest.login(api.email, api.password);
    return (await rest.devices(new Set(identities))).size;
  } finally {
    rest.close();
  }
}
