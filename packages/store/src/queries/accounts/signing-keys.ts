/** Key pairs that sign access tokens: shared by all control processes, made by one of them at a time. */
import type { Database } from '../../database.js';

export type KeyAlgorithm = 'ES256' | 'EdDSA';

export interface StoredSigningKey {
  /** What tokens name it by (`kid`). */
  readonly id: string;
  readonly algorithm: KeyAlgorithm;
  readonly publicJwk: Readonly<Record<string, string>>;
  /** The private half, encrypted. */
  readonly keyBox: Uint8Array;
}

export interface SigningKeyRow extends StoredSigningKey {
  /** Whether its time to sign has come. */
  readonly signs: boolean;
}

/** How the keys of one algorithm, under one secret of the installation, follow one another. */
export interface KeyRotation {
  readonly algorithm: KeyAlgorithm;
  /** Names the secret. */
  readonly sealedBy: string;
  /** A key that has signed so long is followed by another. */
  readonly signMs: number;
  /** From being shown to signing, where another still signs: who keeps a list of keys has read it anew by then. */
  readonly leadMs: number;
  /** From the start of its successor to the end of the last token that it signed. */
  readonly overlapMs: number;
}

/** Bound to the transaction: of processes that start at once one makes a key. */
const KEY_LOCK = 7_344_325;

/**
 * Those under this secret of which a token may be alive, the one that began to sign last in front. Under another secret, which
 * may have leaked, there may be others.
 */
export function listSigningKeys(db: Database, sealedBy: string): Promise<SigningKeyRow[]> {
  return db.query<SigningKeyRow>(
    `select id, algorithm, public_jwk as "publicJwk", key_box as "keyBox", signs_at <= now() as signs
     from signing_key where sealed_by = $1::text and (ends_at is null or ends_at > now()) order by signs_at desc, id`,
    [sealedBy],
  );
}

const IS_DUE = `
  select not exists (select 1 from signing_key where algorithm = $1::text and sealed_by = $2::text
    and ends_at is null and signs_at > now() - $3::int8 * interval '1 ms') as due`;

/** Makes a key where there is none, or the newest has signed long enough. @returns whether one was made */
export async function rotateSigningKeys(
  db: Database,
  { algorithm, sealedBy, signMs, leadMs, overlapMs }: KeyRotation,
  make: () => Promise<StoredSigningKey>,
): Promise<boolean> {
  const isDue = async (sql: Pick<Database, 'query'>) =>
    (await sql.query<{ due: boolean }>(IS_DUE, [algorithm, sealedBy, signMs]))[0]?.due === true;
  if (!(await isDue(db))) return false;
  const made = await make();
  return db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1::int8)', [KEY_LOCK]);
    if (!(await isDue(tx))) return false;
    const ended = await tx.query(
      `update signing_key set ends_at = now() + ($3::int8 + $4::int8) * interval '1 ms'
       where algorithm = $1::text and sealed_by = $2::text and ends_at is null returning id`,
      [algorithm, sealedBy, leadMs, overlapMs],
    );
    await tx.query(
      `insert into signing_key (id, algorithm, public_jwk, key_box, sealed_by, signs_at)
       values ($1::text, $2::text, $3::text::jsonb, $4::bytea, $5::text, now() + $6::int8 * interval '1 ms')`,
      [made.id, algorithm, JSON.stringify(made.publicJwk), made.keyBox, sealedBy, ended.length === 0 ? 0 : leadMs],
    );
    return true;
  });
}

/** Keys of which no token is alive, and those of an algorithm or a secret that nobody has used for twice the time of a key. */
export async function dropOldSigningKeys(db: Database, signMs: number): Promise<void> {
  await db.query(`delete from signing_key where ends_at < now() or signs_at < now() - 2 * $1::int8 * interval '1 ms'`, [
    signMs,
  ]);
}
