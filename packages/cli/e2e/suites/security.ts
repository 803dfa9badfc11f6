/** End to end: certificates, security events, and ISO 15118. */
import type { System } from '../support/system.js';

export function securitySuite(_get: () => System): void {}
