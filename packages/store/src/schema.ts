/** The tables as drizzle sees them. The migrations make them; a test compares the two. */

export * from './schema/authorisation.js';
export * from './schema/charging.js';
export * from './schema/commands.js';
export * from './schema/core.js';
export * from './schema/device-model.js';
export * from './schema/energy.js';
export * from './schema/firmware.js';
export * from './schema/requests.js';
export * from './schema/security.js';
export * from './schema/sites.js';
