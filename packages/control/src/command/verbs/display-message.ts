/** Shows a text on the station. 2.x O01; 1.6 has no display. */
import { z } from '@hono/zod-openapi';
import { TimeInput } from '../../wire/common.js';
import { defineVerb, given, rfc3339, unsupported } from './verb.js';

export const displayMessage = defineVerb({
  name: 'display-message',
  summary: 'Show a message on a device',
  becomes: 'SetDisplayMessage, from 2.0.1 on. A message of the same `id` is replaced.',
  body: z.strictObject({
    id: z.int().min(0).max(2_147_483_647),
    text: z.string().min(1).max(512),
    format: z.enum(['ASCII', 'HTML', 'URI', 'UTF8']).default('UTF8'),
    language: z.string().min(2).max(8).optional(),
    priority: z.enum(['AlwaysFront', 'InFront', 'NormalCycle']).default('NormalCycle'),
    state: z.enum(['Charging', 'Faulted', 'Idle', 'Unavailable']).optional(),
    start: TimeInput.optional(),
    end: TimeInput.optional(),
    ocpp_transaction_id: z.string().min(1).max(36).optional(),
  }),
  plan(version, _station, body) {
    if (version === 'ocpp1.6') throw unsupported(version);
    const { id, text: content, format, language, priority, state, ocpp_transaction_id: transactionId } = body;
    const times = { startDateTime: rfc3339(body.start), endDateTime: rfc3339(body.end) };
    const message = given({ format, language, content });
    return {
      action: 'SetDisplayMessage',
      payload: { message: given({ id, priority, state, ...times, transactionId, message }) },
    };
  },
});
