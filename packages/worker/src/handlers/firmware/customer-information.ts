/** NotifyCustomerInformation (2.x N09, N10): what a charger knows of a customer, in parts. */
import { parseTimestamp } from '@sigec/ocpp';
import { CallRefused, define } from '../../handler.js';
import { needsRequest, takePart } from '../requests.js';

/** A part holds 512 characters at most. */
const MAX_PARTS = 2000;

export const notifyCustomerInformation2x = define('ocpp2.0.1', 'NotifyCustomerInformation', {
  kind: 'durable',
  needs: (call, needs) => needsRequest(call, needs, call.payload.requestId),
  handle(call, unit) {
    const { requestId, seqNo, tbc, data, generatedAt } = call.payload;
    if (seqNo < 0 || seqNo >= MAX_PARTS) throw new CallRefused('property', `seqNo: 0 to ${MAX_PARTS - 1}`);
    const request = unit.found('request', { stationId: call.stationId, requestId });
    const part = { requestId, seqNo, tbc, items: data === '' ? [] : [data] };
    if (!takePart(call, unit, ['CustomerInformation'], part) || request === undefined) return {};
    unit.add('customerInformation', {
      request: request.id,
      generatedAt: parseTimestamp(generatedAt, call.receivedAt).ms,
    });
    unit.tell(call.stationId, 'customer-information.received', { request_id: requestId, seq_no: seqNo });
    return {};
  },
});
