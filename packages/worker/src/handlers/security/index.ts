/** Handlers of certificates, security events, and ISO 15118: a file for each action. */
import type { Family } from '../../handler.js';

export const security: Family = { of16: [], of2x: [], of21: [] };
