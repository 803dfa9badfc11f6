/** Images of firmware, the updates that were asked for with what the chargers said of them, and publications. */
import { asc, desc, eq, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { Database, Sql } from '../database.js';
import {
  customerInformation,
  firmware,
  firmwarePublication,
  firmwareStatus,
  firmwareUpdate,
  stationRequest,
  storedFile,
} from '../schema.js';
import { completeFile } from './files.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';

export * from './files.js';
export * from './uploads.js';

interface PageOptions {
  readonly before?: number;
  readonly limit: number;
}

const IMAGE = {
  id: firmware.id,
  version: firmware.version,
  vendor: firmware.vendor,
  model: firmware.model,
  fileName: firmware.fileName,
  signature: firmware.signature,
  signingCertificate: firmware.signingCertificate,
  file: firmware.file,
  removedAt: firmware.removedAt,
  sizeBytes: storedFile.sizeBytes,
  sha256: storedFile.sha256,
  createdAt: firmware.createdAt,
  updatedAt: firmware.updatedAt,
};

const images = (db: Database) =>
  db.orm.select(IMAGE).from(firmware).leftJoin(storedFile, eq(storedFile.id, firmware.file));

export type FirmwareRow = Awaited<ReturnType<typeof images>>[number];

export interface NewFirmware {
  readonly version: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly fileName: string;
  readonly signature: string | null;
  readonly signingCertificate: string | null;
}

export async function createFirmware(db: Database, actor: Actor, made: NewFirmware): Promise<FirmwareRow> {
  const values = { ...made, tenantId: actor.tenantId };
  const [row] = await db.orm.insert(firmware).values(values).returning();
  if (row === undefined) throw new Error('firmware was not written');
  const { tenantId: _, ...rest } = row;
  return { ...rest, sizeBytes: null, sha256: null };
}

export async function getFirmware(db: Database, actor: Actor, id: number): Promise<FirmwareRow | undefined> {
  return (await images(db).where(all(inTenant(actor, firmware), eq(firmware.id, id))))[0];
}

/** For a charger, whose link names the image; the link is its right. */
export async function getFirmwareFile(
  db: Database,
  id: number,
): Promise<{ file: number; sizeBytes: number; fileName: string } | undefined> {
  const rows = await db.query<{ file: number; sizeBytes: number; fileName: string }>(
    `select f.file, s.size_bytes as "sizeBytes", f.file_name as "fileName"
     from firmware f join stored_file s on s.id = f.file where f.id = $1::int8`,
    [id],
  );
  return rows[0];
}

/** Newest first. */
export async function listFirmware(
  db: Database,
  actor: Actor,
  { before, limit }: PageOptions,
): Promise<Page<FirmwareRow>> {
  const older = before === undefined ? undefined : lt(firmware.id, before);
  const rows = await images(db)
    .where(all(inTenant(actor, firmware), isNull(firmware.removedAt), older))
    .orderBy(desc(firmware.id))
    .limit(limit + 1);
  return page(rows, limit);
}

/** Gives an image its bytes, once. False where it has some, or is gone. */
export function putFirmwareFile(
  db: Database,
  { tenantId }: Actor,
  id: number,
  { file, sizeBytes, sha256 }: { readonly file: number; readonly sizeBytes: number; readonly sha256: Uint8Array },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const rows = await tx.query(
      `update firmware set file = $3::int8, updated_at = now()
       where id = $1::int8 and tenant_id = $2::int4 and file is null and removed_at is null returning id`,
      [id, tenantId, file],
    );
    return rows.length === 1 && (await completeFile(tx, file, sizeBytes, sha256));
  });
}

/** Its file goes, its note stays, as updates were made with it. False where there is no such image. */
export function removeFirmware(db: Database, { tenantId }: Actor, id: number): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [row] = await tx.query<{ file: number | null }>(
      'select file from firmware where id = $1::int8 and tenant_id = $2::int4 for update',
      [id, tenantId],
    );
    if (row === undefined) return false;
    await tx.query(
      'update firmware set file = null, removed_at = coalesce(removed_at, now()), updated_at = now() where id = $1::int8',
      [id],
    );
    if (row.file !== null) await tx.query('delete from stored_file where id = $1::int8', [row.file]);
    return true;
  });
}

export type NewFirmwareUpdate = Omit<
  typeof firmwareUpdate.$inferInsert,
  'tenantId' | 'status' | 'statusAt' | 'createdAt' | 'firmware'
> & { readonly firmwareId: number | null };

export async function createFirmwareUpdate(
  db: Database,
  { tenantId }: Actor,
  { firmwareId, ...update }: NewFirmwareUpdate,
): Promise<void> {
  // An image of somebody else is none.
  const own = sql`(select id from firmware where id = ${firmwareId}::int8 and tenant_id = ${tenantId}::int4)`;
  await db.orm.insert(firmwareUpdate).values({ ...update, tenantId, firmware: firmwareId === null ? null : own });
}

/** Ends the requests before `request` that the charger gave up for it; the newest word counts. */
export async function supersedeRequests(
  db: Sql,
  stationId: number,
  actions: readonly string[],
  request: number,
): Promise<number> {
  const rows = await db.query(
    `update station_request set status = 'failed', detail = 'Canceled', ended_at = now(), updated_at = now()
     where station_id = $1::int8 and action = any($2::text[]) and ended_at is null and id < $3::int8 returning id`,
    [stationId, [...actions], request],
  );
  return rows.length;
}

const UPDATE = {
  request: firmwareUpdate.request,
  requestId: stationRequest.requestId,
  action: stationRequest.action,
  requestStatus: stationRequest.status,
  endedAt: stationRequest.endedAt,
  firmwareId: firmwareUpdate.firmware,
  version: firmware.version,
  location: firmwareUpdate.location,
  retrieveAt: firmwareUpdate.retrieveAt,
  installAt: firmwareUpdate.installAt,
  retries: firmwareUpdate.retries,
  retryInterval: firmwareUpdate.retryInterval,
  signed: firmwareUpdate.signed,
  versionBefore: firmwareUpdate.versionBefore,
  status: firmwareUpdate.status,
  statusAt: firmwareUpdate.statusAt,
  createdAt: firmwareUpdate.createdAt,
};

const updates = (db: Database) =>
  db.orm
    .select(UPDATE)
    .from(firmwareUpdate)
    .innerJoin(stationRequest, eq(stationRequest.id, firmwareUpdate.request))
    .leftJoin(firmware, eq(firmware.id, firmwareUpdate.firmware));

export interface StatusRow {
  readonly status: string;
  readonly info: string | null;
  readonly at: Date;
}
export type FirmwareUpdateRow = Awaited<ReturnType<typeof updates>>[number] & { readonly statuses: StatusRow[] };

/** Newest first, each with all that the charger said of it. */
export async function listFirmwareUpdates(
  db: Database,
  actor: Actor,
  stationId: number,
  { before, limit }: PageOptions,
): Promise<Page<FirmwareUpdateRow>> {
  const older = before === undefined ? undefined : lt(firmwareUpdate.request, before);
  const rows = await updates(db)
    .where(all(inTenant(actor, firmwareUpdate), eq(firmwareUpdate.stationId, stationId), older))
    .orderBy(desc(firmwareUpdate.request))
    .limit(limit + 1);
  const { items, more } = page(rows, limit);
  const said = new Map<number, StatusRow[]>(items.map(({ request }) => [request, []]));
  const words =
    items.length === 0
      ? []
      : await db.orm
          .select()
          .from(firmwareStatus)
          .where(inArray(firmwareStatus.request, [...said.keys()]))
          .orderBy(asc(firmwareStatus.request), asc(firmwareStatus.seq));
  for (const { request, status, info, at } of words) said.get(request)?.push({ status, info, at });
  return { items: items.map((row) => ({ ...row, statuses: said.get(row.request) ?? [] })), more };
}

export type NewPublication = Pick<
  typeof firmwarePublication.$inferInsert,
  'request' | 'stationId' | 'location' | 'checksum'
>;

export async function createPublication(db: Database, { tenantId }: Actor, made: NewPublication): Promise<void> {
  await db.orm.insert(firmwarePublication).values({ ...made, tenantId });
}

/** The local controller offers it no more. */
export async function unpublish(db: Database, { tenantId }: Actor, stationId: number, checksum: string): Promise<void> {
  await db.query(
    `update firmware_publication set unpublished_at = now()
     where station_id = $1::int8 and tenant_id = $2::int4 and checksum = $3 and unpublished_at is null`,
    [stationId, tenantId, checksum],
  );
}

const publications = (db: Database) =>
  db.orm
    .select({
      request: firmwarePublication.request,
      requestId: stationRequest.requestId,
      requestStatus: stationRequest.status,
      location: firmwarePublication.location,
      checksum: firmwarePublication.checksum,
      status: firmwarePublication.status,
      info: firmwarePublication.info,
      statusAt: firmwarePublication.statusAt,
      locations: firmwarePublication.locations,
      unpublishedAt: firmwarePublication.unpublishedAt,
      createdAt: firmwarePublication.createdAt,
    })
    .from(firmwarePublication)
    .innerJoin(stationRequest, eq(stationRequest.id, firmwarePublication.request));

export type PublicationRow = Awaited<ReturnType<typeof publications>>[number];

/** Newest first. */
export async function listPublications(
  db: Database,
  actor: Actor,
  stationId: number,
  { before, limit }: PageOptions,
): Promise<Page<PublicationRow>> {
  const older = before === undefined ? undefined : lt(firmwarePublication.request, before);
  const rows = await publications(db)
    .where(all(inTenant(actor, firmwarePublication), eq(firmwarePublication.stationId, stationId), older))
    .orderBy(desc(firmwarePublication.request))
    .limit(limit + 1);
  return page(rows, limit);
}

export type NewCustomerInformation = Pick<
  typeof customerInformation.$inferInsert,
  'request' | 'stationId' | 'report' | 'clear' | 'subject'
>;

export async function createCustomerInformation(
  db: Database,
  { tenantId }: Actor,
  made: NewCustomerInformation,
): Promise<void> {
  await db.orm.insert(customerInformation).values({ ...made, tenantId });
}

const customers = (db: Database) =>
  db.orm
    .select({
      request: customerInformation.request,
      requestId: stationRequest.requestId,
      requestStatus: stationRequest.status,
      detail: stationRequest.detail,
      report: customerInformation.report,
      clear: customerInformation.clear,
      subject: customerInformation.subject,
      generatedAt: customerInformation.generatedAt,
      createdAt: customerInformation.createdAt,
      endedAt: stationRequest.endedAt,
    })
    .from(customerInformation)
    .innerJoin(stationRequest, eq(stationRequest.id, customerInformation.request));

export type CustomerInformationRow = Awaited<ReturnType<typeof customers>>[number];

export async function getCustomerInformation(
  db: Database,
  actor: Actor,
  stationId: number,
  requestId: number,
): Promise<CustomerInformationRow | undefined> {
  const named = all(
    inTenant(actor, customerInformation),
    eq(stationRequest.stationId, stationId),
    eq(stationRequest.requestId, requestId),
  );
  return (await customers(db).where(named))[0];
}

/** What chargers told of customers is not kept for longer than somebody needs to read it; how many requests were emptied. */
export async function forgetCustomers(db: Database, days: number): Promise<number> {
  return db.transaction(async (tx) => {
    const old = await tx.query<{ request: number }>(
      `delete from customer_information where request in (
         select request from customer_information where created_at < now() - $1::float8 * interval '1 day'
         order by created_at limit 50 for update skip locked) returning request`,
      [days],
    );
    if (old.length === 0) return 0;
    const requests = `{${old.map(({ request }) => request).join(',')}}`;
    await tx.query('delete from station_request_part where request = any($1::text::int8[])', [requests]);
    await tx.query("update station_request set payload = '{}' where id = any($1::text::int8[])", [requests]);
    return old.length;
  });
}
