/** For tests: messages of certificates, security events and ISO 15118, by version. */
import type { RequestMap } from '@sigec/ocpp';
import { at } from './plain.js';

/** Of station CP1, with a key that nobody has any more. */
const CSR = `-----BEGIN CERTIFICATE REQUEST-----
MIHXMH8CAQAwHTEMMAoGA1UEAxMDQ1AxMQ0wCwYDVQQKEwRSZWRlMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE0Z8HGqWOKtqD8NGo2amlPKC0g0ITAD4O8MBFsZhQ
Sch9TbTIRyt7QuH2w3qKTNUHHyXkmHp+zoWrJdQkEotuAKAAMAoGCCqGSM49BAMC
A0gAMEUCIEAYHeUCVthm7Pime9uo602pJ+/hnr9g7D7AxaPNdJwEAiEAtoyg4Pi3
bK7W1tv7QX+R5LAgXbaJ3YTEOS5A+Yvx55E=
-----END CERTIFICATE REQUEST-----
`;

const NAME = { hashAlgorithm: 'SHA256', issuerNameHash: 'aa', issuerKeyHash: 'bb', serialNumber: '01' } as const;

export const SECURITY_SAMPLES_16 = {
  SecurityEventNotification: [
    { type: 'SettingSystemTime', timestamp: at(0) },
    { type: 'InvalidCentralSystemCertificate', timestamp: at(1), techInfo: 'it ran out' },
  ],
  SignCertificate: [{ csr: CSR }, { csr: 'garbage' }],
} satisfies Partial<{ [A in keyof RequestMap['ocpp1.6']]: RequestMap['ocpp1.6'][A][] }>;

export const SECURITY_SAMPLES_2X = {
  Get15118EVCertificate: [
    { iso15118SchemaVersion: 'urn:iso:15118:2:2013:MsgDef', action: 'Install' as const, exiRequest: 'gJg=' },
    { iso15118SchemaVersion: 'urn:iso:15118:2:2013:MsgDef', action: 'Update' as const, exiRequest: '' },
  ],
  GetCertificateStatus: [{ ocspRequestData: { ...NAME, responderURL: 'http://ocsp.example' } }],
  SecurityEventNotification: SECURITY_SAMPLES_16.SecurityEventNotification,
  SignCertificate: [
    ...SECURITY_SAMPLES_16.SignCertificate,
    { csr: CSR, certificateType: 'ChargingStationCertificate' as const },
    { csr: CSR, certificateType: 'V2GCertificate' as const },
  ],
} satisfies Partial<{ [A in keyof RequestMap['ocpp2.0.1']]: RequestMap['ocpp2.0.1'][A][] }>;

export const SECURITY_SAMPLES_21: { [A in 'GetCertificateChainStatus']: RequestMap['ocpp2.1'][A][] } = {
  GetCertificateChainStatus: [
    { certificateStatusRequests: [{ certificateHashData: NAME, source: 'OCSP', urls: ['http://ocsp.example'] }] },
  ],
};
