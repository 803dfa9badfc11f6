/** Every route, called by everybody: a route without a rule, or without a row here, fails. */
import { createRequest, createReservation, createUser, type UserRole } from '@sigec/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withStations } from '../testing/contract/stage.js';
import { contractSuite } from '../testing/contract/suite.js';
import { firmwareSeeds } from '../testing/firmware-seeds.js';
import { type Harness, type Json, PASSWORD, startHarness } from '../testing/harness.js';
import { BESIDE_OWN, isGrantable, ROLES, setHolds } from './permissions.js';
import { OF_THE_NETWORK, ROUTE_RULES } from './rules.js';

/** What a call needs to get past its checks, and what somebody of another tenant may see of it. */
interface Row {
  /** `:id` becomes the station, any other name what its seed made, all of the first tenant; `x_of_admin` goes before `x`. */
  readonly path: string;
  /** Of a body that is not JSON. */
  readonly type?: string;
  readonly body?: (ids: Ids) => unknown;
  /** The body of whoever was let in by a grant at the station's site, where it has to say so. */
  readonly there?: (ids: Ids) => unknown;
  /** A seed that the call uses up: it is made anew after each. */
  readonly anew?: string;
  /** `absent`: 404, as if it were not there. `nothing`: 200 without anything of the first tenant. `own`: what is made is theirs. `table`: a file that does not name the station. `all`: of the installation, for every tenant. `theirs`: a list of what is of the other tenant. `self`: about nobody but whoever asks. `refused`: 422, as its body names what is not theirs. */
  readonly other: 'absent' | 'nothing' | 'own' | 'table' | 'all' | 'theirs' | 'self' | 'refused' | 'public';
}

/** What {@link SEEDS} made, by its name. */
type Ids = Readonly<Record<string, string>>;

const API = '/api/v1';
let made = 0;
const PUBLIC = { other: 'public' } as const;

const ROWS: Readonly<Record<string, Row>> = {
  'GET /health/live': { path: '/health/live', ...PUBLIC },
  'GET /health/ready': { path: '/health/ready', ...PUBLIC },
  'GET /metrics': { path: '/metrics', ...PUBLIC },
  'GET /openapi.json': { path: '/openapi.json', ...PUBLIC },
  'GET /docs': { path: '/docs', ...PUBLIC },
  'GET /docs/:file': { path: '/docs/start.js', ...PUBLIC },
  'POST /api/v1/auth/login': { path: `${API}/auth/login`, body: () => ({}), ...PUBLIC },
  'POST /api/v1/auth/refresh': { path: `${API}/auth/refresh`, body: () => ({}), ...PUBLIC },
  'POST /api/v1/auth/logout': {
    path: `${API}/auth/logout`,
    body: () => ({ refresh_token: `${'a'.repeat(22)}.${'a'.repeat(43)}` }),
    ...PUBLIC,
  },
  'POST /api/v1/auth/login/code': { path: `${API}/auth/login/code`, body: () => ({}), ...PUBLIC },
  'POST /api/v1/auth/oidc/begin': { path: `${API}/auth/oidc/begin`, ...PUBLIC },
  'POST /api/v1/auth/oidc/finish': { path: `${API}/auth/oidc/finish`, body: () => ({}), ...PUBLIC },
  'POST /api/v1/auth/register': { path: `${API}/auth/register`, body: () => ({}), ...PUBLIC },
  'POST /api/v1/auth/email/ask': { path: `${API}/auth/email/ask`, body: () => ({}), ...PUBLIC },
  'POST /api/v1/auth/email/verify': { path: `${API}/auth/email/verify`, body: () => ({}), ...PUBLIC },
  'POST /api/v1/auth/password/ask': { path: `${API}/auth/password/ask`, body: () => ({}), ...PUBLIC },
  'POST /api/v1/auth/password/reset': { path: `${API}/auth/password/reset`, body: () => ({}), ...PUBLIC },
  'GET /.well-known/jwks.json': { path: '/.well-known/jwks.json', ...PUBLIC },
  'GET /api/v1/me': { path: `${API}/me`, other: 'self' },
  'PATCH /api/v1/me': { path: `${API}/me`, body: () => ({ name: 'x' }), other: 'self' },
  'POST /api/v1/me/password': {
    path: `${API}/me/password`,
    body: () => ({ current_password: PASSWORD, new_password: PASSWORD }),
    other: 'self',
  },
  'POST /api/v1/me/email': {
    path: `${API}/me/email`,
    body: () => ({ current_password: PASSWORD, email: `made-${++made}@example.test` }),
    other: 'self',
  },
  'GET /api/v1/me/data-export': { path: `${API}/me/data-export`, other: 'self' },
  // Whoever charges is not forgotten, and here everybody does.
  'POST /api/v1/me/erasure': { path: `${API}/me/erasure`, body: () => ({ password: PASSWORD }), other: 'self' },
  'POST /api/v1/me/erasure/ask': { path: `${API}/me/erasure/ask`, other: 'self' },
  'GET /api/v1/me/id-tokens': { path: `${API}/me/id-tokens`, other: 'self' },
  'POST /api/v1/me/id-tokens': {
    path: `${API}/me/id-tokens`,
    body: () => ({ value: `MINE${++made}` }),
    other: 'own',
  },
  'PATCH /api/v1/me/id-tokens/:id': {
    path: `${API}/me/id-tokens/:mine`,
    body: () => ({ name: 'x' }),
    other: 'absent',
  },
  'DELETE /api/v1/me/id-tokens/:id': { path: `${API}/me/id-tokens/:mine_gone`, other: 'absent' },
  'GET /api/v1/me/transactions': { path: `${API}/me/transactions`, other: 'nothing' },
  'POST /api/v1/me/second-factor/confirm': {
    path: `${API}/me/second-factor/confirm`,
    body: () => ({ code: '123456' }),
    other: 'self',
  },
  'POST /api/v1/me/second-factor/disable': {
    path: `${API}/me/second-factor/disable`,
    body: () => ({ code: '123456' }),
    other: 'self',
  },
  'POST /api/v1/me/second-factor': { path: `${API}/me/second-factor`, other: 'self' },
  'GET /api/v1/api-keys': { path: `${API}/api-keys`, other: 'nothing' },
  'POST /api/v1/api-keys': {
    path: `${API}/api-keys`,
    body: () => ({ name: `made ${++made}`, scopes: ['devices:read'] }),
    other: 'own',
  },
  'DELETE /api/v1/api-keys/:id': { path: `${API}/api-keys/:key`, other: 'absent' },
  'GET /api/v1/users': { path: `${API}/users`, other: 'theirs' },
  'POST /api/v1/users': {
    path: `${API}/users`,
    body: () => ({ name: 'Made', email: `made-${++made}@example.test`, role: 'operator', password: PASSWORD }),
    other: 'own',
  },
  'GET /api/v1/users/:user_id': { path: `${API}/users/:person`, other: 'absent' },
  'PATCH /api/v1/users/:user_id': { path: `${API}/users/:person`, body: () => ({ name: 'x' }), other: 'absent' },
  'POST /api/v1/users/:user_id/erasure': { path: `${API}/users/:leaver/erasure`, other: 'absent' },
  'DELETE /api/v1/users/:user_id/second-factor': { path: `${API}/users/:person/second-factor`, other: 'absent' },
  'GET /api/v1/grants': { path: `${API}/grants`, other: 'theirs' },
  'POST /api/v1/grants': {
    path: `${API}/grants`,
    body: ({ person, place }) => ({ user_id: person, group_id: place, set: 'viewer' }),
    ...{ anew: 'place', other: 'refused' },
  },
  'PATCH /api/v1/grants/:grant_id': {
    path: `${API}/grants/:grant`,
    body: () => ({ set: 'attendant' }),
    other: 'absent',
  },
  'DELETE /api/v1/grants/:grant_id': { path: `${API}/grants/:grant_gone`, anew: 'grant_gone', other: 'absent' },
  'GET /api/v1/audit-entries': { path: `${API}/audit-entries`, other: 'theirs' },
  // With a site, so that the database is asked; it ends at once. What it tells to whom is shown in live/.
  'GET /api/v1/events/stream': {
    path: `${API}/events/stream?topics=stations,transactions&site_ids=X&seconds=0`,
    other: 'own',
  },
  'GET /ws/updates': { path: '/ws/updates', ...PUBLIC },
  'GET /api/v1/webhooks': { path: `${API}/webhooks`, other: 'nothing' },
  'POST /api/v1/webhooks': {
    path: `${API}/webhooks`,
    body: () => ({ url: 'https://hooks.example.test/x', topics: ['stations'] }),
    other: 'own',
  },
  'GET /api/v1/webhooks/:id': { path: `${API}/webhooks/:webhook`, other: 'absent' },
  'PATCH /api/v1/webhooks/:id': {
    path: `${API}/webhooks/:webhook`,
    body: () => ({ description: 'x' }),
    other: 'absent',
  },
  'DELETE /api/v1/webhooks/:id': { path: `${API}/webhooks/:webhook_gone`, anew: 'webhook_gone', other: 'absent' },
  'POST /api/v1/webhooks/:id/rotate-secret': { path: `${API}/webhooks/:webhook/rotate-secret`, other: 'absent' },
  'POST /api/v1/webhooks/:id/ping': { path: `${API}/webhooks/:webhook/ping`, other: 'absent' },
  'POST /api/v1/webhooks/:id/replay': {
    path: `${API}/webhooks/:webhook/replay`,
    body: () => ({ after: '1-0' }),
    other: 'absent',
  },
  'POST /api/v1/webhooks/:id/retry-dead': {
    path: `${API}/webhooks/:webhook/retry-dead`,
    body: () => ({ since: '2026-01-01T00:00:00Z' }),
    other: 'absent',
  },
  'GET /api/v1/webhooks/:id/deliveries': { path: `${API}/webhooks/:webhook/deliveries`, other: 'absent' },
  'POST /api/v1/webhooks/:id/deliveries/:delivery_id/replay': {
    path: `${API}/webhooks/:pinged/deliveries/:delivery/replay`,
    other: 'absent',
  },
  'GET /api/v1/devices': { path: `${API}/devices`, other: 'nothing' },
  'POST /api/v1/devices': {
    path: `${API}/devices`,
    body: () => ({ identity: `MADE-${++made}` }),
    there: ({ site }) => ({ identity: `MADE-${++made}`, site_id: site }),
    other: 'own',
  },
  'GET /api/v1/devices/nearby': { path: `${API}/devices/nearby?lat=1&lon=1`, other: 'nothing' },
  'POST /api/v1/devices/import': {
    path: `${API}/devices/import`,
    type: 'text/csv',
    body: () => `identity\nMADE-${++made}\n`,
    there: () => `identity,site\nMADE-${++made},RULED\n`,
    other: 'own',
  },
  'GET /api/v1/devices/export': { path: `${API}/devices/export`, other: 'table' },
  'DELETE /api/v1/devices/:id': { path: `${API}/devices/:station_gone`, other: 'absent' },
  'PATCH /api/v1/devices/:id/connectors/:evse_id/:connector_id': {
    path: `${API}/devices/:id/connectors/1/1`,
    body: () => ({ type: 'CCS2' }),
    other: 'absent',
  },
  'GET /api/v1/sites': { path: `${API}/sites`, other: 'nothing' },
  'POST /api/v1/sites': { path: `${API}/sites`, body: () => ({ name: `MADE-${++made}` }), other: 'own' },
  'GET /api/v1/sites/:id': { path: `${API}/sites/:site`, other: 'absent' },
  'PATCH /api/v1/sites/:id': { path: `${API}/sites/:site`, body: () => ({ address: 'x' }), other: 'absent' },
  'DELETE /api/v1/sites/:id': { path: `${API}/sites/:site`, other: 'absent' },
  'GET /api/v1/groups': { path: `${API}/groups`, other: 'nothing' },
  'POST /api/v1/groups': { path: `${API}/groups`, body: () => ({ name: `MADE-${++made}` }), other: 'own' },
  'GET /api/v1/groups/:id': { path: `${API}/groups/:group`, other: 'absent' },
  'PATCH /api/v1/groups/:id': { path: `${API}/groups/:group`, body: () => ({ description: 'x' }), other: 'absent' },
  'DELETE /api/v1/groups/:id': { path: `${API}/groups/:group_gone`, other: 'absent' },
  'GET /api/v1/groups/:id/devices': { path: `${API}/groups/:group/devices`, other: 'absent' },
  'POST /api/v1/groups/:id/devices': {
    path: `${API}/groups/:group/devices`,
    body: ({ id }) => ({ device_ids: [id] }),
    other: 'absent',
  },
  'DELETE /api/v1/groups/:id/devices/:device_id': { path: `${API}/groups/:group/devices/:stranded`, other: 'absent' },
  'GET /api/v1/devices/:id': { path: `${API}/devices/:id`, other: 'absent' },
  'PATCH /api/v1/devices/:id': { path: `${API}/devices/:id`, body: () => ({ name: 'x' }), other: 'absent' },
  'PATCH /api/v1/devices/:id/status': {
    path: `${API}/devices/:id/status`,
    body: () => ({ status: 'Available' }),
    other: 'absent',
  },
  'POST /api/v1/devices/:id/credentials': { path: `${API}/devices/:id/credentials`, body: () => ({}), other: 'absent' },
  'POST /api/v1/devices/:id/credentials/rotate': { path: `${API}/devices/:id/credentials/rotate`, other: 'absent' },
  'POST /api/v1/devices/:id/actions/:verb': {
    path: `${API}/devices/:id/actions/clear-cache`,
    body: () => ({}),
    other: 'absent',
  },
  'GET /api/v1/devices/:id/commands': { path: `${API}/devices/:id/commands`, other: 'absent' },
  'GET /api/v1/commands': { path: `${API}/commands`, other: 'nothing' },
  'GET /api/v1/commands/:command_id': { path: `${API}/commands/:command`, other: 'absent' },
  'DELETE /api/v1/commands/:command_id': { path: `${API}/commands/:command`, other: 'absent' },
  'GET /api/v1/command-batches': { path: `${API}/command-batches`, other: 'nothing' },
  'POST /api/v1/command-batches': {
    path: `${API}/command-batches`,
    body: () => ({ action: 'ClearCache', filter: {} }),
    other: 'own',
  },
  'GET /api/v1/command-batches/:batch_id': { path: `${API}/command-batches/:batch`, other: 'absent' },
  'GET /api/v1/command-batches/:batch_id/commands': { path: `${API}/command-batches/:batch/commands`, other: 'absent' },
  'POST /api/v1/command-batches/:batch_id/pause': { path: `${API}/command-batches/:batch/pause`, other: 'absent' },
  'POST /api/v1/command-batches/:batch_id/resume': { path: `${API}/command-batches/:batch/resume`, other: 'absent' },
  'POST /api/v1/command-batches/:batch_id/cancel': { path: `${API}/command-batches/:batch/cancel`, other: 'absent' },
  'POST /api/v1/command-batches/:batch_id/retry-failed': {
    path: `${API}/command-batches/:batch/retry-failed`,
    other: 'absent',
  },
  'GET /api/v1/devices/:id/requests': { path: `${API}/devices/:id/requests`, other: 'absent' },
  'GET /api/v1/devices/:id/requests/:request_id': { path: `${API}/devices/:id/requests/:request`, other: 'absent' },
  'GET /api/v1/devices/:id/connect-codes': { path: `${API}/devices/:id/connect-codes`, other: 'absent' },
  'POST /api/v1/devices/:id/connect-codes': { path: `${API}/devices/:id/connect-codes`, other: 'absent' },
  'POST /api/v1/devices/:id/connect-codes/rotate': {
    path: `${API}/devices/:id/connect-codes/rotate`,
    body: () => ({ evse_id: 2 }),
    other: 'absent',
  },
  'GET /api/v1/connect/:code': { path: `${API}/connect/:code`, ...PUBLIC },
  'POST /api/v1/devices/:id/unblock-flapping': { path: `${API}/devices/:id/unblock-flapping`, other: 'absent' },
  'POST /api/v1/devices/:id/commands/:action': {
    path: `${API}/devices/:id/commands/ClearCache`,
    body: () => ({}),
    other: 'absent',
  },
  'GET /api/v1/devices/:id/certificates': { path: `${API}/devices/:id/certificates`, other: 'absent' },
  'POST /api/v1/devices/:id/renew-certificate': { path: `${API}/devices/:id/renew-certificate`, other: 'absent' },
  'POST /api/v1/devices/:id/certificates/:serial/revoke': {
    path: `${API}/devices/:id/certificates/:serial/revoke`,
    body: () => ({}),
    other: 'absent',
  },
  'GET /api/v1/devices/:id/security-events': { path: `${API}/devices/:id/security-events`, other: 'absent' },
  'GET /api/v1/devices/:id/iso15118-requests': { path: `${API}/devices/:id/iso15118-requests`, other: 'absent' },
  'GET /api/v1/security-events': { path: `${API}/security-events`, other: 'nothing' },
  'GET /api/v1/alarms': { path: `${API}/alarms`, other: 'nothing' },
  'GET /api/v1/alarms/:id': { path: `${API}/alarms/:alarm`, other: 'absent' },
  'POST /api/v1/alarms/:id/acknowledge': {
    path: `${API}/alarms/:alarm/acknowledge`,
    body: () => ({}),
    other: 'absent',
  },
  'POST /api/v1/alarms/:id/snooze': {
    path: `${API}/alarms/:alarm/snooze`,
    body: () => ({ minutes: 60 }),
    other: 'absent',
  },
  'POST /api/v1/alarms/:id/resolve': { path: `${API}/alarms/:alarm/resolve`, body: () => ({}), other: 'absent' },
  'GET /api/v1/alarm-rules': { path: `${API}/alarm-rules`, other: 'own' },
  'PUT /api/v1/alarm-rules': { path: `${API}/alarm-rules`, body: () => ({ items: [] }), other: 'own' },
  'GET /api/v1/certificates/ca': { path: `${API}/certificates/ca`, other: 'all' },
  'GET /api/v1/certificates/crl': { path: `${API}/certificates/crl`, ...PUBLIC },
  'GET /api/v1/devices/:id/display-messages': { path: `${API}/devices/:id/display-messages`, other: 'absent' },
  'GET /api/v1/devices/:id/der-controls': { path: `${API}/devices/:id/der-controls`, other: 'absent' },
  'GET /api/v1/devices/:id/der-alarms': { path: `${API}/devices/:id/der-alarms`, other: 'absent' },
  'GET /api/v1/devices/:id/der-events': { path: `${API}/devices/:id/der-events`, other: 'absent' },
  'GET /api/v1/devices/:id/vat-checks': { path: `${API}/devices/:id/vat-checks`, other: 'absent' },
  'GET /api/v1/devices/:id/battery-swaps': { path: `${API}/devices/:id/battery-swaps`, other: 'absent' },
  'GET /api/v1/devices/:id/tariffs': { path: `${API}/devices/:id/tariffs`, other: 'absent' },
  'GET /api/v1/devices/:id/effective-tariff': { path: `${API}/devices/:id/effective-tariff`, other: 'absent' },
  'GET /api/v1/tariffs': { path: `${API}/tariffs`, other: 'nothing' },
  'POST /api/v1/tariffs': {
    path: `${API}/tariffs`,
    body: () => ({ name: 'x', currency: 'BRL', per_kwh_minor: 75 }),
    other: 'own',
  },
  'GET /api/v1/tariffs/:id': { path: `${API}/tariffs/:tariff`, other: 'absent' },
  'PATCH /api/v1/tariffs/:id': { path: `${API}/tariffs/:tariff`, body: () => ({ name: 'y' }), other: 'absent' },
  'DELETE /api/v1/tariffs/:id': { path: `${API}/tariffs/:tariff_gone`, other: 'absent' },
  'GET /api/v1/tariffs/:id/versions': { path: `${API}/tariffs/:tariff/versions`, other: 'absent' },
  'POST /api/v1/tariffs/:id/preview': {
    path: `${API}/tariffs/:tariff/preview`,
    body: () => ({
      ...{ start_time: '2026-01-01T10:00:00Z', end_time: '2026-01-01T11:00:00Z' },
      energy: [{ time: '2026-01-01T11:00:00Z', energy_wh: 1000 }],
    }),
    other: 'absent',
  },
  'GET /api/v1/tariff-assignments': { path: `${API}/tariff-assignments`, other: 'nothing' },
  'PUT /api/v1/tariff-assignments': {
    path: `${API}/tariff-assignments`,
    body: ({ id, tariff }) => ({ tariff_id: tariff, device_id: id }),
    other: 'absent',
  },
  'DELETE /api/v1/tariff-assignments': {
    path: `${API}/tariff-assignments?device_id=:id&evse_id=2`,
    other: 'absent',
  },
  'GET /api/v1/devices/:id/cost-updates': { path: `${API}/devices/:id/cost-updates`, other: 'absent' },
  'GET /api/v1/devices/:id/cost-display': { path: `${API}/devices/:id/cost-display`, other: 'absent' },
  'GET /api/v1/devices/:id/settlements': { path: `${API}/devices/:id/settlements`, other: 'absent' },
  'POST /api/v1/devices/:id/display-messages': {
    path: `${API}/devices/:id/display-messages`,
    body: () => ({ message: 'x' }),
    other: 'absent',
  },
  'DELETE /api/v1/devices/:id/display-messages/:message_id': {
    path: `${API}/devices/:id/display-messages/7`,
    other: 'absent',
  },
  'PUT /api/v1/devices/:id/cost-display': {
    path: `${API}/devices/:id/cost-display`,
    body: () => ({ enabled: true, every_s: 60 }),
    other: 'absent',
  },
  'GET /api/v1/settlements': { path: `${API}/settlements`, other: 'nothing' },
  'GET /api/v1/devices/:id/charging-profiles': { path: `${API}/devices/:id/charging-profiles`, other: 'absent' },
  'PUT /api/v1/devices/:id/charging-profiles/:profile_id': {
    path: `${API}/devices/:id/charging-profiles/7`,
    body: () => ({
      ...{ evse_id: 0, stack_level: 0, purpose: 'ChargingStationMaxProfile', kind: 'Absolute' },
      schedules: [{ unit: 'W', start_at: '2026-01-01T00:00:00Z', periods: [{ start_s: 0, limit: 1000 }] }],
    }),
    other: 'absent',
  },
  'DELETE /api/v1/devices/:id/charging-profiles/:profile_id': {
    path: `${API}/devices/:id/charging-profiles/7`,
    other: 'absent',
  },
  'GET /api/v1/devices/:id/composite-schedule': {
    path: `${API}/devices/:id/composite-schedule?evse_id=1`,
    other: 'absent',
  },
  'GET /api/v1/devices/:id/charging-limits': { path: `${API}/devices/:id/charging-limits`, other: 'absent' },
  'GET /api/v1/devices/:id/ev-charging': { path: `${API}/devices/:id/ev-charging`, other: 'absent' },
  'GET /api/v1/devices/:id/charging-abilities': { path: `${API}/devices/:id/charging-abilities`, other: 'absent' },
  'PUT /api/v1/devices/:id/charging-abilities/:evse_id': {
    path: `${API}/devices/:id/charging-abilities/1`,
    body: () => ({ max_power_w: 50_000 }),
    other: 'absent',
  },
  'GET /api/v1/devices/:id/dynamic-schedules': { path: `${API}/devices/:id/dynamic-schedules`, other: 'absent' },
  'PUT /api/v1/devices/:id/dynamic-schedules/:profile_id': {
    path: `${API}/devices/:id/dynamic-schedules/7`,
    body: () => ({ limit: 10 }),
    other: 'absent',
  },
  'GET /api/v1/devices/:id/afrr-signals': { path: `${API}/devices/:id/afrr-signals`, other: 'absent' },
  'POST /api/v1/devices/:id/reservations': {
    path: `${API}/devices/:id/reservations`,
    body: () => ({ id_token: 'CARD', expires_at: '2099-01-01T00:00:00Z' }),
    other: 'absent',
  },
  'GET /api/v1/devices/:id/reservations': { path: `${API}/devices/:id/reservations`, other: 'absent' },
  'GET /api/v1/devices/:id/reservations/:reservation_id': {
    path: `${API}/devices/:id/reservations/:reservation`,
    other: 'absent',
  },
  'DELETE /api/v1/devices/:id/reservations/:reservation_id': {
    path: `${API}/devices/:id/reservations/:reservation`,
    other: 'absent',
  },
  'GET /api/v1/devices/:id/local-list': { path: `${API}/devices/:id/local-list`, other: 'absent' },
  'PUT /api/v1/devices/:id/local-list': {
    path: `${API}/devices/:id/local-list`,
    body: () => ({ enabled: true }),
    other: 'absent',
  },
  'POST /api/v1/devices/:id/local-list/sync': { path: `${API}/devices/:id/local-list/sync`, other: 'absent' },
  'GET /api/v1/devices/:id/data-transfers': { path: `${API}/devices/:id/data-transfers`, other: 'absent' },
  'GET /api/v1/devices/:id/messages': { path: `${API}/devices/:id/messages`, other: 'absent' },
  'GET /api/v1/devices/:id/meter-values': { path: `${API}/devices/:id/meter-values`, other: 'absent' },
  'GET /api/v1/devices/:id/boots': { path: `${API}/devices/:id/boots`, other: 'absent' },
  'GET /api/v1/devices/:id/authorization-refusals': {
    path: `${API}/devices/:id/authorization-refusals`,
    other: 'absent',
  },
  'GET /api/v1/devices/:id/unasked-statuses': { path: `${API}/devices/:id/unasked-statuses`, other: 'absent' },
  'GET /api/v1/devices/:id/firmware-updates': { path: `${API}/devices/:id/firmware-updates`, other: 'absent' },
  'GET /api/v1/devices/:id/firmware-publications': {
    path: `${API}/devices/:id/firmware-publications`,
    other: 'absent',
  },
  'GET /api/v1/devices/:id/uploads': { path: `${API}/devices/:id/uploads`, other: 'absent' },
  'GET /api/v1/devices/:id/uploads/:upload_id': { path: `${API}/devices/:id/uploads/:upload`, other: 'absent' },
  'GET /api/v1/devices/:id/uploads/:upload_id/file': {
    path: `${API}/devices/:id/uploads/:upload/file`,
    other: 'absent',
  },
  'GET /api/v1/devices/:id/customer-information/:request_id': {
    path: `${API}/devices/:id/customer-information/:customer`,
    other: 'absent',
  },
  'GET /api/v1/firmwares': { path: `${API}/firmwares`, other: 'nothing' },
  'POST /api/v1/firmwares': { path: `${API}/firmwares`, body: () => ({ version: '2.0' }), other: 'own' },
  'GET /api/v1/firmwares/:id': { path: `${API}/firmwares/:image`, other: 'absent' },
  'DELETE /api/v1/firmwares/:id': { path: `${API}/firmwares/:image_gone`, other: 'absent' },
  'PUT /api/v1/firmwares/:id/file': {
    path: `${API}/firmwares/:image_blank/file`,
    body: () => 'bytes',
    other: 'absent',
  },
  'POST /api/v1/firmwares/:id/link': { path: `${API}/firmwares/:image/link`, body: () => ({}), other: 'absent' },
  'GET /firmwares/:id/file/:token': { path: '/firmwares/:image/file/:image_token', ...PUBLIC },
  'GET /firmwares/:id/file/:token/:file': { path: '/firmwares/:image/file/:image_token/fw.bin', ...PUBLIC },
  'PUT /uploads/:token': { path: '/uploads/:upload_put', body: () => 'bytes', ...PUBLIC },
  'POST /uploads/:token': { path: '/uploads/:upload_post', body: () => 'bytes', ...PUBLIC },
  'PUT /uploads/:token/:file': { path: '/uploads/:upload_put_named/a.log', body: () => 'bytes', ...PUBLIC },
  'POST /uploads/:token/:file': { path: '/uploads/:upload_post_named/a.log', body: () => 'bytes', ...PUBLIC },
  'POST /api/v1/transactions/start': {
    path: `${API}/transactions/start`,
    body: ({ id }) => ({ device_id: id, evse_id: 1, id_token: 'CARD' }),
    other: 'absent',
  },
  'POST /api/v1/transactions/:id/stop': { path: `${API}/transactions/:transaction/stop`, other: 'absent' },
  'GET /api/v1/transactions/active': { path: `${API}/transactions/active`, other: 'nothing' },
  'GET /api/v1/transactions/history': { path: `${API}/transactions/history`, other: 'nothing' },
  'GET /api/v1/transactions/:id': { path: `${API}/transactions/:transaction`, other: 'absent' },
  'GET /api/v1/transactions/:id/receipt': { path: `${API}/transactions/:ended/receipt`, other: 'absent' },
  'GET /api/v1/transactions/:id/meter-values': {
    path: `${API}/transactions/:transaction/meter-values`,
    other: 'absent',
  },
  'GET /api/v1/devices/:id/variables': { path: `${API}/devices/:id/variables`, other: 'absent' },
  'GET /api/v1/devices/:id/monitors': { path: `${API}/devices/:id/monitors`, other: 'absent' },
  'GET /api/v1/devices/:id/events': { path: `${API}/devices/:id/events`, other: 'absent' },
  'GET /api/v1/devices/:id/event-streams': { path: `${API}/devices/:id/event-streams`, other: 'absent' },
  'GET /api/v1/devices/:id/settings': { path: `${API}/devices/:id/settings`, other: 'absent' },
  'GET /api/v1/devices/:id/provisioning': { path: `${API}/devices/:id/provisioning`, other: 'absent' },
  'GET /api/v1/devices/:id/event-streams/:stream_id/samples': {
    path: `${API}/devices/:id/event-streams/:stream/samples`,
    other: 'absent',
  },
  'PUT /api/v1/devices/:id/settings': {
    path: `${API}/devices/:id/settings`,
    body: () => ({ items: [] }),
    other: 'absent',
  },
  'POST /api/v1/devices/:id/provisioning': { path: `${API}/devices/:id/provisioning`, other: 'absent' },
  'GET /api/v1/settings': { path: `${API}/settings`, other: 'nothing' },
  'PUT /api/v1/settings': { path: `${API}/settings`, body: () => ({ items: [] }), other: 'nothing' },
  'GET /api/v1/id-tokens': { path: `${API}/id-tokens`, other: 'nothing' },
  'POST /api/v1/id-tokens': { path: `${API}/id-tokens`, body: () => ({ value: `MADE-${++made}` }), other: 'own' },
  'PATCH /api/v1/id-tokens/:id': {
    path: `${API}/id-tokens/:token`,
    body: () => ({ status: 'blocked' }),
    other: 'absent',
  },
};

/** Drivers with grants: at the station's site and group, as manager or as viewer, or as manager of another site. */
type Granted = 'manager' | 'viewer' | 'elsewhere';
/** `outsider` administers the tenant of `stranger`. */
type Caller = 'admin' | 'operator' | 'user' | 'stranger' | 'outsider' | Granted | undefined;

async function group(name: string): Promise<string> {
  return String((await h.call('POST', `${API}/groups`, { as: 'operator', body: { name } })).json.id);
}

/** Of the person, at a place of its own. */
async function grantAt(place: string): Promise<string> {
  const body = { user_id: (await personOf()).id, group_id: place, set: 'viewer' };
  return String((await h.call('POST', `${API}/grants`, { as: 'admin', body })).json.id);
}

async function personOf(): Promise<Json> {
  const { json } = await h.call('GET', `${API}/users?q=person@example.test`, { as: 'admin' });
  return (json.items as Json[])[0] ?? {};
}

async function tokenOf(role: UserRole): Promise<string> {
  const answer = await h.call('POST', `${API}/me/id-tokens`, { as: role, body: { value: `OWN${++made}` } });
  return String(answer.json.id);
}

async function charging(station: string, userId: string): Promise<string> {
  const [row] = await h.db.query<{ id: number }>(
    `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status, user_id,
       started_at, currency, register, tariff)
     values (1, $1::int8, 9, 1, 'ocpp1.6', $2::text, 'charging', $3::uuid, now(), 'BRL', '{}',
       '{"currency":"BRL","perKwhMinor":75}') returning id`,
    [Number(station), `rules-${++made}`, userId],
  );
  return String(row?.id);
}

/** Makes what a row's path names, at the station; gives what the path then says. */
const SEEDS: Readonly<Record<string, (station: number) => Promise<string>>> = {
  ...firmwareSeeds(() => h),
  site: async (station) => {
    const made = await h.call('POST', `${API}/sites`, { as: 'operator', body: { name: 'RULED' } });
    await h.call('PATCH', `${API}/devices/${station}`, { as: 'operator', body: { site_id: made.json.id } });
    await h.db.query(
      `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
       values ($1::int8, 1, 1, 'Available', 'Available', now()) on conflict do nothing`,
      [station],
    );
    return String(made.json.id);
  },
  group: async (station) => {
    const made = await h.call('POST', `${API}/groups`, { as: 'operator', body: { name: 'RULED' } });
    const body = { device_ids: [String(station)] };
    await h.call('POST', `${API}/groups/${made.json.id}/devices`, { as: 'operator', body });
    return String(made.json.id);
  },
  group_gone: () => group('GONE'),
  group_gone_of_operator: () => group('GONE FIRST'),
  group_gone_admin: () => group('GONE SECOND'),
  stranded: () => h.station('STRANDED'),
  station_gone: async () => {
    const id = await h.station('GONE');
    await h.db.query(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
         started_at, ended_at, currency, register, tariff)
       values (1, $1::int8, 1, 1, 'ocpp1.6', '778', 'stopped', now(), now(), 'BRL', '{}',
         '{"currency":"BRL","perKwhMinor":75}')`,
      [Number(id)],
    );
    return id;
  },
  token: async () => {
    const token = await h.call('POST', `${API}/id-tokens`, { as: 'operator', body: { value: 'CARD' } });
    // A driver starts with a card of their own.
    const wanted = [h.userIds.user, Number(token.json.id)];
    await h.db.query('update id_token set user_id = $1::uuid where id = $2::int8', wanted);
    return String(token.json.id);
  },
  ...Object.fromEntries(
    (['admin', 'operator', 'user'] as const).flatMap((role) =>
      ['mine', 'mine_gone'].map((name) => [`${name}_of_${role}`, () => tokenOf(role)]),
    ),
  ),
  mine: () => tokenOf('user'),
  mine_gone: () => tokenOf('user'),
  leaver: async () => {
    const made = { name: 'Leaver', email: 'leaver@example.test', role: 'user', password: PASSWORD };
    const id = String((await h.call('POST', `${API}/users`, { as: 'admin', body: made })).json.id);
    await charging(await h.station('RULES-LEAVER'), id);
    return id;
  },
  plug: async (station) => {
    await h.db.query(
      `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
       select $1::int8, e, 1, 'Available', 'Available', now() from generate_series(1, 2) e on conflict do nothing`,
      [station],
    );
    await h.db.query(
      `insert into connect_code (code, tenant_id, station_id, evse_id, connector_id)
       values ('ABCDEFGHJK', 1, $1::int8, 1, 1)`,
      [station],
    );
    return '1';
  },
  code: async () => 'ABCDEFGHJK',
  // Everybody charges.
  charging: async (station) => {
    for (const role of ['admin', 'operator', 'user'] as const) await charging(String(station), h.userIds[role]);
    return String(station);
  },
  ended: async (station) => {
    const id = await charging(String(station), h.userIds.user);
    await h.db.query('update transaction set ended_at = now() where id = $1::int8', [Number(id)]);
    return id;
  },
  key: async () => {
    const body = { name: 'of the rules', scopes: ['devices:read'] };
    return String((await h.call('POST', `${API}/api-keys`, { as: 'operator', body })).json.id);
  },
  person: async () => {
    const made = { name: 'Person', email: 'person@example.test', role: 'user', password: PASSWORD };
    return String((await h.call('POST', `${API}/users`, { as: 'admin', body: made })).json.id);
  },
  place: () => group(`PLACE ${++made}`),
  grant: async () => grantAt(await group(`PLACE ${++made}`)),
  grant_gone: async () => grantAt(await group(`PLACE ${++made}`)),
  transaction: async (station) => {
    const [made] = await h.db.query<{ id: number }>(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
         started_at, currency, register, tariff, meter_start_mwh)
       values (1, $1::int8, 1, 1, 'ocpp1.6', '777', 'started', '2026-01-01T10:00:00Z', 'BRL', '{}',
         '{"currency":"BRL","perKwhMinor":75}', 0) returning id`,
      [station],
    );
    return String(made?.id);
  },
  serial: async (station) => {
    await h.db.query(
      `insert into station_certificate (tenant_id, station_id, source, serial_number, fingerprint, subject, issuer,
         issuer_name_hash, not_before, not_after, chain_pem)
       values (1, $1::int8, 'builtin', 'abc1', 'f', 'CN=RULES', 'CN=a', 'b', now(), now() + interval '1 day', '')`,
      [station],
    );
    await h.db.query(
      `insert into security_event (tenant_id, station_id, type, criticality, digest, occurred_at, time_quality, received_at)
       values (1, $1::int8, 'FirmwareUpdated', 'critical', 'd', now(), 'exact', now())`,
      [station],
    );
    return 'abc1';
  },
  alarm: async (station) => {
    const [made] = await h.db.query<{ id: number }>(
      `insert into alarm (tenant_id, station_id, kind, subject, severity, state, first_seen, last_seen, raised_at)
       values (1, $1::int8, 'offline', 'station', 'warning', 'open', now(), now(), now()) returning id`,
      [station],
    );
    return String(made?.id);
  },
  command: async (station) => {
    const path = `${API}/devices/${station}/commands/ClearCache?queue=600`;
    return String((await h.call('POST', path, { as: 'operator' })).json.id);
  },
  batch: async (station) => {
    const body = { action: 'ClearCache', filter: { device_ids: [String(station)] } };
    return String((await h.call('POST', `${API}/command-batches`, { as: 'operator', body })).json.id);
  },
  webhook: () => makeWebhook(),
  webhook_gone: () => makeWebhook(),
  pinged: async () => {
    pinged = await makeWebhook();
    return pinged;
  },
  delivery: async () => String((await h.call('POST', `${API}/webhooks/${pinged}/ping`, { as: 'operator' })).json.id),
  stream: async (stationId) => {
    await h.db.query(
      `insert into event_stream (station_id, stream_id, tenant_id, opened_at) values ($1::int8, 4, 1, now())`,
      [stationId],
    );
    await h.db.query(
      `insert into desired_setting (tenant_id, vendor, path, component, variable, value)
       values (1, 'V', 'p', '', 'HeartbeatInterval', '60')`,
    );
    return '4';
  },
  tariff: async () => {
    const body = { name: 'Rua', currency: 'BRL', per_kwh_minor: 75 };
    const id = String((await h.call('POST', `${API}/tariffs`, { as: 'operator', body })).json.id);
    await h.call('PUT', `${API}/tariff-assignments`, { as: 'operator', body: { tariff_id: id } });
    return id;
  },
  tariff_gone: async () => {
    const body = { name: 'Velha', currency: 'BRL', per_kwh_minor: 80 };
    return String((await h.call('POST', `${API}/tariffs`, { as: 'operator', body })).json.id);
  },
  settlement: async (station) => {
    const [made] = await h.db.query<{ id: number }>(
      `insert into settlement (tenant_id, station_id, psp_ref, status, amount_minor, currency, rounded, settled_at)
       values (1, $1::int8, 'PSP', 'Settled', 1234, 'BRL', false, now()) returning id`,
      [station],
    );
    return String(made?.id);
  },
  reservation: async (stationId) => {
    const actor = { userId: h.userIds.admin, tenantId: 1, role: 'admin' } as const;
    const reserved = { evseId: 1, connectorType: null, idToken: 'CARD', groupId: null };
    const expiresAt = new Date(Date.now() + 3_600_000);
    await createReservation(h.db, actor, { stationId, reservationId: 9, expiresAt, ...reserved });
    return '9';
  },
  request: async (stationId) => {
    const payload = { reportBase: 'FullInventory' };
    const actor = { userId: h.userIds.admin, tenantId: 1, role: 'admin' } as const;
    await createRequest(h.db, actor, { stationId, action: 'GetBaseReport', requestId: 7, payload });
    return '7';
  },
};

/** A webhook that has a delivery. */
let pinged = '';

async function makeWebhook(): Promise<string> {
  const body = { url: 'https://hooks.example.test/x', topics: ['stations'] };
  return String((await h.call('POST', `${API}/webhooks`, { as: 'operator', body })).json.id);
}

let h: Harness;
let ids: Ids;
/** The first tenant with one of everything that rows name. */
async function begin() {
  const nobody = { issuer: 'http://127.0.0.1:9', clientId: 'x', redirectUrl: 'https://app.example.test/login' };
  h = await startHarness({
    ...{ offlineGraceMs: 1, commandTimeoutMs: 250, publicUrl: 'http://127.0.0.1:8080' },
    ...{ uploadMaxBytes: 50_000, oidc: nobody },
  });
  const station = await h.station('RULES');
  await h.db.query('update station set lat = 1, lng = 1 where id = $1::int8', [Number(station)]);
  const made: Record<string, string> = { id: station };
  for (const [name, seed] of Object.entries(SEEDS)) made[name] = await seed(Number(station));
  ids = made;
  const seed = (name: string) => SEEDS[name]?.(Number(station)) ?? Promise.reject(new Error(`no seed ${name}`));
  return { h, ids, seed };
}
/** Tokens of those whom the harness does not know. */
const others: Record<string, string> = {};
async function person(name: Extract<Caller, 'outsider' | Granted>, tenantId: number, role: UserRole) {
  const made = await createUser(h.db, { tenantId, name, email: `${name}@example.test`, role, passwordHash: '-' });
  const userId = made?.id ?? '';
  others[name] = await h.services.tokens.issue({ userId, tenantId, role, sessionId: 'x', granted: true });
  return userId;
}
beforeAll(async () => {
  await begin();
  await person('outsider', 2, 'admin');
});
afterAll(() => h.close());

const routes = () =>
  [
    ...new Set(h.app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)),
  ].sort();

/** One call of a route. */
async function call(key: string, as: Caller) {
  const row = ROWS[key];
  if (row === undefined) throw new Error(`${key} has no row in this table`);
  const seeded = (name: string) => ids[`${name}_of_${as}`] ?? ids[name] ?? `no-seed-${name}`;
  const path = row.path.replace(/:([a-z_]+)/g, (_, name: string) => seeded(name));
  const of = others[as ?? ''];
  const body = (as !== 'outsider' && of !== undefined ? (row.there ?? row.body) : row.body)?.(ids);
  const typed: Record<string, string> = row.type === undefined ? {} : { 'content-type': row.type };
  const who =
    of === undefined
      ? { as: as as keyof Harness['tokens'] | undefined, headers: typed }
      : { headers: { ...typed, authorization: `Bearer ${of}` } };
  const answer = await h.call(key.split(' ')[0] ?? '', path, { ...who, ...(body === undefined ? {} : { body }) });
  if (row.anew !== undefined && answer.status < 300)
    ids = { ...ids, [row.anew]: (await SEEDS[row.anew]?.(Number(ids.id))) ?? '' };
  return answer;
}

const mayUse = (role: UserRole, key: string): boolean => {
  const rule = ROUTE_RULES[key];
  return rule !== undefined && rule !== 'public' && (rule === 'anybody' || ROLES[role].has(rule));
};

/** Somebody of the other tenant who may use the route there. */
const strangerTo = (key: string) => (mayUse('operator', key) ? 'stranger' : 'outsider');

const idsOf = ({ json }: { json: Json }) => (json.items as Json[]).map((item) => item.id);

describe('every route', () => {
  it('has a rule, and a row of this table', () => {
    expect(routes().length).toBeGreaterThan(20);
    expect(Object.keys(ROUTE_RULES).sort()).toEqual(routes());
    expect(Object.keys(ROWS).sort()).toEqual(routes());
    for (const [key, { other }] of Object.entries(ROWS))
      expect(other === 'public', key).toBe(ROUTE_RULES[key] === 'public');
  });

  it('lets in whom its rule names, and nobody else', async () => {
    for (const [key, rule] of Object.entries(ROUTE_RULES)) {
      const { status } = await call(key, undefined);
      if (rule === 'public') expect([401, 403, 404, 405], key).not.toContain(status);
      else expect(status, key).toBe(401);
      if (rule === 'public') continue;
      for (const role of ['user', 'operator', 'admin'] as const) {
        const answer = await call(key, role);
        const said = `${key} as ${role}: ${JSON.stringify(answer.json)}`;
        if (!mayUse(role, key)) expect(answer.status, said).toBe(403);
        else if (role === 'user') expect([401, 403], said).not.toContain(answer.status);
        // Staff reach what the row leads to: else "not found" for a stranger would say nothing.
        else expect([400, 401, 403, 404, 405, 415, 422, 500], said).not.toContain(answer.status);
      }
    }
  });

  it('shows and changes nothing of another tenant', async () => {
    const before = await everything();
    for (const [key, { other }] of Object.entries(ROWS)) {
      if (other === 'public' || other === 'own' || other === 'all' || other === 'self') continue;
      if (other === 'table') {
        expect((await call(key, 'operator')).text, key).toContain('RULES');
        expect((await call(key, 'stranger')).text, key).not.toContain('RULES');
        continue;
      }
      const answer = await call(key, strangerTo(key));
      const said = `${key}: ${JSON.stringify(answer.json)}`;
      if (other === 'refused') {
        expect([answer.status, answer.json.code], said).toEqual([422, 'validation']);
        continue;
      }
      if (other === 'theirs') {
        const ours = idsOf(await call(key, 'admin'));
        expect(ours, key).not.toEqual([]);
        expect(
          idsOf(answer).filter((id) => ours.includes(id)),
          key,
        ).toEqual([]);
        continue;
      }
      // There is something to be seen, for whoever may.
      if (other === 'nothing') expect((await call(key, 'operator')).json.items, key).not.toEqual([]);
      if (other === 'absent') expect([answer.status, answer.json.code], said).toEqual([404, 'not-found']);
      else expect([answer.status, (answer.json as Json & { items: unknown[] }).items], said).toEqual([200, []]);
    }
    expect(await everything()).toEqual(before);
  });

  it('makes what a stranger makes in their own tenant', async () => {
    for (const [key, { other }] of Object.entries(ROWS)) {
      if (other !== 'own') continue;
      const answer = await call(key, strangerTo(key));
      expect([200, 201, 202], key).toContain(answer.status);
      const table = MAKES[key];
      if (table === undefined) continue;
      const [row] = await h.db.query<{ tenant_id: number }>(
        `select tenant_id from ${table} where id::text = $1::text`,
        [String(answer.json.id)],
      );
      expect(row?.tenant_id, key).toBe(2);
    }
  });

  it('says nothing of what failed inside, whatever fails', async () => {
    const tables = await h.db.query<{ name: string }>(
      `select table_name::text as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    for (const { name: table } of tables) await h.db.query(`alter table ${table} rename to ${table}_away`);
    const answers: string[] = [];
    for (const [key, rule] of Object.entries(ROUTE_RULES)) {
      const body = { email: 'operator@example.test', password: 'x' };
      const login = key === 'POST /api/v1/auth/login';
      const answer = login ? await h.call('POST', `${API}/auth/login`, { body }) : await call(key, 'admin');
      // Of the installation: a process holds it, and needs no database to say it.
      const held = ROWS[key]?.other === 'all';
      if ((rule !== 'public' || login) && !held) expect(answer.status, key).toBeGreaterThanOrEqual(500);
      if (rule !== 'public' || login) answers.push(`${key} ${JSON.stringify(answer.json)}`);
      expect(answer.headers.get('content-security-policy'), key).toBeTruthy();
    }
    for (const { name: table } of tables) await h.db.query(`alter table ${table}_away rename to ${table}`);
    for (const text of answers)
      expect(text).not.toMatch(
        /select |insert |update |\$1|relation|_away|station_id|stack|Error|node_modules|\.js|\.ts/i,
      );
    expect(h.log()).toMatch(/relation .* does not exist/);
  });
});

describe('a grant', () => {
  /** What it can open, and a driver's role does not. */
  const opened = Object.entries(ROUTE_RULES).flatMap(([key, rule]) =>
    rule !== 'public' && rule !== 'anybody' && isGrantable(rule) && !ROLES.user.has(rule) ? [[key, rule] as const] : [],
  );
  /** What drivers may do with their own. */
  const widened = Object.keys(ROUTE_RULES).filter((key) => Object.hasOwn(BESIDE_OWN, ROUTE_RULES[key] ?? ''));
  /** Of these a role shows what is of other places, and of other people; or a number that is new each time. */
  const MORE = new Set([
    ...['', '/:batch_id', '/:batch_id/commands'].map((end) => `GET ${API}/command-batches${end}`),
    ...['devices', 'sites', 'groups', 'devices/:id/composite-schedule'].map((end) => `GET ${API}/${end}`),
  ]);
  const given: string[] = [];
  beforeAll(async () => {
    const give = async (name: Granted, set: string, places: readonly object[]) => {
      const user_id = await person(name, 1, 'user');
      for (const place of places) {
        const made = await h.call('POST', `${API}/grants`, { as: 'admin', body: { user_id, set, ...place } });
        expect(made.status).toBe(201);
        given.push(String(made.json.id));
      }
    };
    const here = [{ site_id: ids.site }, { group_id: ids.group }];
    await h.db.query('update station set site_id = $1::int8 where tenant_id = 1', [Number(ids.site)]);
    await give('manager', 'manager', here);
    await give('viewer', 'viewer', here);
    const far = String((await h.call('POST', `${API}/sites`, { as: 'operator', body: { name: 'FAR' } })).json.id);
    await h.call('POST', `${API}/devices`, { as: 'operator', body: { identity: 'FAR-AWAY', site_id: far } });
    await give('elsewhere', 'manager', [{ site_id: far }]);
    // Batches are whose they are.
    const batch = await call('POST /api/v1/command-batches', 'manager');
    ids = { ...ids, batch_of_manager: String(batch.json.id) };
  });

  it('opens at its stations what its set holds, as a role opens it everywhere', async () => {
    expect(opened.length).toBeGreaterThan(80);
    await h.db.query("update station set ocpp_version = 'ocpp2.1' where id = $1::int8", [Number(ids.id)]);
    // Its charger does all that it is told, so that what is done of that is done behind the wall too.
    await withStations(h, [{ identity: 'RULES', id: ids.id ?? '' }], 'obeys', async () => {
      for (const [key] of opened) {
        const [ours, theirs] = [await call(key, 'manager'), await call(key, 'operator')];
        const said = `${key}: ${JSON.stringify(ours.json)}`;
        expect([400, 401, 404, 405, 415, 422, 500, 502], said).not.toContain(ours.status);
        if (OF_THE_NETWORK.has(key)) expect(ours.status, said).toBe(403);
        // Some can be done once; some were done before.
        else if (theirs.status !== 409) expect(ours.status, said).toBe(theirs.status);
        else expect([200, 201, 202, 204, 409], said).toContain(ours.status);
        if (key.startsWith('GET') && !MORE.has(key)) expect(ours.json, key).toEqual(theirs.json);
      }
    });
  });

  it('opens nothing that its set does not hold', async () => {
    for (const [key, rule] of Object.entries(ROUTE_RULES)) {
      if (rule === 'public' || rule === 'anybody' || ROLES.user.has(rule)) continue;
      const holds = { manager: isGrantable(rule), viewer: setHolds('viewer', rule) };
      for (const name of ['manager', 'viewer'] as const) {
        if (holds[name]) continue;
        const answer = await call(key, name);
        expect([answer.status, answer.json.code], `${key} as ${name}`).toEqual([403, 'forbidden']);
      }
      const shown = holds.viewer && key.startsWith('GET') && !key.includes('batch');
      if (shown) expect((await call(key, 'viewer')).status, key).toBe((await call(key, 'operator')).status);
    }
  });

  it('leads to no other station', async () => {
    const before = await everything();
    for (const [key] of opened) {
      const { other } = ROWS[key] ?? {};
      if (other === 'own' || other === 'all') continue;
      const answer = await call(key, 'elsewhere');
      const said = `${key}: ${answer.text}`;
      if (OF_THE_NETWORK.has(key)) expect(answer.status, said).toBe(403);
      else if (other === 'absent') expect([answer.status, answer.json.code], said).toEqual([404, 'not-found']);
      else expect(answer.status, said).toBe(200);
      expect(answer.text, said).not.toMatch(/RULE|STRANDED|GONE/);
      expect(answer.text, said).not.toContain(`"device_id":"${ids.id}"`);
    }
    expect(await everything()).toEqual(before);
    const { json } = await call('GET /api/v1/devices', 'elsewhere');
    expect((json.items as Json[]).map(({ identity }) => identity)).toEqual(['FAR-AWAY']);
    const made = await call('POST /api/v1/devices', 'elsewhere');
    expect([made.status, (made.json.errors as Json[])[0]?.field]).toEqual([422, 'site_id']);
    expect((await call('POST /api/v1/devices/import', 'elsewhere')).status).toBe(403);
  });

  it('shows and ends the charging of others there, beside one’s own', async () => {
    for (const key of widened) {
      const { other, path = '' } = ROWS[key] ?? {};
      if (other !== 'absent' || path.endsWith('/start')) continue;
      const theirs = await call(key, 'operator');
      expect((await call(key, 'manager')).status, key).toBe(theirs.status);
      for (const name of ['elsewhere', 'user'] as const) {
        const answer = await call(key, name);
        // The receipt is the driver's.
        if (name === 'user' && path.includes(':ended')) expect(answer.status, key).toBe(200);
        else expect([answer.status, answer.json.code], `${key} as ${name}`).toEqual([404, 'not-found']);
      }
      const seen = setHolds('viewer', BESIDE_OWN[ROUTE_RULES[key] as 'transactions:own'] ?? 'users:manage');
      expect((await call(key, 'viewer')).status, key).toBe(seen ? theirs.status : 404);
    }
    for (const key of ['GET /api/v1/transactions/active', 'GET /api/v1/transactions/history']) {
      expect(idsOf(await call(key, 'manager')).length, key).toBeGreaterThan(2);
      expect(idsOf(await call(key, 'manager')), key).toEqual(idsOf(await call(key, 'operator')));
      expect(idsOf(await call(key, 'elsewhere')), key).toEqual([]);
    }
    expect(idsOf(await call('GET /api/v1/me/transactions', 'manager'))).toEqual([]);
  });

  it('is over with the next request when it is changed, or taken back', async () => {
    for (const id of given.slice(0, 2)) {
      expect((await call('PATCH /api/v1/devices/:id', 'manager')).status).toBe(200);
      await h.call('PATCH', `${API}/grants/${id}`, { as: 'admin', body: { set: 'viewer' } });
    }
    expect((await call('PATCH /api/v1/devices/:id', 'manager')).status).toBe(403);
    expect((await call('GET /api/v1/devices/:id', 'manager')).status).toBe(200);
    for (const id of given) await h.call('DELETE', `${API}/grants/${id}`, { as: 'admin' });
    for (const [key] of opened)
      for (const name of ['manager', 'viewer', 'elsewhere'] as const)
        expect((await call(key, name)).status, `${key} as ${name}`).toBe(403);
  });
});

// The same table of good calls, as a client of the port; the rules have left their world as they needed it.
contractSuite(ROWS, async () => {
  await h.close();
  return begin();
});

/** The tables that routes of `own` make rows in. */
const MAKES: Readonly<Record<string, string>> = {
  'POST /api/v1/devices': 'station',
  'POST /api/v1/id-tokens': 'id_token',
  'POST /api/v1/me/id-tokens': 'id_token',
  'POST /api/v1/api-keys': 'api_key',
  'POST /api/v1/users': 'app_user',
  'POST /api/v1/sites': 'site',
  'POST /api/v1/groups': 'station_group',
  'POST /api/v1/command-batches': 'command_batch',
  'POST /api/v1/tariffs': 'tariff',
  'POST /api/v1/webhooks': 'webhook',
};

/** Everything of the first tenant that a stranger might change. */
async function everything(): Promise<unknown> {
  return [
    await h.db.query('select * from station where tenant_id = 1 order by id'),
    await h.db.query('select * from site where tenant_id = 1 order by id'),
    await h.db.query('select * from station_group where tenant_id = 1 order by id'),
    await h.db.query('select * from station_group_member order by group_id, station_id'),
    await h.db.query('select * from connector order by station_id, evse_id, connector_id'),
    await h.db.query('select * from transaction where tenant_id = 1 order by id'),
    await h.db.query('select * from id_token where tenant_id = 1 order by id'),
    await h.db.query('select * from command where tenant_id = 1 order by id'),
    await h.db.query('select * from command_batch where tenant_id = 1 order by id'),
    await h.db.query('select * from app_user where tenant_id = 1 order by id'),
    await h.db.query('select * from api_key where tenant_id = 1 order by id'),
    await h.db.query('select * from station_grant where tenant_id = 1 order by id'),
    await h.db.query('select * from second_factor where tenant_id = 1 order by user_id'),
    await h.db.query('select * from tariff where tenant_id = 1 order by id'),
    await h.db.query('select * from tariff_assignment where tenant_id = 1 order by id'),
    await h.db.query('select * from webhook where tenant_id = 1 order by id'),
    await h.db.query('select * from webhook_delivery where tenant_id = 1 order by id'),
    await h.db.query('select * from alarm where tenant_id = 1 order by id'),
    await h.db.query('select * from alarm_entry where tenant_id = 1 order by id'),
    await h.db.query('select * from alarm_rule where tenant_id = 1 order by kind'),
  ];
}
