/** Commands that wait for their station, and what became of them. */
import { createRoute } from '@hono/zod-openapi';
import { cancelCommand, getCommand } from '@sigec/store';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import * as wire from '../wire/command-queue.js';
import { IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import type { App } from './application.js';
import { commandBatchRoutes } from './command-batches.js';
import { answerCommands } from './command-pages.js';
import { requireStation } from './devices.js';

const tags = ['command queue'];
const security = SECURED;

const list = createRoute({
  method: 'get',
  path: '/api/v1/commands',
  tags,
  security,
  summary: 'Commands that wait or waited for their device',
  request: { query: wire.CommandListQuery },
  responses: { 200: json('Newest first.', wire.QueuedCommandList), ...problems(400, 401, 403, 503) },
});

const listOfDevice = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/commands',
  tags,
  security,
  summary: 'Commands that wait or waited for a device',
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('Newest first.', wire.QueuedCommandList), ...problems(400, 401, 403, 404, 503) },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/commands/{command_id}',
  tags,
  security,
  summary: 'What became of a command',
  request: { params: wire.CommandIdParam },
  responses: { 200: json('As it stands.', wire.QueuedCommand), ...problems(400, 401, 403, 404, 503) },
});

const cancel = createRoute({
  method: 'delete',
  path: '/api/v1/commands/{command_id}',
  tags,
  security,
  summary: 'Cancel a command that waits',
  description: 'One that is on its way or has ended cannot be called back.',
  request: { params: wire.CommandIdParam },
  responses: { 200: json('Cancelled.', wire.QueuedCommand), ...problems(400, 401, 403, 404, 409, 503) },
});

export function commandQueueRoutes(app: App, services: Services): void {
  const { db, stations } = services;

  app.openapi(list, async (c) => {
    const { state, action, device_id, ...page } = c.req.valid('query');
    const filter = {
      ...(state === undefined ? {} : { state }),
      ...(action === undefined ? {} : { action }),
      ...(device_id === undefined ? {} : { stationId: device_id }),
    };
    return answerCommands(c, services, 'commands', filter, page);
  });

  app.openapi(listOfDevice, async (c) => {
    const { id: stationId } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    return answerCommands(c, services, 'device-commands', { stationId }, c.req.valid('query'));
  });

  app.openapi(get, async (c) => {
    const command = await getCommand(db, c.get('actor'), c.req.valid('param').command_id);
    if (command === undefined) throw new ProblemError('not-found');
    return answer(c, wire.toCommand(command), 200);
  });

  app.openapi(cancel, async (c) => {
    const id = c.req.valid('param').command_id;
    const done = await cancelCommand(db, c.get('actor'), id);
    const command = await getCommand(db, c.get('actor'), id);
    if (command === undefined) throw new ProblemError('not-found');
    if (!done) throw new ProblemError('command-not-waiting', { extra: { state: command.state } });
    return answer(c, wire.toCommand(command), 200);
  });

  commandBatchRoutes(app, services);
}
