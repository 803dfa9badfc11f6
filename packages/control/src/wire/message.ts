/** The OCPP log as the API shows it. */
import { z } from '@hono/zod-openapi';
import type { MessageRow } from '@sigec/store';
import { iso, listOf, PageQuery, Time } from './common.js';

export const Message = z
  .object({
    at: Time,
    direction: z.enum(['in', 'out']).openapi({ description: 'in: from the charger.' }),
    type: z.enum(['call', 'result', 'error', 'send', 'malformed']),
    message_id: z.string(),
    action: z.string(),
    payload: z.unknown().openapi({ description: 'The JSON; absent where it could not be read.' }).optional(),
    raw: z.string().optional().openapi({ description: 'The text, where it is not JSON.' }),
  })
  .openapi('OcppMessage');

export const MessageList = listOf('OcppMessageList', Message);

export const MessageQuery = PageQuery.extend({
  order: z.enum(['asc', 'desc']).optional().openapi({ description: 'By time; default asc.', default: 'asc' }),
  action: z.string().min(1).max(64).optional(),
});

export function toMessage(row: MessageRow): z.infer<typeof Message> {
  const { direction, type, messageId: message_id, action } = row;
  const head = { at: iso(row.at), direction, type, message_id, action };
  try {
    return { ...head, payload: JSON.parse(row.payload) as unknown };
  } catch {
    return { ...head, raw: row.payload };
  }
}
