/** Codes on stations: for operators, who print them, and for whoever scans one. */
import { createRoute } from '@hono/zod-openapi';
import { type Actor, findConnectPlace, listConnectCodes, makeConnectCodes, rotateConnectCode } from '@sigec/store';
import type { Services } from '../../context.js';
import { tariffOf } from '../../driver/price.js';
import { answer } from '../../http/answer.js';
import { ProblemError } from '../../problem.js';
import { body, IdParam, json, problems, SECURED } from '../../wire/common.js';
import * as wire from '../../wire/connect.js';
import type { App } from '../application.js';
import { requireStation } from '../devices.js';

const tags = ['driver'];
const security = SECURED;

const place = createRoute({
  method: 'get',
  path: '/api/v1/connect/{code}',
  tags,
  summary: 'What is at this code',
  description:
    'For anybody who stands there: which connector it is, what it costs, and whether it is free. Case does not count. ' +
    'Asked for at most 60 times a minute from one network, whether there is such a code or not.',
  request: { params: wire.CodeParam },
  responses: { 200: json('The connector.', wire.Connector), ...problems(400, 404, 429, 503) },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/connect-codes',
  tags,
  security,
  summary: 'The codes of a device',
  request: { params: IdParam },
  responses: { 200: json('By connector.', wire.ConnectCodes), ...problems(400, 401, 403, 404, 503) },
});

const make = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/connect-codes',
  tags,
  security,
  summary: 'Give each connector a code',
  description: 'Those that have one keep it. Connectors are known once the device told of them.',
  request: { params: IdParam },
  responses: { 200: json('All codes of the device.', wire.ConnectCodes), ...problems(400, 401, 403, 404, 503) },
});

const rotate = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/connect-codes/rotate',
  tags,
  security,
  summary: 'Replace the code of a connector',
  description: 'The old one, and the sticker that shows it, lead nowhere from now on.',
  request: { params: IdParam, body: body(wire.RotateBody) },
  responses: {
    200: json('All codes of the device.', wire.ConnectCodes),
    ...problems(400, 401, 403, 404, 415, 422, 503),
  },
});

export function connectRoutes(app: App, { db, stations, config, visitors, addresses }: Services): void {
  const codesOf = async (actor: Actor, stationId: number) => {
    const rows = await listConnectCodes(db, actor, stationId);
    return { items: rows.map((row) => wire.toConnectCode(row, config.publicUrl)), next_cursor: null };
  };

  app.openapi(place, async (c) => {
    c.set('standing', await visitors.visit(addresses.of(c)));
    const found = await findConnectPlace(db, c.req.valid('param').code);
    if (found === undefined) throw new ProblemError('not-found');
    return answer(c, wire.toConnector(found, await tariffOf(db, found)), 200);
  });

  app.openapi(list, async (c) => {
    const actor = c.get('actor');
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    return answer(c, await codesOf(actor, id), 200);
  });

  app.openapi(make, async (c) => {
    const actor = c.get('actor');
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    await makeConnectCodes(db, actor, id);
    return answer(c, await codesOf(actor, id), 200);
  });

  app.openapi(rotate, async (c) => {
    const actor = c.get('actor');
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const { evse_id: evseId, connector_id: connectorId = 1 } = c.req.valid('json');
    if (!(await rotateConnectCode(db, actor, { stationId: id, evseId, connectorId })))
      throw new ProblemError('not-found', { errors: [{ field: 'evse_id', message: 'is not known' }] });
    return answer(c, await codesOf(actor, id), 200);
  });
}
