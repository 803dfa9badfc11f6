/** Rows and look-ups of certificates, security events, and ISO 15118. */

export const SECURITY_FACTS = {};
export const SECURITY_LOOKUPS = {};
