/** Uploads of logs: made with a token that opens one upload, claimed while a charger sends, and kept with their file. */
import { and, desc, eq, lt } from 'drizzle-orm';
import type { Database } from '../database.js';
import { logUpload, stationRequest, storedFile } from '../schema.js';
import { completeFile } from './files.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';

export interface NewLogUpload {
  readonly stationId: number;
  /** `station_request.id`. */
  readonly request: number;
  readonly logType: string;
  /** A place of whoever asked; null: ours, by the token. */
  readonly location: string | null;
  readonly token: { readonly hash: Uint8Array; readonly lifetimeMs: number } | null;
}

export async function createLogUpload(db: Database, { tenantId }: Actor, upload: NewLogUpload): Promise<number> {
  const { stationId, request, logType, location, token } = upload;
  const [row] = await db.query<{ id: number }>(
    `insert into log_upload (tenant_id, station_id, request, log_type, location, token_hash, expires_at)
     values ($1::int4, $2::int8, $3::int8, $4, $5, $6::bytea, now() + $7::float8 * interval '1 millisecond')
     returning id`,
    [tenantId, stationId, request, logType, location, token?.hash ?? null, token?.lifetimeMs ?? null],
  );
  return row?.id ?? 0;
}

/** The charger will not send it: its token opens nothing from now on. */
export async function closeLogUpload(db: Database, id: number): Promise<void> {
  await db.query(
    'update log_upload set expires_at = now() where id = $1::int8 and received_at is null and token_hash is not null',
    [id],
  );
}

/** What the charger calls its file; the upload itself may say it better. */
export async function nameLogUpload(db: Database, id: number, fileName: string): Promise<void> {
  await db.query('update log_upload set file_name = $2 where id = $1::int8 and file_name is null', [id, fileName]);
}

export interface ClaimedUpload {
  readonly id: number;
  readonly tenantId: number;
  readonly stationId: number;
  readonly requestId: number;
}

/** A charger whose connection broke may try again; one that never ends it may not for ever. */
const MAX_ATTEMPTS = 30;
/** After that nobody is sending any more, whatever the row says. */
const CLAIM = "interval '20 minutes'";

/** Opens the upload of a token for one who sends; undefined where it is used, expired, in use, or was never given. */
export async function claimUpload(db: Database, tokenHash: Uint8Array): Promise<ClaimedUpload | undefined> {
  const rows = await db.query<ClaimedUpload>(
    `update log_upload l set claimed_at = now(), attempts = l.attempts + 1
     from station_request r
     where l.token_hash = $1::bytea and r.id = l.request and l.received_at is null and l.expires_at > now()
       and l.attempts < ${MAX_ATTEMPTS} and (l.claimed_at is null or l.claimed_at < now() - ${CLAIM})
     returning l.id, l.tenant_id as "tenantId", l.station_id as "stationId", r.request_id as "requestId"`,
    [tokenHash],
  );
  return rows[0];
}

/** The upload broke off: the token opens another try. */
export async function releaseUpload(db: Database, id: number): Promise<void> {
  await db.query(
    'update log_upload set claimed_at = null where id = $1::int8 and received_at is null and token_hash is not null',
    [id],
  );
}

export interface ReceivedFile {
  readonly file: number;
  readonly sizeBytes: number;
  readonly sha256: Uint8Array;
  /** As the charger called it; null: as it said before. */
  readonly fileName: string | null;
}

/** The whole file came: the token opens nothing more. False where another was faster, or the upload is gone. */
export function receiveUpload(db: Database, upload: ClaimedUpload, received: ReceivedFile): Promise<boolean> {
  const { file, sizeBytes, sha256, fileName } = received;
  return db.transaction(async (tx) => {
    const rows = await tx.query<{ name: string | null }>(
      `update log_upload set file = $2::int8, received_at = now(), file_name = coalesce($3, file_name)
       where id = $1::int8 and received_at is null returning file_name as name`,
      [upload.id, file, fileName],
    );
    const [row] = rows;
    if (row === undefined || !(await completeFile(tx, file, sizeBytes, sha256))) return false;
    const payload = {
      device_id: String(upload.stationId),
      upload_id: String(upload.id),
      request_id: upload.requestId,
      file_name: row.name,
      size_bytes: sizeBytes,
    };
    await tx.query(
      "insert into outbox (tenant_id, kind, payload) values ($1::int4, 'upload.received', $2::text::jsonb)",
      [upload.tenantId, JSON.stringify(payload)],
    );
    return true;
  });
}

const ROW = {
  id: logUpload.id,
  requestId: stationRequest.requestId,
  action: stationRequest.action,
  requestStatus: stationRequest.status,
  logType: logUpload.logType,
  location: logUpload.location,
  expiresAt: logUpload.expiresAt,
  status: logUpload.status,
  info: logUpload.info,
  statusAt: logUpload.statusAt,
  fileName: logUpload.fileName,
  file: logUpload.file,
  sizeBytes: storedFile.sizeBytes,
  sha256: storedFile.sha256,
  receivedAt: logUpload.receivedAt,
  createdAt: logUpload.createdAt,
};

const select = (db: Database) =>
  db.orm
    .select(ROW)
    .from(logUpload)
    .innerJoin(stationRequest, eq(stationRequest.id, logUpload.request))
    .leftJoin(storedFile, eq(storedFile.id, logUpload.file));

export type LogUploadRow = Awaited<ReturnType<typeof select>>[number];

/** Newest first. */
export async function listUploads(
  db: Database,
  actor: Actor,
  stationId: number,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<Page<LogUploadRow>> {
  const older = before === undefined ? undefined : lt(logUpload.id, before);
  const rows = await select(db)
    .where(all(inTenant(actor, logUpload), eq(logUpload.stationId, stationId), older))
    .orderBy(desc(logUpload.id))
    .limit(limit + 1);
  return page(rows, limit);
}

export async function getUpload(
  db: Database,
  actor: Actor,
  stationId: number,
  id: number,
): Promise<LogUploadRow | undefined> {
  const rows = await select(db).where(
    and(inTenant(actor, logUpload), eq(logUpload.stationId, stationId), eq(logUpload.id, id)),
  );
  return rows[0];
}

const AT_ONCE = 20;

/** Removes the files of uploads past their retention, and keeps the note of them; how many. */
export async function expireUploads(db: Database, days: number): Promise<number> {
  return db.transaction(async (tx) => {
    const old = await tx.query<{ id: number; file: number }>(
      `select id, file from log_upload
       where file is not null and received_at < now() - $1::float8 * interval '1 day'
       order by received_at limit ${AT_ONCE} for update skip locked`,
      [days],
    );
    if (old.length === 0) return 0;
    const ids = `{${old.map(({ id }) => id).join(',')}}`;
    const files = `{${old.map(({ file }) => file).join(',')}}`;
    await tx.query('update log_upload set file = null where id = any($1::text::int8[])', [ids]);
    await tx.query('delete from stored_file where id = any($1::text::int8[])', [files]);
    return old.length;
  });
}
