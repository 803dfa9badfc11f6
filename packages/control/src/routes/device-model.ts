/** Routes of the device model: components, variables, monitors, events, and the provisioning of a station. */
import type { Services } from '../context.js';
import type { App } from './application.js';

export function deviceModelRoutes(_app: App, _services: Services): void {}
