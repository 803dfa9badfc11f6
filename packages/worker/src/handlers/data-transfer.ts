/** DataTransfer: a vendor's own message, kept among the newest of its station. 1.6 section 4.3; 2.x P02. */
import { type Call, define } from '../handler.js';
import type { Unit } from '../unit.js';
import { askVendor } from './vendors.js';

interface Transfer {
  readonly vendorId: string;
  readonly messageId?: string;
  readonly data?: unknown;
}

function take({ stationId, version, payload, receivedAt }: Call<Transfer>, unit: Unit) {
  const { vendorId, messageId, data } = payload;
  const answer = askVendor(unit.settings.vendors, { version, stationId, vendorId, messageId, data });
  const { status } = answer;
  const row = { stationId, direction: 'in', at: receivedAt, vendorId, messageId: messageId ?? null } as const;
  unit.add('dataTransfer', { ...row, data, status });
  unit.tell(stationId, 'vendor.message', { vendor_id: vendorId, message_id: messageId ?? null, status });
  return answer;
}

export const dataTransfer16 = define('ocpp1.6', 'DataTransfer', {
  kind: 'durable',
  handle(call, unit) {
    const { status, data } = take(call, unit);
    if (data === undefined) return { status };
    return { status, data: typeof data === 'string' ? data : JSON.stringify(data) };
  },
});

export const dataTransfer2x = define('ocpp2.0.1', 'DataTransfer', {
  kind: 'durable',
  handle(call, unit) {
    const { status, data } = take(call, unit);
    return data === undefined ? { status } : { status, data };
  },
});
