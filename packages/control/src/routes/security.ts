/** Routes of certificates, security events, and ISO 15118. */
import type { Services } from '../context.js';
import type { App } from './application.js';
import { authorityRoutes } from './security/authority.js';
import { deviceCertificateRoutes } from './security/device-certificates.js';
import { securityEventRoutes } from './security/events.js';

export function securityRoutes(app: App, services: Services): void {
  authorityRoutes(app, services);
  deviceCertificateRoutes(app, services);
  securityEventRoutes(app, services);
}
