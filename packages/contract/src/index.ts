/** @sigec/contract: what crosses the bus. Pure: no I/O, no other package of ours. */
export * from './codes.js';
export * from './downlink.js';
export * from './leases.js';
export * from './partition.js';
export * from './reply.js';
export * from './secret.js';
export * from './subjects.js';
export * from './token.js';
export * from './uplink.js';
export { ENVELOPE_VERSION, EnvelopeError } from './version.js';
