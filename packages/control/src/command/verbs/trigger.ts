/** Asks for a message that the station would send by itself. 1.6 section 5.17 and white paper section 5.7; 2.x F06. */
import { z } from '@hono/zod-openapi';
import type { OcppVersion } from '@sigec/ocpp';
import { defineVerb, EvseId, given, type Planned, unsupported, wanted } from './verb.js';

const MESSAGES = [
  ...(['BootNotification', 'Heartbeat', 'StatusNotification', 'MeterValues', 'TransactionEvent'] as const),
  ...(['FirmwareStatusNotification', 'LogStatusNotification', 'DiagnosticsStatusNotification'] as const),
  ...(['PublishFirmwareStatusNotification', 'SignChargingStationCertificate', 'SignV2GCertificate'] as const),
  ...(['SignV2G20Certificate', 'SignCombinedCertificate', 'CustomTrigger'] as const),
] as const;
type Message = (typeof MESSAGES)[number];

/** 1.6: by TriggerMessage, or by the extended one of the white paper. */
const PLAIN_16: ReadonlySet<Message> = new Set([
  ...(['BootNotification', 'Heartbeat', 'StatusNotification', 'MeterValues'] as const),
  ...(['FirmwareStatusNotification', 'DiagnosticsStatusNotification'] as const),
]);
const EXTENDED_16: Partial<Record<Message, string>> = {
  LogStatusNotification: 'LogStatusNotification',
  SignChargingStationCertificate: 'SignChargePointCertificate',
};
const ONLY_21: ReadonlySet<Message> = new Set(['SignV2G20Certificate', 'CustomTrigger']);

function plan16(version: OcppVersion, message: Message, connectorId: number | undefined): Planned {
  if (PLAIN_16.has(message))
    return { action: 'TriggerMessage', payload: given({ requestedMessage: message, connectorId }) };
  const requestedMessage = EXTENDED_16[message];
  if (requestedMessage === undefined) throw unsupported(version, 'message');
  return { action: 'ExtendedTriggerMessage', payload: given({ requestedMessage, connectorId }) };
}

export const trigger = defineVerb({
  name: 'trigger',
  summary: 'Ask a device for a message that it sends by itself',
  becomes: 'TriggerMessage; in 1.6 ExtendedTriggerMessage for what only that has. `custom` with CustomTrigger in 2.1.',
  body: z.strictObject({
    message: z.enum(MESSAGES),
    evse_id: EvseId.optional(),
    connector_id: EvseId.optional(),
    custom: z.string().min(1).max(50).optional(),
  }),
  plan(version, _station, { message, evse_id: id, connector_id: connectorId, custom }) {
    if (version !== 'ocpp2.1' && (ONLY_21.has(message) || custom !== undefined))
      throw unsupported(version, custom === undefined ? 'message' : 'custom');
    if ((message === 'CustomTrigger') !== (custom !== undefined))
      throw wanted('custom', 'stands beside CustomTrigger, and there only');
    if (version === 'ocpp1.6') return plan16(version, message, id);
    if (message === 'DiagnosticsStatusNotification') throw unsupported(version, 'message');
    const evse = id === undefined ? undefined : given({ id, connectorId });
    return { action: 'TriggerMessage', payload: given({ requestedMessage: message, evse, customTrigger: custom }) };
  },
});
