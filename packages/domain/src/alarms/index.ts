/** Alarms: their kinds, rules and life. */
export * from './kinds.js';
export * from './life.js';
export * from './rules.js';
