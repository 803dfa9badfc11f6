/** Commands and their answers. */
import { z } from '@hono/zod-openapi';
import { OCPP_VERSIONS } from '@sigec/ocpp';
import type { StationDetail } from '@sigec/store';
import type { Availability } from '../command/availability.js';
import { commandsOf } from '../command/dispatch.js';
import { IdParam, IdText, Timeout } from './common.js';
import { DeviceRequestResult } from './request.js';

/** Every action that a station of some version takes. */
export const ACTION_NAMES = [...new Set(OCPP_VERSIONS.flatMap((version) => commandsOf(version)))].sort();

export const CommandParam = IdParam.extend({
  // Checked against the station's own version, which answers with the names that are near.
  action: z
    .string()
    .max(100)
    .openapi({ param: { name: 'action', in: 'path' }, enum: ACTION_NAMES, example: 'TriggerMessage' }),
});

/** A month. */
const MAX_QUEUE_S = 2_592_000;
const seconds = (most: number) =>
  z
    .string()
    .regex(/^\d{1,7}$/, 'must be a whole number of seconds')
    .transform(Number)
    .pipe(z.number().max(most, `must be at most ${most}`));

const Queue = seconds(MAX_QUEUE_S)
  .pipe(z.number().min(1, 'must be at least 1'))
  .optional()
  .openapi({
    type: 'integer',
    minimum: 1,
    maximum: MAX_QUEUE_S,
    description:
      'Seconds that the command may wait for the device where it is offline. It is then answered with 202 and goes out ' +
      'when the device is back, in order. Without it an offline device is an error.',
  });

const Wait = seconds(120)
  .optional()
  .openapi({
    type: 'integer',
    minimum: 0,
    maximum: 120,
    description:
      'Where the device answers in later messages (reports, uploads, firmware): seconds to wait for the whole. What came ' +
      'stands in `request`; where it is not complete by then, ask for `request_id` again.',
  });

export const CommandQuery = z.strictObject({ timeout: Timeout, queue: Queue, wait: Wait });

const Warning = z.object({ field: z.string(), message: z.string() });

const ANSWERED = {
  message_id: z.string().openapi({ description: 'OCPP message id of the CALL.' }),
  response: z.record(z.string(), z.unknown()).openapi({ description: "The charger's CALLRESULT payload." }),
  latency_ms: z.int(),
  request_id: z.int().optional().openapi({
    description: 'Where the answer comes in later messages: what it is gathered under, see `/devices/{id}/requests`.',
  }),
  request: DeviceRequestResult.optional().openapi({ description: 'With `wait`: the answer, where it is complete.' }),
  warnings: z.array(Warning).optional().openapi({ description: "What is wrong with the charger's answer." }),
};

export const CommandAnswer = z
  .object({ status: z.literal('answered'), ...ANSWERED })
  .catchall(z.unknown())
  .openapi('CommandAnswer');

export const VerbParam = IdParam.extend({
  verb: z
    .string()
    .max(50)
    .openapi({ param: { name: 'verb', in: 'path' }, example: 'reset' }),
});

export const VerbAnswer = z
  .object({
    verb: z.string(),
    action: z.string().openapi({ description: 'The OCPP message that it became.' }),
    accepted: z.boolean(),
    status: z.string().openapi({ description: "The charger's own word.", example: 'Accepted' }),
    items: z
      .array(z.record(z.string(), z.unknown()))
      .optional()
      .openapi({ description: 'Of configuration: what became of each item.' }),
    ...ANSWERED,
  })
  .catchall(z.unknown())
  .openapi('VerbAnswer');

const Outlet = z.int().min(1).max(65_535);

export const StatusBody = z
  .strictObject({
    status: z.enum(['Available', 'Unavailable']),
    evse_id: Outlet.optional().openapi({ description: 'Absent: the whole device.' }),
    connector_id: Outlet.optional().openapi({ description: 'From 2.0.1 on, beside `evse_id`.' }),
  })
  .openapi('DeviceStatusRequest');

export const StatusAnswer = z
  .object({
    id: IdText,
    status: z.enum(['Available', 'Unavailable']).openapi({ description: 'What was asked for.' }),
    result: z.enum(['Accepted', 'Scheduled', 'Partial']).openapi({
      description: '`Scheduled` where a transaction has to end first, `Partial` where some of `parts` were refused.',
    }),
    parts: z.array(z.object({ evse_id: z.int(), result: z.string() })).openapi({
      description: 'Where the charger refused the whole: its word for each EVSE, or how that command ended.',
    }),
    waits_for: z.array(IdText).openapi({ description: 'Transactions that run there, where something is scheduled.' }),
    message_id: z.string(),
    latency_ms: z.int(),
  })
  .openapi('DeviceStatusAnswer');

export function toStatusAnswer(
  { id, activeTransactionIds }: StationDetail,
  status: 'Available' | 'Unavailable',
  { result, parts, sent }: Availability,
): z.infer<typeof StatusAnswer> {
  const scheduled = result === 'Scheduled' || parts.some((part) => part.result === 'Scheduled');
  return {
    ...{ id: String(id), status, result },
    parts: parts.map(({ evseId, result: word }) => ({ evse_id: evseId, result: word })),
    waits_for: scheduled ? activeTransactionIds.map(String) : [],
    message_id: sent.messageId,
    latency_ms: sent.latencyMs,
  };
}
