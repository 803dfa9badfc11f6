/** Restarts the station or one EVSE. 1.6 section 5.14; 2.x B11, B12. */
import { z } from '@hono/zod-openapi';
import { defineVerb, EvseId, given, unsupported } from './verb.js';

/** In 1.6 a soft reset ends transactions first, a hard one does not ask. */
const TYPES_16: Readonly<Record<string, string>> = { Immediate: 'Hard', OnIdle: 'Soft' };

export const reset = defineVerb({
  name: 'reset',
  summary: 'Restart a device, or one of its EVSEs',
  becomes: 'Reset. 1.6: `Immediate` is Hard, `OnIdle` is Soft. `evse_id` from 2.0.1 on, `ImmediateAndResume` in 2.1.',
  body: z.strictObject({
    type: z.enum(['Immediate', 'OnIdle', 'ImmediateAndResume']).default('OnIdle'),
    evse_id: EvseId.optional(),
  }),
  plan(version, _station, { type, evse_id: evseId }) {
    if (type === 'ImmediateAndResume' && version !== 'ocpp2.1') throw unsupported(version, 'type');
    if (version !== 'ocpp1.6') return { action: 'Reset', payload: given({ type, evseId }) };
    if (evseId !== undefined) throw unsupported(version, 'evse_id');
    return { action: 'Reset', payload: { type: TYPES_16[type] } };
  },
});
