/** @sigec/domain: the rules, as pure functions over plain data. */
export * from './authorization.js';
export * from './certificate-request.js';
export * from './charger-tariff.js';
export * from './charging/index.js';
export * from './connect.js';
export * from './iso15118.js';
export * from './meter.js';
export * from './money.js';
export * from './opening-hours.js';
export * from './security-events.js';
export * from './seen.js';
export * from './station.js';
export * from './tariff.js';
export * from './token-hours.js';
export * from './transaction.js';
export * from './vat.js';
