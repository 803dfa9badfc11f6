/** Local lists, reservations, and vendors' messages on the wire. */
import { z } from '@hono/zod-openapi';
import type { DataTransferView, LocalListRow, ReservationRow } from '@sigec/store';
import { IdParam, IdText, iso, listOf, PageQuery, Time, TimeInput } from './common.js';

const INT = 2 ** 31 - 1;

export const ReservationParam = IdParam.extend({
  reservation_id: z
    .string()
    .regex(/^\d{1,10}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().max(INT, 'is too large'))
    .openapi({ param: { name: 'reservation_id', in: 'path' }, type: 'integer' }),
});

export const ReservationQuery = PageQuery.extend({
  open: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .openapi({ description: 'Only those that hold.' }),
});

export const NewReservation = z
  .strictObject({
    evse_id: z.int().min(1).max(65_535).optional().openapi({ description: 'Absent: any EVSE.' }),
    connector_type: z.string().min(1).max(20).optional().openapi({
      description: "OCPP 2.x: a kind of connector, in the version's own words.",
      example: 'cCCS2',
    }),
    id_token: z.string().min(1).max(255).openapi({ description: 'Whom it is for.' }),
    group_id: z.string().min(1).max(36).optional().openapi({ description: "Default: the token's own group." }),
    expires_at: TimeInput,
  })
  .openapi('NewReservation');

const ReservationStatus = z.enum([
  ...(['sent', 'active', 'used', 'cancelled', 'expired', 'removed', 'no_transaction', 'rejected', 'failed'] as const),
]);

export const Reservation = z
  .object({
    reservation_id: z.int().openapi({ description: 'The number that the charger knows it by.' }),
    device_id: IdText,
    evse_id: z.int().nullable(),
    connector_type: z.string().nullable(),
    id_token: z.string(),
    group_id: z.string().nullable(),
    expires_at: Time,
    status: ReservationStatus.openapi({
      description: '`sent` and `active` hold; `sent` is one that nobody knows whether the charger has.',
    }),
    detail: z.string().nullable().openapi({ description: "The charger's own word." }),
    transaction_id: IdText.nullable().openapi({ description: 'The transaction that used it up.' }),
    made_by: z.string().nullable(),
    created_at: Time,
    updated_at: Time,
    ended_at: Time.nullable(),
  })
  .openapi('Reservation');

export const ReservationList = listOf('ReservationList', Reservation);

export function toReservation(row: ReservationRow): z.infer<typeof Reservation> {
  return {
    reservation_id: row.reservationId,
    device_id: String(row.stationId),
    evse_id: row.evseId,
    connector_type: row.connectorType,
    id_token: row.idToken,
    group_id: row.groupId,
    expires_at: iso(row.expiresAt),
    status: row.status,
    detail: row.detail,
    transaction_id: row.transactionId === null ? null : String(row.transactionId),
    made_by: row.madeBy,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
    ended_at: iso(row.endedAt),
  };
}

export const LocalListBody = z
  .strictObject({
    enabled: z.boolean().openapi({ description: 'Whether the list is kept in step with the id tokens.' }),
  })
  .openapi('LocalListBody');

export const SyncQuery = z.strictObject({
  full: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .openapi({ description: 'All of it, and not what changed.' }),
});

export const LocalList = z
  .object({
    device_id: IdText,
    enabled: z.boolean(),
    state: z.enum(['unknown', 'sending', 'in_step', 'behind', 'failed', 'unsupported']),
    version: z.int().openapi({ description: 'The number of the list that the charger holds.' }),
    tokens_version: z.int().nullable().openapi({
      description: 'What of `tokens` it stands for; null where the charger needs all of it.',
    }),
    tokens: z.int().openapi({ description: 'How often the id tokens have changed.' }),
    entries: z.int().openapi({ description: 'In the last whole list.' }),
    complete: z.boolean().openapi({ description: 'Whether all tokens found room.' }),
    items_per_message: z.int().nullable(),
    max_entries: z.int().nullable(),
    last_result: z.string().nullable().openapi({ description: "The charger's last word, or how a command ended." }),
    synced_at: Time.nullable(),
    checked_at: Time.nullable(),
    cache_cleared_at: Time.nullable().openapi({ description: "When the charger's own cache was cleared." }),
  })
  .openapi('LocalList');

export function toLocalList(stationId: number, row: LocalListRow | undefined): z.infer<typeof LocalList> {
  const device_id = String(stationId);
  if (row === undefined) {
    const nothing = { last_result: null, synced_at: null, checked_at: null, cache_cleared_at: null };
    const unknown = { items_per_message: null, max_entries: null, tokens_version: null };
    const none = { version: 0, tokens: 0, entries: 0, complete: true } as const;
    return { device_id, enabled: false, state: 'unknown', ...none, ...unknown, ...nothing };
  }
  const behind = row.state === 'in_step' && row.tokensVersion < row.tokens;
  return {
    device_id,
    enabled: row.enabled,
    state: behind ? 'behind' : row.state,
    version: row.version,
    tokens_version: row.tokensVersion < 0 ? null : row.tokensVersion,
    tokens: row.tokens,
    entries: row.entries,
    complete: row.upto === null,
    items_per_message: row.itemsPerMessage,
    max_entries: row.maxEntries,
    last_result: row.lastResult,
    synced_at: iso(row.syncedAt),
    checked_at: iso(row.checkedAt),
    cache_cleared_at: iso(row.cacheClearedAt),
  };
}

export const DataTransfer = z
  .object({
    id: IdText,
    at: Time,
    direction: z.enum(['in', 'out']),
    vendor_id: z.string(),
    message_id: z.string().nullable(),
    data: z.unknown().openapi({ description: 'null where there was none, or more than is kept.' }),
    data_bytes: z.int(),
    status: z.string().openapi({ example: 'UnknownVendorId' }),
  })
  .openapi('DataTransfer');

export const DataTransferList = listOf('DataTransferList', DataTransfer);

export function toDataTransfer(row: DataTransferView): z.infer<typeof DataTransfer> {
  return {
    id: String(row.id),
    at: iso(row.at),
    direction: row.direction,
    vendor_id: row.vendorId,
    message_id: row.messageId,
    data: row.data ?? null,
    data_bytes: row.dataBytes,
    status: row.status,
  };
}
