/** The room of the stations that exist before the roles start: registered in bulk, each with a salt of its own. */
import { randomBytes } from 'node:crypto';
import { passwordProof, passwordVerifier } from '@sigec/contract';
import { type Actor, createStations, ensureIdToken, openPostgres } from '@sigec/store';
import { formatPattern } from '../swarm/plan.js';

export interface SeedOptions {
  readonly count: number;
  /** With `%d` or `%06d` for the number, which begins at 1. */
  readonly identity: string;
  /** The same for all. */
  readonly password: string;
}

/** Who registers them: the tenant that the migrations make. */
const OWNER: Actor = { userId: '00000000-0000-0000-0000-000000000000', tenantId: 1, role: 'admin' };
/** What the harness's stations authorise with. */
const ID_TOKEN = 'SIGEC-DEMO';
const SALT_BYTES = 16;
/** Security profile 1: a password over a plain socket. */
const BASIC_AUTH = 1;
const PART = 50_000;

/** @throws {Error} where one of the identities is taken */
export async function seedStations(
  databaseUrl: string,
  pepper: string,
  { count, identity, password }: SeedOptions,
): Promise<void> {
  const db = openPostgres({ url: databaseUrl, connections: 2 });
  try {
    await ensureIdToken(db, OWNER, { value: ID_TOKEN });
    const proof = passwordProof(pepper, Buffer.from(password));
    for (let from = 0; from < count; from += PART) {
      const part = Array.from({ length: Math.min(PART, count - from) }, (_none, k) => {
        const salt = randomBytes(SALT_BYTES);
        const secret = { salt, verifier: passwordVerifier(salt, proof) };
        return { identity: formatPattern(identity, from + k + 1), securityProfile: BASIC_AUTH, secret };
      });
      const made = await createStations(db, OWNER, part);
      if (made !== part.length) throw new Error(`stations: ${part.length - made} of the identities are taken`);
    }
    // What the server would find out by itself within a minute.
    await db.query('analyze station');
  } finally {
    await db.close();
  }
}
