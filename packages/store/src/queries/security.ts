/** Reads and writes of people and of tasks: certificates, security events, and ISO 15118. */
export * from './security/authority.js';
export * from './security/events.js';
export * from './security/installed.js';
export * from './security/issued.js';
export * from './security/requests.js';
