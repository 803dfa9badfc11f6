/** Routes of certificates, security events, and ISO 15118. */
import type { Services } from '../context.js';
import type { App } from './application.js';

export function securityRoutes(_app: App, _services: Services): void {}
