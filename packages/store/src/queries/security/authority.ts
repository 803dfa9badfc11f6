/** The authority that this installation keeps by itself: made once, whoever comes first. */
import type { Database } from '../../database.js';

export interface StoredAuthority {
  readonly certificatePem: string;
  /** Encrypted. */
  readonly keyBox: Uint8Array;
}

/** Bound to the transaction: two processes that start at once make one authority. */
const AUTHORITY_LOCK = 7_344_324;

const NEWEST = `
  select certificate_pem as "certificatePem", key_box as "keyBox" from certificate_authority order by id desc limit 1`;

/** The authority that there is; made by `make` where there is none, by one process only. */
export async function ensureAuthority(db: Database, make: () => Promise<StoredAuthority>): Promise<StoredAuthority> {
  const [known] = await db.query<StoredAuthority>(NEWEST);
  if (known !== undefined) return known;
  const made = await make();
  return db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1::int8)', [AUTHORITY_LOCK]);
    const [other] = await tx.query<StoredAuthority>(NEWEST);
    if (other !== undefined) return other;
    await tx.query('insert into certificate_authority (certificate_pem, key_box) values ($1::text, $2::bytea)', [
      made.certificatePem,
      made.keyBox,
    ]);
    return made;
  });
}
