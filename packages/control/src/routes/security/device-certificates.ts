/** Certificates of a device: asked for, issued, installed, revoked, renewed. */
import { createRoute } from '@hono/zod-openapi';
import {
  findCertificate,
  listCertificateRequests,
  listCertificates,
  listInstalled,
  revokeCertificate,
} from '@sigec/store';
import { versionOf } from '../../command/dispatch.js';
import { perform } from '../../command/perform.js';
import type { Services } from '../../context.js';
import { answer } from '../../http/answer.js';
import { ProblemError } from '../../problem.js';
import { CommandQuery } from '../../wire/command.js';
import { body, IdParam, json, problems, SECURED } from '../../wire/common.js';
import * as wire from '../../wire/security.js';
import type { App } from '../application.js';
import { requireStation } from '../devices.js';

const tags = ['certificates'];

/** A charger renews once in months: more is of no use to anybody. */
const NEWEST = 50;

const all = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/certificates',
  tags,
  security: SECURED,
  summary: 'Certificates of a device',
  description: `Requests and issued certificates: the newest ${NEWEST}. Installed ones as the charger told last, or was sent.`,
  request: { params: IdParam },
  responses: { 200: json('All of them.', wire.DeviceCertificates), ...problems(400, 401, 403, 404, 503) },
});

const revoke = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/certificates/{serial}/revoke',
  tags,
  security: SECURED,
  summary: 'Revoke a certificate that was issued here',
  description:
    'It stands in the list of revoked certificates from then on; edges that read the list refuse it. A session that is open ' +
    'stays open. Twice is the same as once.',
  request: { params: wire.SerialParam, body: { ...body(wire.RevokeBody), required: false } },
  responses: { 200: json('Revoked.', wire.StationCertificate), ...problems(400, 401, 403, 404, 409, 415, 422, 503) },
});

const renew = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/renew-certificate',
  tags,
  security: SECURED,
  summary: 'Ask the charger to renew its certificate',
  description:
    'TriggerMessage (2.x) or ExtendedTriggerMessage (1.6). The charger sends SignCertificate when it pleases; what becomes of it ' +
    'stands in `/devices/{id}/certificates`.',
  request: { params: IdParam, query: CommandQuery },
  responses: {
    200: json('The charger will.', wire.Renewal),
    ...problems(400, 401, 403, 404, 409, 429, 502, 503, 504),
  },
});

export function deviceCertificateRoutes(app: App, services: Services): void {
  const { db, config, stations, logger } = services;

  app.openapi(all, async (c) => {
    const actor = c.get('actor');
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const [requests, issued, installed] = await Promise.all([
      listCertificateRequests(db, actor, id, NEWEST),
      listCertificates(db, actor, id, NEWEST),
      listInstalled(db, actor, id),
    ]);
    const said = {
      requests: requests.map(wire.toCertificateRequest),
      issued: issued.map(wire.toCertificate),
      installed: installed.map(wire.toInstalled),
    };
    return answer(c, said, 200);
  });

  app.openapi(renew, async (c) => {
    const actor = c.get('actor');
    const { timeout } = c.req.valid('query');
    const station = await requireStation(stations, actor, c.req.valid('param').id);
    const of16 = versionOf(station) === 'ocpp1.6';
    const action = of16 ? 'ExtendedTriggerMessage' : 'TriggerMessage';
    const payload = { requestedMessage: of16 ? 'SignChargePointCertificate' : 'SignChargingStationCertificate' };
    const timeoutMs = timeout === undefined ? config.commandTimeoutMs : timeout * 1000;
    const sent = await perform(services, actor, station, { action, payload, timeoutMs });
    const { messageId: message_id, latencyMs: latency_ms, response } = sent;
    if (response.status !== 'Accepted') throw new ProblemError('command-rejected', { extra: { message_id, response } });
    return answer(c, { id: String(station.id), result: 'Accepted', message_id, latency_ms }, 200);
  });

  app.openapi(revoke, async (c) => {
    const actor = c.get('actor');
    const { id, serial } = c.req.valid('param');
    const { reason = 'unspecified' } = c.req.valid('json') ?? {};
    const found = await findCertificate(db, actor, id, serial);
    if (found === undefined) throw new ProblemError('not-found');
    if (found.source !== 'builtin') throw new ProblemError('certificate-of-another');
    await revokeCertificate(db, actor, found.id, reason);
    logger.info({ device: id, serial, reason, by: actor.userId }, 'a certificate was revoked');
    return answer(c, wire.toCertificate((await findCertificate(db, actor, id, serial)) ?? found), 200);
  });
}
