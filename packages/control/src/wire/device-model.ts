/** Variables, monitors, events and streams of a device, on the wire. */
import { z } from '@hono/zod-openapi';
import type { EventStreamRow, MonitorRow, StationEventRow, StreamValueRow, VariableRow } from '@sigec/store';
import { IdParam, IdText, iso, listOf, PageQuery, Time } from './common.js';

/** The name of a variable; of a 1.6 key the component is ''. */
const named = {
  component: z.string().openapi({ description: '`` for a configuration key of OCPP 1.6.', example: 'OCPPCommCtrlr' }),
  component_instance: z.string().nullable(),
  evse_id: z.int().nullable(),
  connector_id: z.int().nullable(),
  variable: z.string().openapi({ example: 'HeartbeatInterval' }),
  variable_instance: z.string().nullable(),
};

interface NamedRow {
  readonly component: string | null;
  readonly componentInstance: string | null;
  readonly evseId: number | null;
  readonly connectorId: number | null;
  readonly variable: string | null;
  readonly variableInstance: string | null;
}

export const toName = (row: NamedRow & { readonly component: string; readonly variable: string }) => ({
  component: row.component,
  component_instance: row.componentInstance,
  evse_id: row.evseId,
  connector_id: row.connectorId,
  variable: row.variable,
  variable_instance: row.variableInstance,
});

export const Named = z.object(named);

const Mutability = z.enum(['ReadOnly', 'WriteOnly', 'ReadWrite']);
const Text = z.string().min(1).max(200).optional();

export const VariableQuery = PageQuery.extend({
  component: Text.openapi({ description: 'Whole name; case does not count.' }),
  variable: Text.openapi({ description: 'Whole name; case does not count.' }),
  q: Text.openapi({ description: 'Part of component, variable or value.' }),
  mutability: Mutability.optional(),
});

export const DeviceVariable = z
  .object({
    ...named,
    attribute: z.enum(['Actual', 'Target', 'MinSet', 'MaxSet']),
    value: z.string().nullable().openapi({ description: 'null also where it is write-only, or a secret.' }),
    mutability: Mutability.nullable(),
    persistent: z.boolean().nullable(),
    constant: z.boolean().nullable(),
    data_type: z.string().nullable().openapi({ example: 'integer' }),
    unit: z.string().nullable(),
    min_limit: z.number().nullable(),
    max_limit: z.number().nullable(),
    max_elements: z.int().nullable(),
    values_list: z.string().nullable(),
    supports_monitoring: z.boolean().nullable(),
    learnt_from: z.string().openapi({ description: 'The action that told it.', example: 'NotifyReport' }),
    learnt_at: Time,
  })
  .openapi('DeviceVariable');

export const DeviceVariableList = listOf('DeviceVariableList', DeviceVariable);

export function toVariable(row: VariableRow): z.infer<typeof DeviceVariable> {
  return {
    ...toName(row),
    attribute: row.attribute,
    value: row.value,
    mutability: row.mutability,
    persistent: row.persistent,
    constant: row.constant,
    data_type: row.dataType,
    unit: row.unit,
    min_limit: row.minLimit,
    max_limit: row.maxLimit,
    max_elements: row.maxElements,
    values_list: row.valuesList,
    supports_monitoring: row.supportsMonitoring,
    learnt_from: row.learntFrom,
    learnt_at: iso(row.learntAt),
  };
}

export const DeviceMonitor = z
  .object({
    monitor_id: z.int(),
    ...named,
    type: z.string().openapi({ example: 'UpperThreshold' }),
    value: z.number(),
    severity: z.int().openapi({ description: '0, danger, to 9, debug.' }),
    in_transaction: z.boolean().openapi({ description: 'Watches only while a transaction runs.' }),
    notification_type: z.string().nullable().openapi({ example: 'CustomMonitor' }),
    learnt_from: z.string(),
    learnt_at: Time,
  })
  .openapi('DeviceMonitor');

export const DeviceMonitorList = listOf('DeviceMonitorList', DeviceMonitor).extend({
  base: z.string().nullable().openapi({ description: 'What SetMonitoringBase told it last.' }),
  level: z.int().nullable().openapi({ description: 'Events of a higher severity number are not told.' }),
});

export function toMonitor(row: MonitorRow): z.infer<typeof DeviceMonitor> {
  return {
    monitor_id: row.monitorId,
    ...toName(row),
    type: row.type,
    value: row.value,
    severity: row.severity,
    in_transaction: row.inTransaction,
    notification_type: row.notificationType,
    learnt_from: row.learntFrom,
    learnt_at: iso(row.learntAt),
  };
}

export const DeviceEvent = z
  .object({
    id: IdText,
    event_id: z.int().openapi({ description: "The charger's own number." }),
    occurred_at: Time,
    received_at: Time,
    trigger: z.string().openapi({ example: 'Alerting' }),
    notification_type: z.string().openapi({ example: 'HardWiredMonitor' }),
    cause: z.int().nullable().openapi({ description: '`event_id` of the event that led to it.' }),
    ...named,
    actual_value: z.string().nullable(),
    cleared: z.boolean().nullable(),
    severity: z.int().nullable(),
    monitor_id: z.int().nullable(),
    ocpp_transaction_id: z.string().nullable(),
    tech_code: z.string().nullable(),
    tech_info: z.string().nullable(),
  })
  .openapi('DeviceEvent');

export const DeviceEventList = listOf('DeviceEventList', DeviceEvent);

export function toEvent(row: StationEventRow): z.infer<typeof DeviceEvent> {
  return {
    id: String(row.id),
    event_id: row.eventId,
    occurred_at: iso(row.occurredAt),
    received_at: iso(row.receivedAt),
    trigger: row.trigger,
    notification_type: row.notificationType,
    cause: row.cause,
    ...toName(row),
    actual_value: row.actualValue,
    cleared: row.cleared,
    severity: row.severity,
    monitor_id: row.monitorId,
    ocpp_transaction_id: row.transactionId,
    tech_code: row.techCode,
    tech_info: row.techInfo,
  };
}

export const DeviceEventStream = z
  .object({
    stream_id: z.int(),
    monitor_id: z.int().nullable(),
    ...named,
    component: z.string().nullable(),
    variable: z.string().nullable().openapi({ description: 'null where the monitor is not known.' }),
    interval_s: z.number().nullable(),
    values_each: z.int().nullable(),
    pending: z.int().nullable().openapi({ description: 'Values that the charger still held back.' }),
    opened_at: Time,
    closed_at: Time.nullable(),
    last_at: Time.nullable(),
    last_value: z.string().nullable(),
  })
  .openapi('DeviceEventStream');

export const DeviceEventStreamList = listOf('DeviceEventStreamList', DeviceEventStream);

export function toEventStream(row: EventStreamRow): z.infer<typeof DeviceEventStream> {
  return {
    stream_id: row.streamId,
    monitor_id: row.monitorId,
    component: row.component,
    component_instance: row.componentInstance,
    evse_id: row.evseId,
    connector_id: row.connectorId,
    variable: row.variable,
    variable_instance: row.variableInstance,
    interval_s: row.intervalS,
    values_each: row.valuesEach,
    pending: row.pending,
    opened_at: iso(row.openedAt),
    closed_at: iso(row.closedAt),
    last_at: iso(row.lastAt),
    last_value: row.lastValue,
  };
}

export const StreamParam = IdParam.extend({
  stream_id: z
    .string()
    .regex(/^-?\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .openapi({ param: { name: 'stream_id', in: 'path' }, type: 'integer' }),
});

export const StreamValue = z.object({ at: Time, value: z.string() }).openapi('StreamValue');
export const StreamValueList = listOf('StreamValueList', StreamValue);

export const toStreamValue = (row: StreamValueRow): z.infer<typeof StreamValue> => ({
  at: iso(row.at),
  value: row.value,
});
