/** Takes a station, an EVSE or a connector into or out of service. 1.6 section 5.2; 2.x G03, G04. */
import { z } from '@hono/zod-openapi';
import { defineVerb, EvseId, given, unsupported, wanted } from './verb.js';

export const setAvailability = defineVerb({
  name: 'set-availability',
  summary: 'Take a device, an EVSE or a connector into or out of service',
  becomes: 'ChangeAvailability. Without `evse_id`: the whole device. `connector_id` from 2.0.1 on.',
  body: z.strictObject({
    available: z.boolean(),
    evse_id: EvseId.optional(),
    connector_id: EvseId.optional(),
  }),
  plan(version, _station, { available, evse_id: id, connector_id: connectorId }) {
    const word = available ? 'Operative' : 'Inoperative';
    if (id === undefined && connectorId !== undefined) throw wanted('evse_id', 'is missing beside connector_id');
    if (version === 'ocpp1.6') {
      // There a connector is an EVSE of one connector.
      if ((connectorId ?? 1) !== 1) throw unsupported(version, 'connector_id');
      return { action: 'ChangeAvailability', payload: { connectorId: id ?? 0, type: word } };
    }
    const evse = id === undefined ? undefined : given({ id, connectorId });
    return { action: 'ChangeAvailability', payload: given({ operationalStatus: word, evse }) };
  },
});
