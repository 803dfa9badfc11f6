/** @sigec/domain: the rules, as pure functions over plain data. */
export * from './authorization.js';
export * from './connect.js';
export * from './meter.js';
export * from './seen.js';
export * from './station.js';
export * from './tariff.js';
export * from './transaction.js';
