/** Who understands the vendors' own messages: a port, filled where a worker is put together. No vendor is known by itself. */
import type { OcppVersion } from '@sigec/ocpp';

export interface VendorMessage {
  readonly version: OcppVersion;
  readonly stationId: number;
  readonly vendorId: string;
  readonly messageId: string | undefined;
  /** 1.6: text; 2.x: any JSON. */
  readonly data: unknown;
}

export interface VendorAnswer {
  readonly status: 'Accepted' | 'Rejected';
  /** 1.6 takes text only. */
  readonly data?: unknown;
}

/** Pure and synchronous, as all handlers: it may run again where the database asks for it. */
export type VendorHandler = (message: VendorMessage) => VendorAnswer;

/** By vendorId, then by messageId; '' is for messages without one. */
export type Vendors = ReadonlyMap<string, ReadonlyMap<string, VendorHandler>>;

export type TransferStatus = 'Accepted' | 'Rejected' | 'UnknownMessageId' | 'UnknownVendorId';

export function askVendor(
  vendors: Vendors | undefined,
  message: VendorMessage,
): { readonly status: TransferStatus; readonly data?: unknown } {
  const messages = vendors?.get(message.vendorId);
  if (messages === undefined) return { status: 'UnknownVendorId' };
  const handler = messages.get(message.messageId ?? '');
  return handler === undefined ? { status: 'UnknownMessageId' } : handler(message);
}
