/** Devices: read, registered, changed, taken out of the fleet. */
import { createRoute, z } from '@hono/zod-openapi';
import {
  type Actor,
  createStation,
  getSite,
  listStations,
  removeStation,
  setStationSecret,
  updateStation,
} from '@sigec/store';
import { newSecret } from '../auth/station-secret.js';
import type { Services } from '../context.js';
import { answer, handOn } from '../http/answer.js';
import type { StationLoader } from '../load/stations.js';
import { ProblemError } from '../problem.js';
import { body, DEFAULT_LIMIT, IdParam, json, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/device.js';
import { etag, IfMatch, tagged } from '../wire/revision.js';
import { type App, readId } from './application.js';

const tags = ['devices'];
const security = SECURED;

const list = createRoute({
  method: 'get',
  path: '/api/v1/devices',
  tags,
  security,
  summary: 'List devices',
  request: { query: wire.DeviceQuery },
  responses: { 200: json('A page of devices, by id.', wire.DeviceList), ...problems(400, 401, 403, 503) },
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/devices',
  tags,
  security,
  summary: 'Register a device',
  description: 'The answer holds the password of the charger. It is shown this once and kept only as a verifier.',
  request: { body: body(wire.NewDevice) },
  responses: { 201: json('Registered.', wire.CreatedDevice), ...problems(400, 401, 403, 409, 415, 422, 503) },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}',
  tags,
  security,
  summary: 'One device',
  request: { params: IdParam },
  responses: { 200: tagged(json('The device.', wire.DeviceDetail)), ...problems(400, 401, 403, 404, 503) },
});

const patch = createRoute({
  method: 'patch',
  path: '/api/v1/devices/{id}',
  tags,
  security,
  summary: 'Change a device',
  description:
    'A device that is blocked loses its session and cannot connect. `min_security_profile` takes hold at the next connection.',
  request: { params: IdParam, headers: IfMatch, body: body(wire.DevicePatch) },
  responses: {
    200: tagged(json('The device.', wire.DeviceDetail)),
    ...problems(400, 401, 403, 404, 409, 412, 415, 422, 503),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/devices/{id}',
  tags,
  security,
  summary: 'Take a device out of the fleet',
  description:
    'Its session ends. While a transaction runs there it is refused, unless `running` is set: its end could not be told any ' +
    'more. A device that money was taken at is archived: it keeps its transactions and its identity, is blocked, ' +
    'and shown where `archived` is asked for; `PATCH` with `archived: false` brings it back. Any other is deleted with all ' +
    'that was known of it.',
  request: { params: IdParam, query: wire.RemovalQuery },
  responses: { 200: json('What became of it.', wire.RemovedDevice), ...problems(400, 401, 403, 404, 409, 503) },
});

const rotate = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/credentials',
  tags,
  security,
  summary: 'Give the charger a new password',
  description:
    'Takes hold at the next connection; the charger has to be told by other means. Ends a rotation that is under way.',
  request: {
    params: IdParam,
    body: {
      required: false,
      content: { 'application/json': { schema: z.strictObject({ password: wire.StationPassword.optional() }) } },
    },
  },
  responses: {
    200: json('Shown this once.', wire.RotatedCredentials),
    ...problems(400, 401, 403, 404, 415, 422, 503),
  },
});

/** @throws {ProblemError} `not-found` */
export async function requireStation<T>(stations: StationLoader<T>, actor: Actor, id: number): Promise<T> {
  const station = await stations.load(actor, id);
  if (station === undefined) throw new ProblemError('not-found');
  return station;
}

export function deviceRoutes(app: App, { db, config, gateway, stations, devices, logger }: Services): void {
  const checkSite = async (actor: Actor, siteId: number | null | undefined): Promise<void> => {
    if (typeof siteId === 'number' && (await getSite(db, actor, siteId)) === undefined)
      throw new ProblemError('validation', { errors: [{ field: 'site_id', message: 'is not a site of yours' }] });
  };

  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT, ...filter } = c.req.valid('query');
    const after = readIdCursor('devices', cursor);
    const page = await listStations(db, c.get('actor'), {
      ...wire.toStationFilter(filter),
      limit,
      ...(after === undefined ? {} : { after }),
    });
    return answer(
      c,
      listAnswer(page, 'devices', ({ id }) => [id], wire.toDevice),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const { identity, security_profile = 1, password: given, ...rest } = c.req.valid('json');
    const made = security_profile === 0 ? undefined : newSecret(config.pepper, given);
    const patch = wire.toStationPatch(rest);
    await checkSite(c.get('actor'), patch.siteId);
    const station = await createStation(db, c.get('actor'), {
      ...patch,
      identity,
      securityProfile: security_profile,
      secret: made?.secret ?? null,
    });
    if (!station) throw new ProblemError('identity-taken', { errors: [{ field: 'identity', message: 'is taken' }] });
    const credentials = made ? { username: identity, password: made.password } : null;
    return answer(c, { ...wire.toDevice(station), credentials }, 201, { location: `/api/v1/devices/${station.id}` });
  });

  // The route that is asked most: documented like the others, but its one parameter is read without their validator, and
  // what it answers is handed on as the database wrote it.
  app.openAPIRegistry.registerPath(get);
  app.get(get.getRoutingPath(), async (c) => {
    const device = await requireStation(devices, c.get('actor'), readId(c.req.param('id')));
    return handOn<wire.DeviceDetail>(c, device.json, etag(device.revision));
  });

  app.openapi(patch, async (c) => {
    const changes = wire.toStationPatch(c.req.valid('json'));
    await checkSite(c.get('actor'), changes.siteId);
    const used = changes.blocked === false || changes.published === true;
    const { id } = c.req.valid('param');
    const { 'if-match': among } = c.req.valid('header');
    if (used && changes.archived !== false && (await stations.load(c.get('actor'), id))?.archivedAt)
      throw new ProblemError('device-archived');
    const station = await updateStation(db, c.get('actor'), id, changes, among);
    if (station === 'stale') throw new ProblemError('precondition-failed');
    if (!station) throw new ProblemError('not-found');
    if (changes.blocked === true) gateway.supersede(station.identity, station.sessionEpoch);
    const { json: device, revision } = await requireStation(devices, c.get('actor'), station.id);
    return handOn<wire.DeviceDetail>(c, device, etag(revision));
  });

  app.openapi(remove, async (c) => {
    const actor = c.get('actor');
    const { id } = c.req.valid('param');
    const removed = await removeStation(db, actor, id, { running: c.req.valid('query').running === true });
    if (removed === 'absent') throw new ProblemError('not-found');
    if (removed === 'in-use') throw new ProblemError('device-in-use');
    const { identity, epoch, outcome } = removed;
    gateway.supersede(identity, epoch);
    logger.info({ identity, outcome, by: actor.userId }, 'a device was taken out of the fleet');
    return answer(c, { id: String(id), identity, outcome }, 200);
  });

  app.openapi(rotate, async (c) => {
    const station = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const { password, secret } = newSecret(config.pepper, c.req.valid('json').password);
    if (!(await setStationSecret(db, c.get('actor'), station.id, secret))) throw new ProblemError('not-found');
    return answer(c, { id: String(station.id), credentials: { username: station.identity, password } }, 200);
  });
}
