/** Routes of firmware, diagnostics, logs, and customer information. */
import type { Services } from '../context.js';
import type { App } from './application.js';

export function firmwareRoutes(_app: App, _services: Services): void {}
