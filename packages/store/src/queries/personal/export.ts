/** Everything that is held of a person, for that person (LGPD, article 18, II and V). */
import type { Database } from '../../database.js';
import type { Actor } from '../scope.js';
import { KEYS_OF, PERSONAL, WHO } from './tables.js';

/** Rows by table, in the tables' own words: whoever reads it by program finds what is there, and nothing was told anew. */
export type PersonalData = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** Of whoever asks. */
export function exportPerson(db: Database, actor: Actor): Promise<PersonalData> {
  return db.transaction(async (tx) => {
    const whose = [actor.userId, actor.tenantId];
    const [found] = await tx.query<{ keys: string }>(KEYS_OF, whose);
    const data: Record<string, Record<string, unknown>[]> = {};
    for (const [table, { read }] of Object.entries(PERSONAL)) {
      if (read === undefined) continue;
      const rows = await tx.query<{ item: string }>(`${WHO} select to_jsonb(q)::text as item from (${read}) q`, [
        ...whose,
        found?.keys ?? '[]',
      ]);
      data[table] = rows.map(({ item }) => JSON.parse(item) as Record<string, unknown>);
    }
    return data;
  });
}
