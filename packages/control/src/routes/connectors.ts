/** Connectors: what operators know of them and their chargers do not tell. */
import { createRoute, z } from '@hono/zod-openapi';
import { updateConnector } from '@sigec/store';
import type { Services } from '../context.js';
import { handOn } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { body, IdParam, json, problems, SECURED } from '../wire/common.js';
import { ConnectorPatch, DeviceDetail } from '../wire/device.js';
import { etag, IfMatch, tagged } from '../wire/revision.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const part = (name: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'must be a whole number from 1')
    .transform(Number)
    .pipe(z.number().max(65_535, 'is too large'))
    .openapi({ param: { name, in: 'path' }, type: 'integer', minimum: 1 });

const patch = createRoute({
  method: 'patch',
  path: '/api/v1/devices/{id}/connectors/{evse_id}/{connector_id}',
  tags: ['devices'],
  security: SECURED,
  summary: 'Say what a connector is',
  description: 'Of one that the device has told of. Its status is its own.',
  request: {
    params: IdParam.extend({ evse_id: part('evse_id'), connector_id: part('connector_id') }),
    headers: IfMatch,
    body: body(ConnectorPatch),
  },
  responses: { 200: tagged(json('The device.', DeviceDetail)), ...problems(400, 401, 403, 404, 412, 415, 422, 503) },
});

export function connectorRoutes(app: App, { db, devices }: Services): void {
  app.openapi(patch, async (c) => {
    const actor = c.get('actor');
    const { id, evse_id: evseId, connector_id: connectorId } = c.req.valid('param');
    const { type, max_power_w: maxPowerW } = c.req.valid('json');
    const changes = { ...(type === undefined ? {} : { type }), ...(maxPowerW === undefined ? {} : { maxPowerW }) };
    const { 'if-match': among } = c.req.valid('header');
    const outcome = await updateConnector(db, actor, { stationId: id, evseId, connectorId }, changes, among);
    if (outcome === 'absent') throw new ProblemError('not-found');
    if (outcome === 'stale') throw new ProblemError('precondition-failed');
    const { json: device, revision } = await requireStation(devices, actor, id);
    return handOn<DeviceDetail>(c, device, etag(revision));
  });
}
