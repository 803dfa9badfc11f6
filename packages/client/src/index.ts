/** @sigec/client: the REST API for TypeScript. */
export { type ClientOptions, createSigecClient, type SigecClient } from './client.js';
export type { components, paths } from './gen/api.js';
export { type PageOf, pages } from './pages.js';
export { type Problem, SigecProblem } from './problem.js';
