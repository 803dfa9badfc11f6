/** @sigec/worker: consume, route, handle, commit, reply. */
export { ROUTES } from './route.js';
export type { WorkerSettings } from './settings.js';
export { startWorker, type Worker, type WorkerDeps } from './worker.js';
