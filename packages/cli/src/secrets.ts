/** Secrets that `sigec up` makes for itself once and keeps beside its database, readable by its owner only. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface OwnSecrets {
  readonly pepper: string;
  readonly jwtSecret: string;
}

const isSecrets = (value: unknown): value is OwnSecrets =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as OwnSecrets).pepper === 'string' &&
  typeof (value as OwnSecrets).jwtSecret === 'string';

/** @throws {Error} where the file is there but is none: a new pepper would lock every charger out, so it is not made anew */
export async function ownSecrets(dataDir: string): Promise<OwnSecrets> {
  const path = join(dataDir, 'secrets.json');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isSecrets(value)) return value;
    throw new Error('fields are missing');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new Error(`${path}: cannot be read as secrets`, { cause: error });
  }
  const made = { pepper: randomBytes(32).toString('base64url'), jwtSecret: randomBytes(48).toString('base64url') };
  await writeFile(path, `${JSON.stringify(made)}\n`, { mode: 0o600, flag: 'wx' });
  return made;
}
