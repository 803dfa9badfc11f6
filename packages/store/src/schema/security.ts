/** Tables of certificates, security events, and ISO 15118. */
export const SECURITY_TABLES = [] as const;
