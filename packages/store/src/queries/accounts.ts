/** People's accounts: proofs, keys, administration, and who changed what. */
export * from './accounts/api-keys.js';
export { type AccountAction, type AuditRow, listAuditEntries } from './accounts/audit.js';
export * from './accounts/external-identities.js';
export * from './accounts/grants.js';
export * from './accounts/notifications.js';
export * from './accounts/one-time-tokens.js';
export * from './accounts/passwords.js';
export * from './accounts/people.js';
export * from './accounts/reach.js';
export * from './accounts/registration.js';
export * from './accounts/second-factor.js';
export * from './accounts/signing-keys.js';
export * from './accounts/tenants.js';
