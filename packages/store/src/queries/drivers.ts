/** What drivers have to do with: their tokens, codes on stations, sessions as they run, receipts, and what is held of them. */
export * from './drivers/connect-codes.js';
export * from './drivers/live.js';
export * from './drivers/own-tokens.js';
export * from './drivers/receipts.js';
export * from './personal/erase.js';
export * from './personal/export.js';
export { PERSONAL, type PersonalTable } from './personal/tables.js';
