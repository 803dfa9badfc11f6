/** Keeps an EVSE for somebody, and gives it free. 1.6 sections 5.13, 5.1; 2.x H01, H02. */
import { z } from '@hono/zod-openapi';
import { TimeInput } from '../../wire/common.js';
import { Count, defineVerb, EvseId, given, unsupported, wanted } from './verb.js';

const Token = z.string().min(1).max(255);
/** Longest idTag of 1.6 (CiString20Type). */
const MAX_TAG = 20;

export const reserve = defineVerb({
  name: 'reserve',
  summary: 'Reserve an EVSE for a token',
  becomes:
    'ReserveNow. Without `reservation_id` a fresh one; that of one that is there changes it. Without `evse_id`: any EVSE.',
  body: z.strictObject({
    reservation_id: Count.optional(),
    id_token: Token,
    id_token_type: z.string().min(1).max(20).default('Central'),
    group_id_token: Token.optional(),
    expires_at: TimeInput,
    evse_id: EvseId.optional(),
    connector_type: z.string().min(1).max(20).optional(),
  }),
  plan(version, _station, body) {
    const { reservation_id: id, id_token: idToken, group_id_token: group, evse_id: evseId } = body;
    const expiry = body.expires_at.toISOString();
    const type = body.id_token_type;
    if (version !== 'ocpp1.6') {
      const token = { idToken, type };
      const groupIdToken = group === undefined ? undefined : { idToken: group, type };
      const rest = given({ evseId, connectorType: body.connector_type, groupIdToken });
      return { action: 'ReserveNow', payload: given({ id, expiryDateTime: expiry, idToken: token, ...rest }) };
    }
    if (body.connector_type !== undefined) throw unsupported(version, 'connector_type');
    for (const [field, value] of Object.entries({ id_token: idToken, group_id_token: group ?? '' }))
      if (value.length > MAX_TAG) throw wanted(field, `OCPP 1.6 takes at most ${MAX_TAG} characters`);
    const payload = { connectorId: evseId ?? 0, expiryDate: expiry, idTag: idToken, reservationId: id };
    return { action: 'ReserveNow', payload: given({ ...payload, parentIdTag: group }) };
  },
});

export const cancelReservation = defineVerb({
  name: 'cancel-reservation',
  summary: 'Cancel a reservation',
  becomes: 'CancelReservation.',
  body: z.strictObject({ reservation_id: Count }),
  plan: (_version, _station, { reservation_id: reservationId }) => ({
    action: 'CancelReservation',
    payload: { reservationId },
  }),
});
