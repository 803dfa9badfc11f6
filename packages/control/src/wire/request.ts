/** What stations were asked for and answer in later messages, on the wire. */
import { z } from '@hono/zod-openapi';
import type { RequestRow } from '@sigec/store';
import { IdParam, iso, listOf, Time } from './common.js';

export const RequestParam = IdParam.extend({
  request_id: z
    .string()
    .regex(/^-?\d{1,10}$/, 'must be a whole number')
    .transform(Number)
    .openapi({ param: { name: 'request_id', in: 'path' }, type: 'integer' }),
});

export const RequestQuery = z.strictObject({
  wait: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a whole number of seconds')
    .transform(Number)
    .pipe(z.number().max(120, 'must be at most 120'))
    .optional()
    .openapi({ type: 'integer', maximum: 120, description: 'Seconds to wait for its end. Default 0.' }),
});

export const DeviceRequest = z
  .object({
    request_id: z.int(),
    action: z.string().openapi({ example: 'GetBaseReport' }),
    status: z.enum(['sent', 'accepted', 'running', 'complete', 'rejected', 'failed', 'expired']).openapi({
      description: '`complete`, `rejected`, `failed` and `expired` are its end.',
    }),
    detail: z.string().nullable().openapi({ description: "The charger's own last word.", example: 'Accepted' }),
    parts: z.int().openapi({ description: 'Messages of the answer that came.' }),
    created_at: Time,
    updated_at: Time,
    ended_at: Time.nullable(),
  })
  .openapi('DeviceRequest');

export const DeviceRequestResult = DeviceRequest.extend({
  items: z.array(z.unknown()).openapi({ description: 'What came, from all parts, in order.' }),
}).openapi('DeviceRequestResult');

export const DeviceRequestList = listOf('DeviceRequestList', DeviceRequest);

export function toRequest(row: RequestRow): z.infer<typeof DeviceRequest> {
  return {
    request_id: row.requestId,
    action: row.action,
    status: row.status,
    detail: row.detail,
    parts: row.parts,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
    ended_at: iso(row.endedAt),
  };
}
