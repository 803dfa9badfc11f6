/** Display messages, grid control (DER) and battery swaps on the wire. Tariffs, cost and settlements: money.ts. */
import { z } from '@hono/zod-openapi';
import type { DerAlarmRow, DerControlRow, DisplayMessageRow, SwapView } from '@sigec/store';
import { IdField, IdParam, IdText, iso, listOf, Time, TimeInput } from './common.js';

const Source = z.enum(['set', 'reported']).openapi({
  description: '`set`: by a command of ours that the device accepted. `reported`: known from its report alone.',
});

export const DisplayMessage = z
  .object({
    id: IdText.openapi({ description: "The message's id at the device." }),
    priority: z.string().openapi({ example: 'NormalCycle' }),
    state: z.string().nullable().openapi({ description: 'Shown in this state of the device; null in any.' }),
    from: Time.nullable(),
    until: Time.nullable(),
    ocpp_transaction_id: z.string().nullable().openapi({ description: 'Shown while this transaction runs.' }),
    contents: z
      .array(z.object({ format: z.string(), language: z.string().nullable(), content: z.string() }))
      .openapi({ description: 'The message, and then its translations.' }),
    display: z.unknown().openapi({ description: 'The component that shows it; null for the main display.' }),
    source: Source,
    known_at: Time,
  })
  .openapi('DisplayMessage');
export const DisplayMessageList = listOf('DisplayMessageList', DisplayMessage);

export const DisplayMessageBody = z
  .strictObject({
    message: z.string().min(1).max(1024),
    language: z.string().min(2).max(8).optional().openapi({ example: 'pt-BR' }),
    priority: z.enum(['AlwaysFront', 'InFront', 'NormalCycle']).default('NormalCycle'),
    from: TimeInput.optional(),
    until: TimeInput.optional(),
    transaction_id: IdField.optional().openapi({ description: 'Shown while this transaction runs.' }),
  })
  .openapi('DisplayMessageRequest');

export const DisplayMessageAnswer = z
  .object({ id: IdText, status: z.literal('Accepted'), message_id: z.string(), latency_ms: z.int() })
  .openapi('DisplayMessageAnswer', { description: '`id` is the message at the device, `message_id` the OCPP call.' });

export const DisplayMessageParam = IdParam.extend({
  message_id: z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .openapi({ param: { name: 'message_id', in: 'path' }, type: 'integer' }),
});

export function toDisplayMessage(row: DisplayMessageRow): z.infer<typeof DisplayMessage> {
  return {
    id: String(row.messageId),
    priority: row.priority,
    state: row.state,
    from: iso(row.startsAt),
    until: iso(row.endsAt),
    ocpp_transaction_id: row.ocppTransactionId,
    contents: row.contents.map(({ format, language = null, content }) => ({ format, language, content })),
    display: row.display,
    source: row.source,
    known_at: iso(row.knownAt),
  };
}

export const DerControl = z
  .object({
    control_id: z.string(),
    control_type: z.string().openapi({ example: 'VoltVar' }),
    is_default: z.boolean().openapi({ description: 'false: scheduled.' }),
    superseded: z.boolean(),
    started: z.boolean().nullable().openapi({ description: 'null until the device has told.' }),
    from: Time.nullable(),
    duration_s: z.number().nullable(),
    priority: z.int().openapi({ description: '0 is the highest.' }),
    content: z.record(z.string(), z.unknown()).openapi({ description: 'The figures, as OCPP has them.' }),
    source: Source,
    known_at: Time,
  })
  .openapi('DerControl');
export const DerControlList = listOf('DerControlList', DerControl);

export function toDerControl(row: DerControlRow): z.infer<typeof DerControl> {
  return {
    control_id: row.controlId,
    control_type: row.controlType,
    is_default: row.isDefault,
    superseded: row.superseded,
    started: row.started,
    from: iso(row.startsAt),
    duration_s: row.durationS,
    priority: row.priority,
    content: { ...row.content },
    source: row.source,
    known_at: iso(row.knownAt),
  };
}

export const DerAlarm = z
  .object({
    control_type: z.string().openapi({ example: 'HVMustTrip' }),
    grid_event_fault: z.string().nullable().openapi({ example: 'OverVoltage' }),
    raised_at: Time,
    ended_at: Time.nullable(),
    extra_info: z.string().nullable(),
  })
  .openapi('DerAlarm');
export const DerAlarmList = listOf('DerAlarmList', DerAlarm);

export function toDerAlarm(row: DerAlarmRow): z.infer<typeof DerAlarm> {
  return {
    control_type: row.controlType,
    grid_event_fault: row.gridEventFault,
    raised_at: iso(row.raisedAt),
    ended_at: iso(row.endedAt),
    extra_info: row.extraInfo,
  };
}

export const BatterySwap = z
  .object({
    id: IdText,
    request_id: z.int().openapi({ description: 'The number under which the device tells of it.' }),
    source: z.enum(['requested', 'station']).openapi({ description: 'Asked for by us, or begun at the device.' }),
    status: z.enum(['requested', 'accepted', 'rejected', 'failed', 'in', 'out', 'timeout']),
    id_token: z.string(),
    id_token_type: z.string(),
    batteries: z.array(
      z.object({
        event: z.string().openapi({ example: 'BatteryIn' }),
        evse_id: z.int(),
        serial_number: z.string(),
        soc_percent: z.number(),
        soh_percent: z.number(),
        produced_at: Time.nullable(),
        vendor_info: z.string().nullable(),
        at: Time,
      }),
    ),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('BatterySwap');
export const BatterySwapList = listOf('BatterySwapList', BatterySwap);

export function toBatterySwap(row: SwapView): z.infer<typeof BatterySwap> {
  return {
    id: String(row.id),
    request_id: row.requestId,
    source: row.source,
    status: row.status,
    id_token: row.idToken,
    id_token_type: row.idTokenType,
    batteries: row.batteries.map((battery) => ({
      event: battery.event,
      evse_id: battery.evseId,
      serial_number: battery.serialNumber,
      soc_percent: battery.soc,
      soh_percent: battery.soh,
      produced_at: iso(battery.productionDate),
      vendor_info: battery.vendorInfo,
      at: iso(battery.at),
    })),
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}
