/** Routes of grid control (DER), battery swap, display messages, tariffs and payments. */
import type { Services } from '../context.js';
import type { App } from './application.js';

export function energyRoutes(_app: App, _services: Services): void {}
