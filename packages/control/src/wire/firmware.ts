/** Images of firmware, updates and publications, uploads of logs, and customer information, on the wire. */
import { z } from '@hono/zod-openapi';
import type {
  CustomerInformationRow,
  FirmwareRow,
  FirmwareUpdateRow,
  LogUploadRow,
  PublicationRow,
} from '@sigec/store';
import { IdParam, IdText, iso, listOf, Time } from './common.js';
import { DeviceRequest } from './request.js';

const RequestStatus = DeviceRequest.shape.status;
const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'));

const Line = (most: number) => z.string().trim().min(1).max(most);

export const FirmwareBody = z
  .strictObject({
    version: Line(50).openapi({ description: 'As the charger names it at its boot.', example: '2.4.1' }),
    vendor: Line(50).nullable().optional(),
    model: Line(50).nullable().optional(),
    file_name: Line(200).optional().openapi({ description: 'As chargers see it. Default `firmware.bin`.' }),
    signature: z
      .string()
      .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'must be base64')
      .max(800)
      .optional()
      .openapi({ description: 'Of the file, base64 (RSA-PSS, PKCS#1 or ECDSA, each with SHA-256).' }),
    signing_certificate: z
      .string()
      .max(5500)
      .optional()
      .openapi({ description: 'PEM. With `signature`, or not at all.' }),
  })
  .refine((body) => (body.signature === undefined) === (body.signing_certificate === undefined), {
    path: ['signing_certificate'],
    message: 'must be given with signature, and only then',
  })
  .openapi('FirmwareRequest');

export const Firmware = z
  .object({
    id: IdText,
    version: z.string(),
    vendor: z.string().nullable(),
    model: z.string().nullable(),
    file_name: z.string(),
    signed: z.boolean(),
    status: z.enum(['empty', 'ready', 'removed']).openapi({ description: '`empty` until its file came.' }),
    size_bytes: z.int().nullable(),
    sha256: z.string().nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Firmware');
export const FirmwareList = listOf('FirmwareList', Firmware);

export function toFirmware(row: FirmwareRow): z.infer<typeof Firmware> {
  return {
    id: String(row.id),
    version: row.version,
    vendor: row.vendor,
    model: row.model,
    file_name: row.fileName,
    signed: row.signature !== null,
    status: row.removedAt !== null ? 'removed' : row.file === null ? 'empty' : 'ready',
    size_bytes: row.file === null ? null : row.sizeBytes,
    sha256: hex(row.sha256),
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}

export const FileQuery = z.strictObject({
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hex digits')
    .optional()
    .openapi({ description: 'What the file must hash to; another is refused.' }),
});

export const LinkBody = z
  .strictObject({
    hours: z
      .int()
      .min(1)
      .max(24 * 90)
      .optional()
      .openapi({ description: 'How long it holds. Default 168.' }),
  })
  .openapi('FirmwareLinkRequest');
export const FirmwareLink = z
  .object({
    url: z.string().openapi({ description: 'Whoever has it can fetch the file until then: give it to chargers only.' }),
    expires_at: Time,
  })
  .openapi('FirmwareLink');

const Said = z.object({ status: z.string(), info: z.string().nullable(), at: Time });

export const FirmwareUpdate = z
  .object({
    request_id: z.int(),
    action: z.enum(['UpdateFirmware', 'SignedUpdateFirmware']),
    request_status: RequestStatus,
    firmware_id: IdText.nullable(),
    version: z.string().nullable().openapi({ description: 'Of the image, where it is one of ours.' }),
    version_before: z.string().nullable(),
    location: z.string().openapi({ description: 'Without passwords and links.' }),
    retrieve_at: Time.nullable(),
    install_at: Time.nullable(),
    retries: z.int().nullable(),
    retry_interval_s: z.int().nullable(),
    signed: z.boolean(),
    status: z.string().nullable().openapi({ description: "The charger's last word.", example: 'Installed' }),
    status_at: Time.nullable(),
    statuses: z.array(Said).openapi({ description: 'All that the charger said of it, in order.' }),
    created_at: Time,
    ended_at: Time.nullable(),
  })
  .openapi('FirmwareUpdate');
export const FirmwareUpdateList = listOf('FirmwareUpdateList', FirmwareUpdate);

export function toFirmwareUpdate(row: FirmwareUpdateRow): z.infer<typeof FirmwareUpdate> {
  return {
    request_id: row.requestId,
    action: row.action === 'SignedUpdateFirmware' ? 'SignedUpdateFirmware' : 'UpdateFirmware',
    request_status: row.requestStatus,
    firmware_id: row.firmwareId === null ? null : String(row.firmwareId),
    version: row.version,
    version_before: row.versionBefore,
    location: row.location,
    retrieve_at: iso(row.retrieveAt),
    install_at: iso(row.installAt),
    retries: row.retries,
    retry_interval_s: row.retryInterval,
    signed: row.signed,
    status: row.status,
    status_at: iso(row.statusAt),
    statuses: row.statuses.map(({ status, info, at }) => ({ status, info, at: iso(at) })),
    created_at: iso(row.createdAt),
    ended_at: iso(row.endedAt),
  };
}

export const Publication = z
  .object({
    request_id: z.int(),
    request_status: RequestStatus,
    location: z.string(),
    checksum: z.string(),
    status: z.string().nullable().openapi({ example: 'Published' }),
    info: z.string().nullable().openapi({ description: "OCPP 2.1: the charger's reason." }),
    status_at: Time.nullable(),
    locations: z.array(z.string()).openapi({ description: 'Where the local controller offers it.' }),
    unpublished_at: Time.nullable(),
    created_at: Time,
  })
  .openapi('FirmwarePublication');
export const PublicationList = listOf('FirmwarePublicationList', Publication);

export function toPublication(row: PublicationRow): z.infer<typeof Publication> {
  return {
    request_id: row.requestId,
    request_status: row.requestStatus,
    location: row.location,
    checksum: row.checksum,
    status: row.status,
    info: row.info,
    status_at: iso(row.statusAt),
    locations: row.locations,
    unpublished_at: iso(row.unpublishedAt),
    created_at: iso(row.createdAt),
  };
}

export const UploadParam = IdParam.extend({
  upload_id: IdParam.shape.id.openapi({ param: { name: 'upload_id', in: 'path' }, type: 'string' }),
});

export const Upload = z
  .object({
    id: IdText,
    request_id: z.int(),
    action: z.string().openapi({ example: 'GetLog' }),
    request_status: RequestStatus,
    log_type: z.string().openapi({ example: 'DiagnosticsLog' }),
    location: z.string().nullable().openapi({ description: 'Where it was to go, where that is not here.' }),
    expires_at: Time.nullable().openapi({ description: 'Until then the charger can bring it here.' }),
    status: z.string().nullable().openapi({ description: "The charger's last word.", example: 'Uploaded' }),
    info: z.string().nullable().openapi({ description: "OCPP 2.1: the charger's reason." }),
    status_at: Time.nullable(),
    file_name: z.string().nullable(),
    size_bytes: z.int().nullable().openapi({ description: 'null where there is no file, or none any more.' }),
    sha256: z.string().nullable(),
    received_at: Time.nullable(),
    created_at: Time,
  })
  .openapi('LogUpload');
export const UploadList = listOf('LogUploadList', Upload);

export function toUpload(row: LogUploadRow): z.infer<typeof Upload> {
  return {
    id: String(row.id),
    request_id: row.requestId,
    action: row.action,
    request_status: row.requestStatus,
    log_type: row.logType,
    location: row.location,
    expires_at: iso(row.expiresAt),
    status: row.status,
    info: row.info,
    status_at: iso(row.statusAt),
    file_name: row.fileName,
    size_bytes: row.sizeBytes,
    sha256: hex(row.sha256),
    received_at: iso(row.receivedAt),
    created_at: iso(row.createdAt),
  };
}

export const Received = z
  .object({ status: z.literal('received'), size_bytes: z.int(), sha256: z.string() })
  .openapi('UploadReceived');

export const CustomerInformation = z
  .object({
    request_id: z.int(),
    request_status: RequestStatus,
    detail: z.string().nullable(),
    report: z.boolean(),
    clear: z.boolean(),
    subject: z
      .enum(['id_token', 'certificate', 'identifier'])
      .openapi({ description: 'By what the customer was named.' }),
    data: z.string().openapi({ description: 'What the charger told, all parts together.' }),
    generated_at: Time.nullable(),
    created_at: Time,
    ended_at: Time.nullable(),
  })
  .openapi('CustomerInformation');

export function toCustomerInformation(
  row: CustomerInformationRow,
  data: readonly unknown[],
): z.infer<typeof CustomerInformation> {
  return {
    request_id: row.requestId,
    request_status: row.requestStatus,
    detail: row.detail,
    report: row.report,
    clear: row.clear,
    subject: row.subject,
    data: data.map(String).join(''),
    generated_at: iso(row.generatedAt),
    created_at: iso(row.createdAt),
    ended_at: iso(row.endedAt),
  };
}
