/** The tables as drizzle sees them. The migrations make them; a test compares the two. */
export * from './schema/core.js';
export * from './schema/requests.js';
