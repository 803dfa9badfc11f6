/** Lets go of a cable. 1.6 section 5.18; 2.x F05. */
import { z } from '@hono/zod-openapi';
import { defineVerb, EvseId } from './verb.js';

export const unlock = defineVerb({
  name: 'unlock',
  summary: 'Unlock a connector',
  becomes: 'UnlockConnector. In 1.6 the EVSE is the connector.',
  body: z.strictObject({ evse_id: EvseId, connector_id: EvseId.default(1) }),
  plan: (version, _station, { evse_id: evseId, connector_id: connectorId }) => ({
    action: 'UnlockConnector',
    payload: version === 'ocpp1.6' ? { connectorId: evseId } : { evseId, connectorId },
  }),
});
