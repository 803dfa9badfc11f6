/** The tables as drizzle sees them. The migrations make them; a test compares the two. */

export * from './schema/accounts.js';
export * from './schema/alarms.js';
export * from './schema/authorisation.js';
export * from './schema/charging.js';
export * from './schema/commands.js';
export * from './schema/core.js';
export * from './schema/device-model.js';
export * from './schema/drivers.js';
export * from './schema/energy.js';
export * from './schema/firmware.js';
export * from './schema/idempotency.js';
export * from './schema/requests.js';
export * from './schema/security.js';
export * from './schema/sites.js';
export * from './schema/station-words.js';
export * from './schema/tariffs.js';
export * from './schema/webhooks.js';
