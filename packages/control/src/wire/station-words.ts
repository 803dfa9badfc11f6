/** What stations say beside their sessions, on the wire. */
import { z } from '@hono/zod-openapi';
import type { BootRow, DerStartStopRow, RefusalRow, UnaskedStatusRow, VatCheckRow } from '@sigec/store';
import { IdText, iso, listOf, Time } from './common.js';

const text = () => z.string().nullable();

const Boot = z
  .object({
    id: IdText,
    at: Time,
    ocpp_version: z.string(),
    reason: text().openapi({ description: 'OCPP 2.x.', example: 'PowerUp' }),
    vendor: z.string(),
    model: z.string(),
    serial_number: text(),
    box_serial_number: text().openapi({ description: 'OCPP 1.6: of the enclosure.' }),
    firmware_version: text(),
    iccid: text(),
    imsi: text(),
    meter_type: text(),
    meter_serial_number: text(),
  })
  .openapi('DeviceBoot');
export const BootList = listOf('DeviceBootList', Boot);

export const toBoot = (row: BootRow): z.infer<typeof Boot> => ({
  id: String(row.id),
  at: iso(row.at),
  ocpp_version: row.version,
  reason: row.reason,
  vendor: row.vendor,
  model: row.model,
  serial_number: row.serialNumber,
  box_serial_number: row.boxSerialNumber,
  firmware_version: row.firmwareVersion,
  iccid: row.iccid,
  imsi: row.imsi,
  meter_type: row.meterType,
  meter_serial_number: row.meterSerialNumber,
});

const Refusal = z
  .object({
    id: IdText,
    at: Time,
    id_token: z.string(),
    id_token_type: text().openapi({ description: 'OCPP 2.x.', example: 'ISO14443' }),
    verdict: z.string().openapi({ description: 'By the words of OCPP 2.x.', example: 'Blocked' }),
    certificate_status: text().openapi({ description: 'Where a contract was shown.' }),
  })
  .openapi('AuthorizationRefusal');
export const RefusalList = listOf('AuthorizationRefusalList', Refusal);

export const toRefusal = (row: RefusalRow): z.infer<typeof Refusal> => ({
  id: String(row.id),
  at: iso(row.at),
  id_token: row.idToken,
  id_token_type: row.idTokenType,
  verdict: row.verdict,
  certificate_status: row.certificateStatus,
});

const VatCheck = z
  .object({
    id: IdText,
    at: Time,
    evse_id: z.int().nullable(),
    country: text().openapi({ example: 'BR' }),
    accepted: z.boolean(),
    reason: text().openapi({ example: 'InvalidCheckDigits' }),
  })
  .openapi('VatCheck');
export const VatCheckList = listOf('VatCheckList', VatCheck);

export const toVatCheck = (row: VatCheckRow): z.infer<typeof VatCheck> => ({
  id: String(row.id),
  at: iso(row.at),
  evse_id: row.evseId,
  country: row.country,
  accepted: row.accepted,
  reason: row.reason,
});

const UnaskedStatus = z
  .object({
    id: IdText,
    at: Time,
    action: z.string().openapi({ example: 'FirmwareStatusNotification' }),
    status: z.string().openapi({ example: 'Installing' }),
    info: text().openapi({ description: "OCPP 2.1: the charger's reason." }),
  })
  .openapi('UnaskedStatus');
export const UnaskedStatusList = listOf('UnaskedStatusList', UnaskedStatus);

export const toUnaskedStatus = (row: UnaskedStatusRow): z.infer<typeof UnaskedStatus> => ({
  id: String(row.id),
  at: iso(row.at),
  action: row.action,
  status: row.status,
  info: row.info,
});

const DerEvent = z
  .object({
    id: IdText,
    at: Time,
    control_id: z.string(),
    started: z.boolean().openapi({ description: 'false: it ended.' }),
    superseded_ids: z.array(z.string()).openapi({ description: 'Controls that it put aside.' }),
  })
  .openapi('DerEvent');
export const DerEventList = listOf('DerEventList', DerEvent);

export const toDerEvent = (row: DerStartStopRow): z.infer<typeof DerEvent> => ({
  id: String(row.id),
  at: iso(row.at),
  control_id: row.controlId,
  started: row.started,
  superseded_ids: row.supersededIds,
});
