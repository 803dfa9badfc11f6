/** Everything of people: getting in, what they prove by mail, their own account, keys, administration. */
import type { Services } from '../context.js';
import { apiKeyRoutes } from './accounts/api-keys.js';
import { grantRoutes } from './accounts/grants.js';
import { meRoutes } from './accounts/me.js';
import { peopleRoutes } from './accounts/people.js';
import { proofRoutes } from './accounts/proofs.js';
import { providerRoutes } from './accounts/provider.js';
import type { App } from './application.js';
import { authRoutes } from './auth.js';

export function accountRoutes(app: App, rooms: Services): void {
  authRoutes(app, rooms);
  providerRoutes(app, rooms);
  proofRoutes(app, rooms);
  meRoutes(app, rooms);
  apiKeyRoutes(app, rooms);
  peopleRoutes(app, rooms);
  grantRoutes(app, rooms);
}
