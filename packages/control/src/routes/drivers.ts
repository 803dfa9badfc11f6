/** What drivers have to do with, and what is held of anybody. */
import type { Services } from '../context.js';
import type { App } from './application.js';
import { connectRoutes } from './drivers/connect.js';
import { ownTokenRoutes } from './drivers/own-tokens.js';
import { personalRoutes } from './drivers/personal.js';
import { sessionRoutes } from './drivers/sessions.js';

export function driverRoutes(app: App, rooms: Services): void {
  ownTokenRoutes(app, rooms);
  connectRoutes(app, rooms);
  sessionRoutes(app, rooms);
  personalRoutes(app, rooms);
}
