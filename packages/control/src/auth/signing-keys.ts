/**
 * The keys that sign access tokens (docs/decisions/0022). Key pairs lie in the database, so that every control process signs and
 * verifies with the same; a process holds them for a minute. Where HS256 is configured there is one key and no pair: the secret.
 */
import type { webcrypto } from 'node:crypto';
import type { Clock } from '@sigec/runtime';
import {
  type Database,
  type KeyAlgorithm,
  type KeyRotation,
  listSigningKeys,
  rotateSigningKeys,
  type SigningKeyRow,
  type StoredSigningKey,
} from '@sigec/store';
import {
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importJWK,
  importPKCS8,
  type JWK,
} from 'jose';
import { nameOf, seal, unseal } from '../sealed.js';

type Key = webcrypto.CryptoKey | Uint8Array;

export interface SigningKey {
  readonly algorithm: KeyAlgorithm | 'HS256';
  /** What tokens name it by; HS256 has one key, and no name for it. */
  readonly id: string | undefined;
  readonly key: Key;
}

/** Where an access token's key is found. */
export interface SigningKeys {
  /** The one that signs now. */
  signer(): Promise<SigningKey>;
  /** The one of this name; undefined where there is none of which a token may be alive. */
  verifier(id: string | undefined): Promise<SigningKey | undefined>;
  /** The public halves, for others who check our tokens (RFC 7517). */
  published(): Promise<readonly JWK[]>;
  /** Makes a key where none signs, or the one that does has signed long enough. @returns whether one was made */
  rotate(): Promise<boolean>;
}

/** HS256: who can check a token can make one, so it is for installations that hand tokens to nobody else. */
export class SecretKey implements SigningKeys {
  readonly #key: SigningKey;

  constructor(secret: string) {
    this.#key = { algorithm: 'HS256', id: undefined, key: new TextEncoder().encode(secret) };
  }

  async signer(): Promise<SigningKey> {
    return this.#key;
  }

  async verifier(id: string | undefined): Promise<SigningKey | undefined> {
    return id === undefined ? this.#key : undefined;
  }

  async published(): Promise<readonly JWK[]> {
    return [];
  }

  async rotate(): Promise<boolean> {
    return false;
  }
}

/** What was read is believed so long, ms. */
const FRESH_MS = 60_000;
/** A name that nobody knows makes us look again, no more often, ms: names are whatever a client writes. */
const RETRY_MS = 5_000;
/** A key signs for thirty days. */
export const KEY_MS = 30 * 24 * 3_600_000;
/** Longer than anybody who was told to keep the list (`max-age` of the route) may keep it, ms. */
const LEAD_MS = 15 * 60_000;
/** The life of a token, and what clocks may differ, ms. */
const OVERLAP_MS = 20 * 60_000;

async function make(algorithm: KeyAlgorithm, secret: string): Promise<StoredSigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const id = await calculateJwkThumbprint(jwk);
  return {
    id,
    algorithm,
    publicJwk: { ...jwk } as Record<string, string>,
    keyBox: seal(secret, 'signing-key', await exportPKCS8(privateKey)),
  };
}

interface Held {
  readonly row: SigningKeyRow;
  readonly verifying: SigningKey;
}

export class StoredKeys implements SigningKeys {
  readonly #db: Database;
  readonly #secret: string;
  readonly #clock: Clock;
  readonly #rotation: KeyRotation;
  #held: ReadonlyMap<string, Held> = new Map();
  #signer: SigningKey | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(
    deps: { readonly db: Database; readonly secret: string; readonly clock: Clock },
    algorithm: KeyAlgorithm,
  ) {
    this.#db = deps.db;
    this.#secret = deps.secret;
    this.#clock = deps.clock;
    this.#rotation = {
      algorithm,
      sealedBy: nameOf(deps.secret),
      signMs: KEY_MS,
      leadMs: LEAD_MS,
      overlapMs: OVERLAP_MS,
    };
  }

  async signer(): Promise<SigningKey> {
    await this.#atMost(FRESH_MS);
    if (this.#signer === undefined) throw new Error('access tokens: no key signs');
    return this.#signer;
  }

  async verifier(id: string | undefined): Promise<SigningKey | undefined> {
    if (id === undefined) return undefined;
    await this.#atMost(FRESH_MS);
    if (!this.#held.has(id)) await this.#atMost(RETRY_MS);
    return this.#held.get(id)?.verifying;
  }

  async published(): Promise<readonly JWK[]> {
    await this.#atMost(FRESH_MS);
    return [...this.#held.values()].map(({ row: { id, algorithm, publicJwk } }) => ({
      ...publicJwk,
      kid: id,
      alg: algorithm,
      use: 'sig',
    }));
  }

  async rotate(): Promise<boolean> {
    const { algorithm } = this.#rotation;
    const made = await rotateSigningKeys(this.#db, this.#rotation, () => make(algorithm, this.#secret));
    if (made) this.#readAt = Number.NEGATIVE_INFINITY;
    return made;
  }

  /** Reads what is older; without the database what was read before goes on being good. */
  async #atMost(ageMs: number): Promise<void> {
    if (this.#clock.monotonic() - this.#readAt < ageMs) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    try {
      await this.#reading;
    } catch (error) {
      if (this.#signer === undefined) throw error;
      this.#readAt = this.#clock.monotonic() - FRESH_MS + RETRY_MS;
    }
  }

  async #read(): Promise<void> {
    const { algorithm, sealedBy } = this.#rotation;
    const signs = (rows: readonly SigningKeyRow[]) => rows.find((row) => row.signs && row.algorithm === algorithm);
    let rows = await listSigningKeys(this.#db, sealedBy);
    if (signs(rows) === undefined) {
      await this.rotate();
      rows = await listSigningKeys(this.#db, sealedBy);
    }
    const held = await Promise.all(
      rows.map(async (row): Promise<[string, Held]> => {
        const known = this.#held.get(row.id);
        const key = known?.verifying.key ?? (await importJWK({ ...row.publicJwk }, row.algorithm));
        return [row.id, { row, verifying: { algorithm: row.algorithm, id: row.id, key } }];
      }),
    );
    const signer = signs(rows);
    if (signer !== undefined && signer.id !== this.#signer?.id) {
      const key = await importPKCS8(unseal(this.#secret, 'signing-key', signer.keyBox), signer.algorithm);
      this.#signer = { algorithm: signer.algorithm, id: signer.id, key };
    }
    this.#held = new Map(held);
    this.#readAt = this.#clock.monotonic();
  }
}
