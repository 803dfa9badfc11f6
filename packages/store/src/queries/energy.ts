/** Reads and writes of people: grid control (DER), battery swap, display messages, tariffs and payments: a room for each. */
export * from './energy/cost.js';
export * from './energy/der.js';
export * from './energy/display.js';
export * from './energy/settlements.js';
export * from './energy/swaps.js';
export * from './energy/tariffs.js';
