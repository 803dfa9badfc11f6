/** Trust of the station: root certificates put in and taken away. 1.6 white paper sections 5.3, 5.10; 2.x M05, M04. */
import { z } from '@hono/zod-openapi';
import { defineVerb, unsupported } from './verb.js';

/** 1.6 has two kinds, under names of its own. */
const KINDS_16: Readonly<Record<string, string>> = {
  CSMSRootCertificate: 'CentralSystemRootCertificate',
  ManufacturerRootCertificate: 'ManufacturerRootCertificate',
};
const KINDS = [
  ...(['CSMSRootCertificate', 'ManufacturerRootCertificate', 'V2GRootCertificate', 'MORootCertificate'] as const),
  'OEMRootCertificate',
] as const;

export const installCertificate = defineVerb({
  name: 'install-certificate',
  summary: 'Install a root certificate at a device',
  becomes: 'InstallCertificate. 1.6 takes the roots of the CSMS and of the manufacturer; `OEMRootCertificate` in 2.1.',
  body: z.strictObject({ type: z.enum(KINDS), certificate: z.string().min(1).max(10_000) }),
  plan(version, _station, { type, certificate }) {
    const certificateType = version === 'ocpp1.6' ? KINDS_16[type] : type;
    if (certificateType === undefined || (type === 'OEMRootCertificate' && version !== 'ocpp2.1'))
      throw unsupported(version, 'type');
    return { action: 'InstallCertificate', payload: { certificateType, certificate } };
  },
});

const Hash = z.string().min(1).max(128);

export const deleteCertificate = defineVerb({
  name: 'delete-certificate',
  summary: 'Remove a certificate from a device',
  becomes: 'DeleteCertificate.',
  body: z.strictObject({
    hash_algorithm: z.enum(['SHA256', 'SHA384', 'SHA512']),
    issuer_name_hash: Hash,
    issuer_key_hash: Hash,
    serial_number: z.string().min(1).max(40),
  }),
  plan: (_version, _station, body) => ({
    action: 'DeleteCertificate',
    payload: {
      certificateHashData: {
        hashAlgorithm: body.hash_algorithm,
        issuerNameHash: body.issuer_name_hash,
        issuerKeyHash: body.issuer_key_hash,
        serialNumber: body.serial_number,
      },
    },
  }),
});
