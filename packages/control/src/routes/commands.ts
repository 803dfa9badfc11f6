/** Commands to a device: any action of its OCPP version, verbs that fit any version, and its availability. */
import { createRoute } from '@hono/zod-openapi';
import { type Actor, requestItems, type StationView } from '@sigec/store';
import { changeAvailability } from '../command/availability.js';
import { awaitRequest } from '../command/await-request.js';
import { ask } from '../command/enqueue.js';
import { type Granted, requireVerb } from '../command/wish.js';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { parsePayload } from '../http/payload.js';
import * as wire from '../wire/command.js';
import { QueuedCommand, toCommand } from '../wire/command-queue.js';
import { body, IdParam, json, problems, SECURED, TimeoutQuery } from '../wire/common.js';
import { toRequest } from '../wire/request.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const tags = ['commands'];

// A plain schema: what it must hold depends on the station.
const anything = (example: object) => ({
  required: false,
  content: { 'application/json': { schema: { type: 'object' as const, additionalProperties: true }, example } },
});
const WAITS = json('The device is offline; it goes out when it is back. `Location` names it.', QueuedCommand);

const send = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/commands/{action}',
  tags,
  security: SECURED,
  summary: 'Send an OCPP command',
  description:
    'The body is the OCPP payload; none is the same as `{}`. It is checked against the schema of the ' +
    "station's version, sent, and answered with what the charger answered. Each action stands below with the schemas of " +
    'the versions that have it.',
  request: { params: wire.CommandParam, query: wire.CommandQuery, body: anything({ requestedMessage: 'Heartbeat' }) },
  responses: {
    200: json('The charger answered.', wire.CommandAnswer),
    202: WAITS,
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 502, 503, 504),
  },
});

const act = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/actions/{verb}',
  tags,
  security: SECURED,
  summary: 'Have a device do something, whatever its version',
  description:
    'One body for all versions of OCPP. A version that has no message for it, or for a field of it, answers 409 ' +
    '`not-supported-by-version`. Each verb stands below with its body.',
  request: { params: wire.VerbParam, query: wire.CommandQuery, body: anything({ type: 'OnIdle' }) },
  responses: {
    200: json('The charger answered: `accepted` says whether it will.', wire.VerbAnswer),
    202: WAITS,
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 502, 503, 504),
  },
});

const setStatus = createRoute({
  method: 'patch',
  path: '/api/v1/devices/{id}/status',
  tags,
  security: SECURED,
  summary: 'Take a device into or out of service',
  description:
    'Sends ChangeAvailability for the whole station, or the EVSE or connector that is named. A charger that refuses the ' +
    'whole is asked EVSE by EVSE: where some would and some would not the result is `Partial`, and `parts` tells which; ' +
    "where none would it is 409. `Scheduled` takes hold as the transactions in `waits_for` end. The device's `status` " +
    'follows when the charger tells it.',
  request: { params: IdParam, query: TimeoutQuery, body: body(wire.StatusBody) },
  responses: {
    200: json('Accepted, scheduled, or so in part.', wire.StatusAnswer),
    ...problems(400, 401, 403, 404, 409, 415, 422, 429, 502, 503, 504),
  },
});

interface Waiting {
  readonly waitS: number;
  readonly gone: AbortSignal;
}

/** What both kinds of answer share: what the charger said, and with `wait` what it said afterwards. */
async function told(services: Services, actor: Actor, station: StationView, granted: Granted, waiting: Waiting) {
  const { sent, requestId } = granted;
  const { messageId: message_id, response, latencyMs: latency_ms, warnings, beside } = sent;
  const said = { message_id, response: { ...response }, latency_ms, ...beside };
  const warned = warnings.length > 0 ? { ...said, warnings: [...warnings] } : said;
  if (requestId === undefined || waiting.waitS <= 0) return warned;
  const row = await awaitRequest(services, actor, station.id, requestId, waiting);
  if (row === undefined || row.endedAt === null) return warned;
  return { ...warned, request: { ...toRequest(row), items: await requestItems(services.db, row.id) } };
}

export function commandRoutes(app: App, services: Services): void {
  const { stations, config } = services;
  const timeoutMs = (seconds: number | undefined) => (seconds === undefined ? config.commandTimeoutMs : seconds * 1000);

  app.openapi(send, async (c) => {
    const actor = c.get('actor');
    const { id, action } = c.req.valid('param');
    const { timeout, queue, wait: waitS = 0 } = c.req.valid('query');
    const station = await requireStation(stations, actor, id);
    const payload = parsePayload(await c.req.text(), c.req.header('content-type'));
    const options = { timeoutMs: timeoutMs(timeout), queueS: queue };
    const asked = await ask(services, actor, station, { action, verb: null, payload }, options);
    if ('queued' in asked)
      return answer(c, toCommand(asked.queued), 202, { location: `/api/v1/commands/${asked.queued.id}` });
    const said = await told(services, actor, station, asked.granted, { waitS, gone: c.req.raw.signal });
    return answer(c, { status: 'answered' as const, ...said }, 200);
  });

  app.openapi(act, async (c) => {
    const actor = c.get('actor');
    const { id, verb } = c.req.valid('param');
    const { timeout, queue, wait: waitS = 0 } = c.req.valid('query');
    const station = await requireStation(stations, actor, id);
    requireVerb(verb);
    const payload = parsePayload(await c.req.text(), c.req.header('content-type'));
    const options = { timeoutMs: timeoutMs(timeout), queueS: queue };
    const asked = await ask(services, actor, station, { action: null, verb, payload }, options);
    if ('queued' in asked)
      return answer(c, toCommand(asked.queued), 202, { location: `/api/v1/commands/${asked.queued.id}` });
    const { action, accepted, status, items } = asked.granted;
    const said = await told(services, actor, station, asked.granted, { waitS, gone: c.req.raw.signal });
    const neutral = { verb, action, accepted, status, ...said };
    return answer(c, items === undefined ? neutral : { ...neutral, items: items.map((item) => ({ ...item })) }, 200);
  });

  app.openapi(setStatus, async (c) => {
    const actor = c.get('actor');
    const station = await requireStation(stations, actor, c.req.valid('param').id);
    const { status, evse_id: evseId, connector_id: connectorId } = c.req.valid('json');
    const wish = { available: status === 'Available', evseId, connectorId };
    const done = await changeAvailability(services, actor, station, wish, timeoutMs(c.req.valid('query').timeout));
    return answer(c, wire.toStatusAnswer(station, status, done), 200);
  });
}
