/** Webhooks: kept by people, fed from the stream, delivered. */
export * from './webhooks/deliveries.js';
export * from './webhooks/feed.js';
export * from './webhooks/webhooks.js';
