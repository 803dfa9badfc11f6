/** Commands to a device: any action of its OCPP version, and its availability. */
import { createRoute } from '@hono/zod-openapi';
import { dispatch, versionOf } from '../command/dispatch.js';
import { perform } from '../command/perform.js';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import * as wire from '../wire/command.js';
import { body, IdParam, json, problems, SECURED } from '../wire/common.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const tags = ['commands'];

const send = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/commands/{action}',
  tags,
  security: SECURED,
  summary: 'Send an OCPP command',
  description:
    'The body is the OCPP payload; none is the same as `{}`. It is checked against the schema of the ' +
    `station's version, sent, and answered with what the charger answered. The actions:\n\n${wire.ACTIONS_DOC}`,
  request: {
    params: wire.CommandParam,
    query: wire.CommandQuery,
    // A plain schema: what it must hold depends on the station.
    body: {
      required: false,
      content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
    },
  },
  responses: {
    200: json('The charger answered.', wire.CommandAnswer),
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
    "Sends ChangeAvailability for the whole station. The device's `status` follows when the charger tells it.",
  request: { params: IdParam, query: wire.CommandQuery, body: body(wire.StatusBody) },
  responses: {
    200: json('Accepted or scheduled.', wire.StatusAnswer),
    ...problems(400, 401, 403, 404, 409, 415, 422, 429, 502, 503, 504),
  },
});

/** @throws {ProblemError} `malformed-json`, `validation` where it is not an object, `unsupported-media-type` */
function parsePayload(text: string, contentType: string | undefined): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {};
  if (!/^application\/(?:[a-z.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? ''))
    throw new ProblemError('unsupported-media-type');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProblemError('malformed-json', { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ProblemError('validation', { errors: [{ field: '', message: 'payload must be an object' }] });
}

export function commandRoutes(app: App, services: Services): void {
  const { stations, config, gateway } = services;
  const timeoutMs = (seconds: number | undefined) => (seconds === undefined ? config.commandTimeoutMs : seconds * 1000);

  app.openapi(send, async (c) => {
    const { id, action } = c.req.valid('param');
    const station = await requireStation(stations, c.get('actor'), id);
    const payload = parsePayload(await c.req.text(), c.req.header('content-type'));
    const order = { action, payload, timeoutMs: timeoutMs(c.req.valid('query').timeout) };
    const sent = await perform(services, c.get('actor'), station, order);
    const { messageId: message_id, response, latencyMs: latency_ms, warnings, beside } = sent;
    const said = { status: 'answered' as const, message_id, response: { ...response }, latency_ms, ...beside };
    return answer(c, warnings.length > 0 ? { ...said, warnings: [...warnings] } : said, 200);
  });

  app.openapi(setStatus, async (c) => {
    const station = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const { status } = c.req.valid('json');
    const word = status === 'Available' ? 'Operative' : 'Inoperative';
    // 1.6 section 5.2: connector 0 is the whole charge point. 2.x G04: no evse is the whole station.
    const payload = versionOf(station) === 'ocpp1.6' ? { connectorId: 0, type: word } : { operationalStatus: word };
    const wait = timeoutMs(c.req.valid('query').timeout);
    const sent = await dispatch(gateway, station, 'ChangeAvailability', payload, wait);
    const { messageId: message_id, response, latencyMs: latency_ms } = sent;
    const result = String(response.status);
    if (result !== 'Accepted' && result !== 'Scheduled')
      throw new ProblemError('command-rejected', { extra: { message_id, response } });
    return answer(c, { id: String(station.id), status, result, message_id, latency_ms }, 200);
  });
}
