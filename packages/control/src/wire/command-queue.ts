/** Commands that wait for their station, and commands to many stations, on the wire. */
import { z } from '@hono/zod-openapi';
import { HIDDEN, isOcppVersion, OCPP_VERSIONS, redactPayload } from '@sigec/ocpp';
import { type BatchFilter, type BatchRow, type CommandView, schema } from '@sigec/store';
import { IdField, IdText, iso, listOf, PageQuery, Time } from './common.js';

const { COMMAND_STATES, BATCH_STATES } = schema;

const pathId = (name: string) => IdField.openapi({ param: { name, in: 'path' }, type: 'string' });
export const CommandIdParam = z.object({ command_id: pathId('command_id') });
export const BatchIdParam = z.object({ batch_id: pathId('batch_id') });

const State = z.enum(COMMAND_STATES).openapi('CommandState', {
  description:
    '`queued` waits for its device or its turn, `sending` is on its way, `running` was accepted and its request is open. ' +
    'The rest are ends: `refused` by the device, `failed` otherwise (`reason` says why; `unknown-outcome`: it may have ' +
    'been carried out, and is not sent again), `expired` before it could go out.',
});

export const CommandListQuery = PageQuery.extend({
  state: State.optional(),
  action: z.string().max(100).optional(),
  device_id: IdField.optional(),
});
export const BatchCommandsQuery = PageQuery.extend({ state: State.optional() });

const anything = z.record(z.string(), z.unknown());

export const QueuedCommand = z
  .object({
    id: IdText,
    device_id: IdText,
    identity: z.string(),
    batch_id: IdText.nullable(),
    action: z.string().nullable().openapi({ description: 'null until the version of the device is known.' }),
    verb: z.string().nullable(),
    payload: anything.openapi({ description: 'Without secrets.' }),
    state: State,
    reason: z
      .string()
      .nullable()
      .openapi({ description: 'What the last attempt ended in.', example: 'charger-offline' }),
    attempts: z.int(),
    max_attempts: z.int(),
    message_id: z.string().nullable(),
    response: anything.nullable(),
    request_id: z.int().nullable(),
    due_at: Time.openapi({ description: 'Not sent before.' }),
    expires_at: Time,
    sent_at: Time.nullable(),
    created_at: Time,
    updated_at: Time,
    ended_at: Time.nullable(),
  })
  .openapi('QueuedCommand');
export const QueuedCommandList = listOf('QueuedCommandList', QueuedCommand);

/** What is shown of a payload: what reads as a secret in an action of its version, or in any, does not leave. */
function shown(payload: Readonly<Record<string, unknown>>, action: string | null, version: string | null) {
  const text = JSON.stringify(payload);
  const known = isOcppVersion(version) ? version : 'ocpp2.1';
  const once = redactPayload(known, action ?? '', text);
  const clean = JSON.parse(redactPayload('ocpp2.1', 'SetVariables', once)) as Record<string, unknown>;
  return Array.isArray(clean.items) ? { ...clean, items: clean.items.map(shownItem) } : clean;
}

const SECRET = /password|passwd|passphrase|secret|key|token|credential|pin$/i;

/** An item of the body of write-configuration. */
function shownItem(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || !('value' in item)) return item;
  const { key, variable } = item as { key?: unknown; variable?: unknown };
  return SECRET.test(`${String(key ?? '')} ${String(variable ?? '')}`.trim()) ? { ...item, value: HIDDEN } : item;
}

export function toCommand(row: CommandView): z.infer<typeof QueuedCommand> {
  return {
    id: String(row.id),
    device_id: String(row.stationId),
    identity: row.identity,
    batch_id: row.batchId === null ? null : String(row.batchId),
    action: row.action,
    verb: row.verb,
    payload: shown(row.payload, row.action, row.version),
    state: row.state,
    reason: row.reason,
    attempts: row.attempts,
    max_attempts: row.maxAttempts,
    message_id: row.messageId,
    response: row.response === null ? null : shown(row.response, row.action, row.version),
    request_id: row.requestId,
    due_at: iso(row.dueAt),
    expires_at: iso(row.expiresAt),
    sent_at: iso(row.sentAt),
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
    ended_at: iso(row.endedAt),
  };
}

const Text = z.string().min(1).max(255);

const Filter = z
  .strictObject({
    device_ids: z.array(IdField).min(1).max(10_000).optional(),
    status: z.enum(['Available', 'Occupied', 'Faulted', 'Unavailable']).optional(),
    site: Text.optional(),
    vendor: Text.optional(),
    model: Text.optional(),
    firmware_version: Text.optional(),
    ocpp_version: z.enum(OCPP_VERSIONS).optional(),
    online: z.boolean().optional(),
    q: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .openapi({ description: 'Part of identity, name, vendor, model, serial number, site or address.' }),
  })
  .openapi('CommandBatchFilter', { description: 'All that are given must hold; `{}` is every device.' });

const per = (most: number) => z.number().positive().max(most);

export const NewBatch = z
  .strictObject({
    action: z.string().min(1).max(100).optional().openapi({ description: 'An OCPP action; or `verb`.' }),
    verb: z.string().min(1).max(50).optional(),
    payload: anything.default({}).openapi({ description: 'The payload of the action, or the body of the verb.' }),
    filter: Filter,
    rate: z
      .strictObject({ per_second: per(1000).optional(), per_minute: per(60_000).optional() })
      .refine((rate) => (rate.per_second === undefined) !== (rate.per_minute === undefined), {
        message: 'one of per_second and per_minute',
      })
      .optional()
      .openapi({ description: 'Devices whose turn comes in that time. Default: all at once.' }),
    expires_in_s: z.int().min(1).max(2_592_000).default(86_400).openapi({ description: "From a device's turn." }),
    timeout_s: z.int().min(1).max(120).optional(),
    max_attempts: z.int().min(1).max(100).default(1),
    retry_delay_s: z.int().min(0).max(604_800).default(60),
    retry_unknown: z.boolean().default(false).openapi({
      description: 'Whether a command that may have arrived is sent again, while attempts are left.',
    }),
    stop_after_failures: z.int().min(1).max(1_000_000).optional().openapi({ description: 'Pauses the batch then.' }),
  })
  .refine((batch) => (batch.action === undefined) !== (batch.verb === undefined), {
    message: 'one of action and verb',
    path: ['action'],
  })
  .openapi('NewCommandBatch', {
    example: { verb: 'reset', payload: { type: 'OnIdle' }, filter: { site: 'Pátio' }, rate: { per_second: 5 } },
  });

/** Between the turns of two stations, ms. */
export function intervalOf(rate: z.infer<typeof NewBatch>['rate']): number {
  if (rate?.per_second !== undefined) return 1000 / rate.per_second;
  return rate?.per_minute === undefined ? 0 : 60_000 / rate.per_minute;
}

export function toFilter(filter: z.infer<typeof Filter>): BatchFilter {
  const given = {
    ...{ deviceIds: filter.device_ids, status: filter.status, site: filter.site, vendor: filter.vendor },
    ...{ model: filter.model, firmwareVersion: filter.firmware_version, ocppVersion: filter.ocpp_version },
    ...{ online: filter.online, q: filter.q },
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** A filter as it was given; ids are texts again. */
export function shownFilter({ device_ids, ...rest }: z.infer<typeof Filter>): Readonly<Record<string, unknown>> {
  return device_ids === undefined ? rest : { ...rest, device_ids: device_ids.map(String) };
}

const Counts = z.object(Object.fromEntries(COMMAND_STATES.map((state) => [state, z.int()])));

export const Batch = z
  .object({
    id: IdText,
    action: z.string().nullable(),
    verb: z.string().nullable(),
    payload: anything,
    filter: anything,
    state: z.enum(BATCH_STATES),
    reason: z.string().nullable().openapi({ description: 'Why it is paused or cancelled: `asked`, or `failures`.' }),
    total: z.int().openapi({ description: 'Devices.' }),
    counts: Counts.openapi({ description: 'Commands by state.' }),
    percent: z.number().openapi({ description: 'Ended, of all.' }),
    rate_per_minute: z.number().nullable(),
    max_attempts: z.int(),
    retry_delay_s: z.int(),
    retry_unknown: z.boolean(),
    stop_after_failures: z.int().nullable(),
    began_at: Time,
    updated_at: Time,
    ended_at: Time.nullable(),
  })
  .openapi('CommandBatch');
export const BatchList = listOf('CommandBatchList', Batch);

const OPEN: ReadonlySet<string> = new Set(['queued', 'sending', 'running']);

export function toBatch(row: BatchRow, progress: schema.BatchProgress): z.infer<typeof Batch> {
  const counts = Object.fromEntries(COMMAND_STATES.map((state) => [state, progress[state] ?? 0]));
  const ended = COMMAND_STATES.reduce((sum, state) => (OPEN.has(state) ? sum : sum + (progress[state] ?? 0)), 0);
  return {
    id: String(row.id),
    action: row.action,
    verb: row.verb,
    payload: shown(row.payload, row.action, null),
    filter: { ...row.filter },
    state: row.state,
    reason: row.reason,
    total: row.total,
    counts,
    percent: row.total === 0 ? 100 : Math.floor((ended * 1000) / row.total) / 10,
    rate_per_minute: row.intervalMs === 0 ? null : 60_000 / row.intervalMs,
    max_attempts: row.maxAttempts,
    retry_delay_s: row.retryDelayS,
    retry_unknown: row.retryUnknown,
    stop_after_failures: row.stopAfterFailures,
    began_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
    ended_at: iso(row.endedAt),
  };
}

export const RetryAnswer = z.object({ retried: z.int() }).openapi('RetryAnswer');
