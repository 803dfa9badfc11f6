/** Alarms, and what people do with them. */
export * from './alarms/act.js';
export * from './alarms/list.js';
export * from './alarms/rules.js';
