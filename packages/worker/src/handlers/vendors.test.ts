import { describe, expect, it } from 'vitest';
import { askVendor, type VendorHandler, type Vendors } from './vendors.js';

const message = { version: 'ocpp2.0.1', stationId: 1, vendorId: 'V', messageId: 'M', data: 3 } as const;

describe('vendors', () => {
  const adds: VendorHandler = ({ data }) => ({ status: 'Accepted', data: Number(data) + 1 });
  const refuses: VendorHandler = () => ({ status: 'Rejected' });
  const vendors: Vendors = new Map([
    [
      'V',
      new Map([
        ['M', adds],
        ['', refuses],
      ]),
    ],
  ]);

  it('are asked by their id and that of the message', () => {
    expect(askVendor(vendors, message)).toEqual({ status: 'Accepted', data: 4 });
    expect(askVendor(vendors, { ...message, messageId: undefined })).toEqual({ status: 'Rejected' });
  });

  it('are not known where they are not known', () => {
    expect(askVendor(undefined, message)).toEqual({ status: 'UnknownVendorId' });
    expect(askVendor(vendors, { ...message, vendorId: 'W' })).toEqual({ status: 'UnknownVendorId' });
    expect(askVendor(vendors, { ...message, messageId: 'N' })).toEqual({ status: 'UnknownMessageId' });
  });
});
