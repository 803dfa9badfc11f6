/** Routes of tokens and their groups, local lists, reservations. */
import type { Services } from '../context.js';
import type { App } from './application.js';

export function authorisationRoutes(_app: App, _services: Services): void {}
