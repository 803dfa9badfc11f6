/** Error codes of chargers in plain words. */
export * from './explain.js';
export * from './severities.js';
export type { Words } from './words.js';
