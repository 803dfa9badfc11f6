/** Commands and their answers. */
import { z } from '@hono/zod-openapi';
import { OCPP_VERSIONS } from '@sigec/ocpp';
import { commandsOf } from '../command/dispatch.js';
import { IdParam, IdText, Timeout } from './common.js';

const NAMES = [...new Set(OCPP_VERSIONS.flatMap((version) => commandsOf(version)))].sort();

/** Markdown for the document: which version has what. */
export const ACTIONS_DOC = [...OCPP_VERSIONS]
  .reverse()
  .map((version) => `**${version}**: ${commandsOf(version).join(', ')}.`)
  .join('\n\n');

export const CommandParam = IdParam.extend({
  // Checked against the station's own version, which answers with the names that are near.
  action: z
    .string()
    .max(100)
    .openapi({ param: { name: 'action', in: 'path' }, enum: NAMES, example: 'TriggerMessage' }),
});

export const CommandQuery = z.object({ timeout: Timeout });

const Warning = z.object({ field: z.string(), message: z.string() });

export const CommandAnswer = z
  .object({
    status: z.literal('answered'),
    message_id: z.string().openapi({ description: 'OCPP message id of the CALL.' }),
    response: z.record(z.string(), z.unknown()).openapi({ description: "The charger's CALLRESULT payload." }),
    latency_ms: z.int(),
    request_id: z.int().optional().openapi({
      description: 'Where the answer comes in later messages: what it is gathered under, see `/devices/{id}/requests`.',
    }),
    warnings: z.array(Warning).optional().openapi({ description: "What is wrong with the charger's answer." }),
  })
  .catchall(z.unknown())
  .openapi('CommandAnswer');

export const StatusBody = z.object({ status: z.enum(['Available', 'Unavailable']) }).openapi('DeviceStatusRequest');

export const StatusAnswer = z
  .object({
    id: IdText,
    status: z.enum(['Available', 'Unavailable']).openapi({ description: 'What was asked for.' }),
    result: z
      .string()
      .openapi({ description: '`Scheduled` where a transaction has to end first.', example: 'Accepted' }),
    message_id: z.string(),
    latency_ms: z.int(),
  })
  .openapi('DeviceStatusAnswer');
