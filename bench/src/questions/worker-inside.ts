/**
 * The room of what the worker keeps to itself and a question is asked of all the same: its handlers run over a unit of work
 * that no other package may touch. Only this file goes around the package's door; the question's test says when it moves.
 */
export { Needs } from '../../../packages/worker/dist/needs.js';
export { type Codecs, loadCodecs, parseCall, type Routed } from '../../../packages/worker/dist/parse.js';
export { Unit } from '../../../packages/worker/dist/unit.js';
