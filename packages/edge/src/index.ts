/** @sigec/edge: uWebSockets.js and the sessions of the chargers. */
export { type Edge, type EdgeDeps, startEdge } from './edge.js';
export type { EdgeSettings } from './settings.js';
export { type SessionState, TRANSITIONS } from './state.js';
