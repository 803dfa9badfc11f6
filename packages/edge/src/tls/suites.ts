/** Which versions and suites of TLS a listener speaks. */
import { constants } from 'node:crypto';

/**
 * The suites that OCPP names (2.0.1 part 2, A00.FR.318), and those with ECDHE for an RSA key: without them such a
 * certificate leaves TLS 1.2 without forward secrecy. TLS 1.3 has suites of its own.
 */
export const OCPP_SUITES = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
].join(':');

/** What stacks of ten years ago know besides. Nothing without encryption, no RC4, no export suites. */
const LEGACY_SUITES = [
  OCPP_SUITES,
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-SHA256',
  'AES256-SHA256',
  'AES128-SHA',
  'AES256-SHA',
  // TLS 1.0 and 1.1 sign with SHA-1, which OpenSSL 3 takes at no higher level.
  '@SECLEVEL=0',
].join(':');

/**
 * Without tickets every connection shows its certificate and has it checked anew: a resumed session would be taken as it
 * was judged when it began, its certificate expired or revoked meanwhile.
 */
export const MUTUAL = {
  minVersion: 'TLSv1.2',
  ciphers: OCPP_SUITES,
  honorCipherOrder: true,
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
} as const;

export const LEGACY = {
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1.2',
  ciphers: LEGACY_SUITES,
  honorCipherOrder: true,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
} as const;
