/** Reads and writes of people: certificates, security events, and ISO 15118. */
export const SECURITY_QUERIES = [] as const;
