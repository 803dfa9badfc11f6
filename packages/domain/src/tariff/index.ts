/** Tariffs and cost: what a session may cost, what it took, and what it does cost. */
export * from './cost.js';
export * from './describe.js';
export * from './faults.js';
export * from './preview.js';
export { type Session, type Spent, spentIn } from './spend.js';
export * from './tariff.js';
export { EMPTY_USAGE, type Flow, type FlowPoint, foldFlow, foldUsage, type Usage } from './usage.js';
