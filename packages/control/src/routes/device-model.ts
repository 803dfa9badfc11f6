/** Routes of the device model: what a device is made of, watches and tells. */
import { createRoute } from '@hono/zod-openapi';
import {
  getMonitoring,
  hasEventStream,
  listEventStreams,
  listMonitors,
  listStationEvents,
  listStreamValues,
  listVariables,
} from '@sigec/store';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/device-model.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';
import { provisioningRoutes } from './provisioning.js';

const common = { tags: ['device model'], security: SECURED };
const wrong = problems(400, 401, 403, 404, 503);
const request = { params: IdParam, query: PageQuery };

const variables = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/variables',
  ...common,
  summary: 'What a device is made of and how it is set',
  description:
    'Variables of OCPP 2.x, and configuration keys of 1.6 with an empty component, as reports and answers told them. ' +
    'GetBaseReport, GetConfiguration or provisioning make them known.',
  request: { params: IdParam, query: wire.VariableQuery },
  responses: { 200: json('In the order in which they became known.', wire.DeviceVariableList), ...wrong },
});

const monitors = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/monitors',
  ...common,
  summary: 'What a device watches',
  description: 'As SetVariableMonitoring set it, or GetMonitoringReport made it known.',
  request,
  responses: { 200: json('By monitor id.', wire.DeviceMonitorList), ...wrong },
});

const events = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/events',
  ...common,
  summary: 'What a device told by itself',
  description: 'Events of NotifyEvent: monitors that struck, and changes that the device tells always.',
  request,
  responses: { 200: json('Newest first.', wire.DeviceEventList), ...wrong },
});

const streams = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/event-streams',
  ...common,
  summary: 'Streams of values of a device',
  description: 'OCPP 2.1. A closed stream is shown for a week.',
  request,
  responses: { 200: json('By stream id.', wire.DeviceEventStreamList), ...wrong },
});

const samples = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/event-streams/{stream_id}/samples',
  ...common,
  summary: 'Values that came in a stream',
  description: 'The newest thousand are kept.',
  request: { params: wire.StreamParam, query: PageQuery },
  responses: { 200: json('Newest first.', wire.StreamValueList), ...wrong },
});

/** Where a list goes on. */
const pageOf = (
  kind: string,
  { cursor, limit = DEFAULT_LIMIT }: { cursor?: string | undefined; limit?: number | undefined },
) => {
  const after = readIdCursor(kind, cursor);
  return { limit, ...(after === undefined ? {} : { after }) };
};

export function deviceModelRoutes(app: App, services: Services): void {
  const { db, stations } = services;

  app.openapi(variables, async (c) => {
    const { cursor, limit, ...filter } = c.req.valid('query');
    const at = pageOf('variables', { cursor, limit });
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const page = await listVariables(db, c.get('actor'), id, { ...filter, ...at });
    return answer(
      c,
      listAnswer(page, 'variables', (row) => [row.id], wire.toVariable),
      200,
    );
  });

  app.openapi(monitors, async (c) => {
    const at = pageOf('monitors', c.req.valid('query'));
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const page = await listMonitors(db, c.get('actor'), id, at);
    const monitoring = await getMonitoring(db, c.get('actor'), id);
    const list = listAnswer(page, 'monitors', (row) => [row.monitorId], wire.toMonitor);
    return answer(c, { ...monitoring, ...list }, 200);
  });

  app.openapi(events, async (c) => {
    const at = pageOf('events', c.req.valid('query'));
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const page = await listStationEvents(db, c.get('actor'), id, at);
    return answer(
      c,
      listAnswer(page, 'events', (row) => [row.id], wire.toEvent),
      200,
    );
  });

  app.openapi(streams, async (c) => {
    const at = pageOf('streams', c.req.valid('query'));
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const page = await listEventStreams(db, c.get('actor'), id, at);
    return answer(
      c,
      listAnswer(page, 'streams', (row) => [row.streamId], wire.toEventStream),
      200,
    );
  });

  app.openapi(samples, async (c) => {
    const { after: before, limit } = pageOf('samples', c.req.valid('query'));
    const { id, stream_id: streamId } = c.req.valid('param');
    if (!(await hasEventStream(db, c.get('actor'), id, streamId))) throw new ProblemError('not-found');
    const options = { limit, ...(before === undefined ? {} : { before }) };
    const page = await listStreamValues(db, c.get('actor'), id, streamId, options);
    return answer(
      c,
      listAnswer(page, 'samples', (row) => [row.at.getTime()], wire.toStreamValue),
      200,
    );
  });

  provisioningRoutes(app, services);
}
