/** Takes a file as it streams in, piece by piece, into the database: never more of it in memory than a piece or two. */
import { createHash } from 'node:crypto';
import { beginFile, CHUNK_BYTES, type Database, dropFile, writeChunk } from '@sigec/store';
import type { Context } from 'hono';
import type { AppEnv } from '../context.js';
import { ProblemError } from '../problem.js';

/** Without a byte for so long the sender is gone, ms. */
const SILENCE_MS = 60_000;

export interface Taken {
  readonly file: number;
  readonly sizeBytes: number;
  readonly sha256: Uint8Array;
}

/** @throws {ProblemError} `payload-too-large` where the request says so itself */
export function checkLength(c: Context<AppEnv>, maxBytes: number): void {
  const length = c.req.header('content-length');
  if (length !== undefined && !(Number(length) <= maxBytes + AROUND_BYTES)) throw tooLarge();
}

const tooLarge = (): ProblemError => new ProblemError('payload-too-large', { headers: { connection: 'close' } });

/** What a form may say beside its file. */
const AROUND_BYTES = 64 * 1024;

/** The body of a request as it comes. @throws {ProblemError} `upload-broken` where it breaks off, `payload-too-large` */
export async function* bodyOf(c: Context<AppEnv>, maxBytes: number): AsyncGenerator<Uint8Array> {
  const reader = c.req.raw.body?.getReader();
  if (reader === undefined) return;
  let whole = false;
  let left = maxBytes + AROUND_BYTES;
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read());
      whole = done;
      if (value === undefined) return;
      left -= value.length;
      if (left < 0) throw tooLarge();
      yield value;
    }
  } catch (cause) {
    throw cause instanceof ProblemError ? cause : new ProblemError('upload-broken', { cause });
  } finally {
    if (!whole) await reader.cancel().catch(() => undefined);
  }
}

async function withinSilence<T>(wanted: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ProblemError('upload-broken')), SILENCE_MS);
  });
  try {
    return await Promise.race([wanted, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Writes a file that nobody sees yet. Where it fails, nothing of it stays.
 * @param keep makes it somebody's; false where it is wanted no more
 * @throws {ProblemError} `payload-too-large`, `validation` where it is empty, and what `body` and `keep` throw
 */
export async function takeFile<T>(
  db: Database,
  tenantId: number,
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  keep: (taken: Taken) => Promise<T>,
  each: (bytes: Uint8Array) => void = () => undefined,
): Promise<T> {
  const file = await beginFile(db, tenantId);
  let kept = false;
  try {
    const taken = await write(db, file, body, maxBytes, each);
    const result = await keep(taken);
    kept = true;
    return result;
  } finally {
    // What cannot be dropped now is swept away later.
    if (!kept) await dropFile(db, file).catch(() => undefined);
  }
}

async function write(
  db: Database,
  file: number,
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  each: (bytes: Uint8Array) => void,
): Promise<Taken> {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  let seq = 0;
  let sizeBytes = 0;
  for await (const bytes of body) {
    sizeBytes += bytes.length;
    if (sizeBytes > maxBytes) throw tooLarge();
    hash.update(bytes);
    each(bytes);
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(bytes.length - at, CHUNK_BYTES - filled);
      piece.set(bytes.subarray(at, at + count), filled);
      filled += count;
      at += count;
      if (filled < CHUNK_BYTES) continue;
      await writeChunk(db, file, seq++, piece);
      filled = 0;
    }
  }
  if (sizeBytes === 0) throw new ProblemError('validation', { errors: [{ field: '', message: 'the file is empty' }] });
  if (filled > 0) await writeChunk(db, file, seq, piece.subarray(0, filled));
  return { file, sizeBytes, sha256: hash.digest() };
}
