/** Routes of local lists, reservations, and vendors' messages. */
import { createRoute } from '@hono/zod-openapi';
import { getLocalList, getReservation, listDataTransfers, listReservations, putLocalList } from '@sigec/store';
import { syncLocalList } from '../command/local-list/sync.js';
import { cancelReservation, reserveNow } from '../command/reservations.js';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import * as wire from '../wire/authorisation.js';
import { body, DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED, TimeoutQuery } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const security = SECURED;
const reservations = ['reservations'];
const lists = ['local lists'];

const reserve = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/reservations',
  tags: reservations,
  security,
  summary: 'Reserve an EVSE',
  description: 'ReserveNow, in the words of whichever version the charger speaks. Its number is chosen here.',
  request: { params: IdParam, query: TimeoutQuery, body: body(wire.NewReservation) },
  responses: {
    201: json('The charger holds it.', wire.Reservation),
    ...problems(400, 401, 403, 404, 409, 415, 422, 429, 502, 503, 504),
  },
});

const listReserved = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/reservations',
  tags: reservations,
  security,
  summary: 'Reservations of a device',
  request: { params: IdParam, query: wire.ReservationQuery },
  responses: { 200: json('Newest first.', wire.ReservationList), ...problems(400, 401, 403, 404, 503) },
});

const getReserved = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/reservations/{reservation_id}',
  tags: reservations,
  security,
  summary: 'One reservation',
  request: { params: wire.ReservationParam },
  responses: { 200: json('The reservation.', wire.Reservation), ...problems(400, 401, 403, 404, 503) },
});

const cancel = createRoute({
  method: 'delete',
  path: '/api/v1/devices/{id}/reservations/{reservation_id}',
  tags: reservations,
  security,
  summary: 'Give a reservation up',
  description: 'CancelReservation. One that has ended is given again; one that the charger does not know is `removed`.',
  request: { params: wire.ReservationParam, query: TimeoutQuery },
  responses: {
    200: json('The reservation, ended.', wire.Reservation),
    ...problems(400, 401, 403, 404, 409, 429, 502, 503, 504),
  },
});

const getList = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/local-list',
  tags: lists,
  security,
  summary: 'What a device holds of the id tokens',
  request: { params: IdParam },
  responses: { 200: json('The list.', wire.LocalList), ...problems(400, 401, 403, 404, 503) },
});

const putList = createRoute({
  method: 'put',
  path: '/api/v1/devices/{id}/local-list',
  tags: lists,
  security,
  summary: 'Keep the local list of a device in step with the id tokens, or stop to',
  description: 'From then on what changes of the tokens is sent by itself, and all of it where the device lost count.',
  request: { params: IdParam, body: body(wire.LocalListBody) },
  responses: { 200: json('The list.', wire.LocalList), ...problems(400, 401, 403, 404, 415, 422, 503) },
});

const syncList = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/local-list/sync',
  tags: lists,
  security,
  summary: 'Bring the local list in step now',
  request: { params: IdParam, query: wire.SyncQuery },
  responses: {
    200: json('The list, as the device took it: see `state`.', wire.LocalList),
    ...problems(400, 401, 403, 404, 409, 429, 502, 503, 504),
  },
});

const transfers = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/data-transfers',
  tags: ['commands'],
  security,
  summary: "Vendors' own messages",
  description: 'DataTransfer, both ways. The newest 200 of a device are kept.',
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('Newest first.', wire.DataTransferList), ...problems(400, 401, 403, 404, 503) },
});

export function authorisationRoutes(app: App, services: Services): void {
  const { db, stations, config } = services;
  const timeoutMs = (seconds: number | undefined) => (seconds === undefined ? config.commandTimeoutMs : seconds * 1000);

  app.openapi(reserve, async (c) => {
    const actor = c.get('actor');
    const station = await requireStation(stations, actor, c.req.valid('param').id);
    const { evse_id, connector_type, id_token, group_id, expires_at } = c.req.valid('json');
    const made = await reserveNow(services, actor, station, {
      ...{ evseId: evse_id, connectorType: connector_type, idToken: id_token, groupId: group_id },
      ...{ expiresAt: expires_at, timeoutMs: timeoutMs(c.req.valid('query').timeout) },
    });
    const location = `/api/v1/devices/${station.id}/reservations/${made.reservationId}`;
    return answer(c, wire.toReservation(made), 201, { location });
  });

  app.openapi(listReserved, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT, open = false } = c.req.valid('query');
    const before = readIdCursor('reservations', cursor);
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const page = await listReservations(db, actor, id, { limit, open, ...(before === undefined ? {} : { before }) });
    return answer(
      c,
      listAnswer(page, 'reservations', (row) => [row.id], wire.toReservation),
      200,
    );
  });

  app.openapi(getReserved, async (c) => {
    const { id, reservation_id } = c.req.valid('param');
    const found = await getReservation(db, c.get('actor'), id, reservation_id);
    if (found === undefined) throw new ProblemError('not-found');
    return answer(c, wire.toReservation(found), 200);
  });

  app.openapi(cancel, async (c) => {
    const actor = c.get('actor');
    const { id, reservation_id } = c.req.valid('param');
    const station = await requireStation(stations, actor, id);
    const held = await getReservation(db, actor, id, reservation_id);
    if (held === undefined) throw new ProblemError('not-found');
    const after = await cancelReservation(services, actor, station, held, timeoutMs(c.req.valid('query').timeout));
    return answer(c, wire.toReservation(after), 200);
  });

  app.openapi(getList, async (c) => {
    const actor = c.get('actor');
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    return answer(c, wire.toLocalList(id, await getLocalList(db, actor, id)), 200);
  });

  app.openapi(putList, async (c) => {
    const actor = c.get('actor');
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const { enabled } = c.req.valid('json');
    const known = await getLocalList(db, actor, id);
    // Switched on again, nobody knows what happened to it meanwhile.
    const fresh = enabled && known?.enabled !== true ? { tokensVersion: -1, failures: 0, nextAt: new Date() } : {};
    return answer(c, wire.toLocalList(id, await putLocalList(db, actor, id, { enabled, ...fresh })), 200);
  });

  app.openapi(syncList, async (c) => {
    const actor = c.get('actor');
    const station = await requireStation(stations, actor, c.req.valid('param').id);
    const { full = false } = c.req.valid('query');
    return answer(
      c,
      wire.toLocalList(station.id, await syncLocalList(services, actor.tenantId, station, { full })),
      200,
    );
  });

  app.openapi(transfers, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('data-transfers', cursor);
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const page = await listDataTransfers(db, actor, id, { limit, ...(before === undefined ? {} : { before }) });
    return answer(
      c,
      listAnswer(page, 'data-transfers', (row) => [row.id], wire.toDataTransfer),
      200,
    );
  });
}
