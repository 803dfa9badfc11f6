/** How a device comes in: its password by command, and the flap breaker. */
import { createRoute, z } from '@hono/zod-openapi';
import { stopFlapping } from '@sigec/store';
import { rotatePassword } from '../command/rotation.js';
import type { Services } from '../context.js';
import { answer, handOn } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { CommandQuery } from '../wire/command.js';
import { IdParam, IdText, json, problems, SECURED } from '../wire/common.js';
import { DeviceDetail } from '../wire/device.js';
import { etag, tagged } from '../wire/revision.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const RotationStarted = z
  .object({
    id: IdText,
    status: z.literal('pending').openapi({ description: 'Until the charger has connected with the new password.' }),
    result: z.string().nullable().openapi({ description: 'What the charger said.', example: 'Accepted' }),
    message_id: z.string(),
    latency_ms: z.int(),
  })
  .openapi('PasswordRotation');

const rotate = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/credentials/rotate',
  tags: ['devices'],
  security: SECURED,
  summary: 'Send the charger a new password',
  description:
    'Made here, sent by command (AuthorizationKey, BasicAuthPassword) and shown to nobody. The old password stays valid ' +
    'until the charger has connected with the new one. A refused command leaves all as it was; where it is not known ' +
    'whether the charger took it, both stay valid.',
  request: { params: IdParam, query: CommandQuery },
  responses: {
    200: json('Sent; both passwords are valid.', RotationStarted),
    ...problems(400, 401, 403, 404, 409, 429, 502, 503, 504),
  },
});

const unblock = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/unblock-flapping',
  tags: ['devices'],
  security: SECURED,
  summary: 'Let a device come in again that connected too often',
  request: { params: IdParam },
  responses: { 200: tagged(json('The device.', DeviceDetail)), ...problems(400, 401, 403, 404, 503) },
});

export function deviceAccessRoutes(app: App, services: Services): void {
  const { db, config, stations, devices, logger } = services;

  app.openapi(rotate, async (c) => {
    const actor = c.get('actor');
    const { timeout } = c.req.valid('query');
    const station = await requireStation(stations, actor, c.req.valid('param').id);
    const timeoutMs = timeout === undefined ? config.commandTimeoutMs : timeout * 1000;
    const { messageId, latencyMs, result } = await rotatePassword(services, actor, station, timeoutMs);
    logger.info({ identity: station.identity, by: actor.userId }, 'a new password was sent to a charger');
    const sent = { message_id: messageId, latency_ms: latencyMs };
    return answer(c, { id: String(station.id), status: 'pending' as const, result: result ?? null, ...sent }, 200);
  });

  app.openapi(unblock, async (c) => {
    const { id } = c.req.valid('param');
    if (!(await stopFlapping(db, c.get('actor'), id))) throw new ProblemError('not-found');
    const { json: device, revision } = await requireStation(devices, c.get('actor'), id);
    return handOn<DeviceDetail>(c, device, etag(revision));
  });
}
