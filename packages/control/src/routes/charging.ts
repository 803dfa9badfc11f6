/** Routes of smart charging: profiles, limits, needs and schedules of vehicles. */
import type { Services } from '../context.js';
import type { App } from './application.js';

export function chargingRoutes(_app: App, _services: Services): void {}
