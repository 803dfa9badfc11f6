/** Files in pieces: written as they come, read a piece at a time. Whoever names a file has asked who may see it before. */
import type { Database, Sql } from '../database.js';

/** Bytes of every piece but the last. */
export const CHUNK_BYTES = 256 * 1024;

export interface StoredFile {
  readonly id: number;
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** An empty file that is being written; what is never completed is swept away ({@link sweepFiles}). */
export async function beginFile(db: Sql, tenantId: number): Promise<number> {
  const [row] = await db.query<{ id: number }>('insert into stored_file (tenant_id) values ($1::int4) returning id', [
    tenantId,
  ]);
  return row?.id ?? 0;
}

/** @param seq from 0; each piece but the last is {@link CHUNK_BYTES} long */
export async function writeChunk(db: Sql, file: number, seq: number, bytes: Uint8Array): Promise<void> {
  await db.query('insert into stored_file_chunk (file, seq, bytes) values ($1::int8, $2::int4, $3::bytea)', [
    file,
    seq,
    bytes,
  ]);
}

/** Says that all of it came. False where it was swept away meanwhile. */
export async function completeFile(db: Sql, file: number, sizeBytes: number, sha256: Uint8Array): Promise<boolean> {
  const rows = await db.query(
    `update stored_file set size_bytes = $2::int8, sha256 = $3::bytea, completed_at = now()
     where id = $1::int8 and completed_at is null returning id`,
    [file, sizeBytes, sha256],
  );
  return rows.length === 1;
}

export async function dropFile(db: Sql, file: number): Promise<void> {
  await db.query('delete from stored_file where id = $1::int8', [file]);
}

/** A piece; undefined past the end. */
export async function readChunk(db: Database, file: number, seq: number): Promise<Uint8Array | undefined> {
  const [row] = await db.query<{ bytes: Uint8Array }>(
    'select bytes from stored_file_chunk where file = $1::int8 and seq = $2::int4',
    [file, seq],
  );
  return row?.bytes;
}

/** Longer than the slowest upload that is let in takes. */
const UNFINISHED = "interval '2 hours'";
const AT_ONCE = 20;

/** Removes files that were begun and left; how many. */
export async function sweepFiles(db: Database): Promise<number> {
  const rows = await db.query(
    `delete from stored_file where id in (
       select id from stored_file where completed_at is null and created_at < now() - ${UNFINISHED}
       order by created_at limit ${AT_ONCE} for update skip locked) returning id`,
  );
  return rows.length;
}
