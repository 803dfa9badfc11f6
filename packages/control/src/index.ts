/** @sigec/control: REST, authentication, commands. */

export type { Notice, NoticeKind, Notifier } from './accounts/notifier.js';
export { type Control, createControl } from './app.js';
export { ensureAdministrator, type FirstAdministrator, openTenant } from './auth/administrator.js';
export {
  type Command,
  type CommandGateway,
  type CommandGatewayOptions,
  type CommandOutcome,
  createCommandGateway,
} from './command/gateway.js';
export type { ControlConfig, ControlDeps } from './context.js';
export { type OpenApiDocument, openApiDocument } from './openapi.js';
export { type ControlServer, startControl } from './server.js';
