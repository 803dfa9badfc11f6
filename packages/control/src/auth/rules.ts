/** Who may use which route. A route that is not here is refused to everybody. */
import type { UserRole } from '@sigec/store';

export type RouteRule = 'public' | readonly UserRole[];

const STAFF: RouteRule = ['admin', 'operator'];
const EVERYONE: RouteRule = ['admin', 'operator', 'user'];

export const ROUTE_RULES: Readonly<Record<string, RouteRule>> = {
  'GET /health/live': 'public',
  'GET /health/ready': 'public',
  'GET /metrics': 'public',
  'GET /openapi.json': 'public',
  'GET /docs': 'public',
  'GET /docs/:file': 'public',

  'POST /api/v1/auth/login': 'public',
  'POST /api/v1/auth/refresh': 'public',
  // Either token is proof enough to end the session it belongs to.
  'POST /api/v1/auth/logout': 'public',

  'GET /api/v1/devices': STAFF,
  'POST /api/v1/devices': STAFF,
  'GET /api/v1/devices/nearby': STAFF,
  'GET /api/v1/devices/:id': STAFF,
  'PATCH /api/v1/devices/:id': STAFF,
  'PATCH /api/v1/devices/:id/status': STAFF,
  'POST /api/v1/devices/:id/credentials': STAFF,
  'POST /api/v1/devices/:id/credentials/rotate': STAFF,
  'POST /api/v1/devices/:id/unblock-flapping': STAFF,
  'POST /api/v1/devices/:id/commands/:action': STAFF,
  'GET /api/v1/devices/:id/requests': STAFF,
  'GET /api/v1/devices/:id/requests/:request_id': STAFF,
  'GET /api/v1/devices/:id/messages': STAFF,
  'GET /api/v1/devices/:id/variables': STAFF,
  'GET /api/v1/devices/:id/monitors': STAFF,
  'GET /api/v1/devices/:id/events': STAFF,
  'GET /api/v1/devices/:id/event-streams': STAFF,
  'GET /api/v1/devices/:id/event-streams/:stream_id/samples': STAFF,
  'GET /api/v1/devices/:id/settings': STAFF,
  'PUT /api/v1/devices/:id/settings': STAFF,
  'GET /api/v1/devices/:id/provisioning': STAFF,
  'POST /api/v1/devices/:id/provisioning': STAFF,
  'GET /api/v1/settings': STAFF,
  'PUT /api/v1/settings': STAFF,

  'GET /api/v1/devices/:id/firmware-updates': STAFF,
  'GET /api/v1/devices/:id/firmware-publications': STAFF,
  'GET /api/v1/devices/:id/uploads': STAFF,
  'GET /api/v1/devices/:id/uploads/:upload_id': STAFF,
  'GET /api/v1/devices/:id/uploads/:upload_id/file': STAFF,
  'GET /api/v1/devices/:id/customer-information/:request_id': STAFF,
  'GET /api/v1/firmwares': STAFF,
  'POST /api/v1/firmwares': STAFF,
  'GET /api/v1/firmwares/:id': STAFF,
  'DELETE /api/v1/firmwares/:id': STAFF,
  'PUT /api/v1/firmwares/:id/file': STAFF,
  'POST /api/v1/firmwares/:id/link': STAFF,
  // Chargers know no login: the token in the address is their right, and nobody else's.
  'GET /firmwares/:id/file/:token': 'public',
  'GET /firmwares/:id/file/:token/:file': 'public',
  'PUT /uploads/:token': 'public',
  'POST /uploads/:token': 'public',
  'PUT /uploads/:token/:file': 'public',
  'POST /uploads/:token/:file': 'public',

  // Drivers: what is theirs; the queries see to it.
  'POST /api/v1/transactions/start': EVERYONE,
  'POST /api/v1/transactions/:id/stop': EVERYONE,
  'GET /api/v1/transactions/active': EVERYONE,
  'GET /api/v1/transactions/history': EVERYONE,
  'GET /api/v1/transactions/:id': EVERYONE,

  'GET /api/v1/id-tokens': STAFF,
  'POST /api/v1/id-tokens': STAFF,
  'PATCH /api/v1/id-tokens/:id': STAFF,
};
