/** What stations told of their security, and what they asked for cars. */
import { createRoute } from '@hono/zod-openapi';
import { listIso15118Requests, listSecurityEvents } from '@sigec/store';
import type { Services } from '../../context.js';
import { answer } from '../../http/answer.js';
import { DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../../wire/common.js';
import { listAnswer, readIdCursor } from '../../wire/cursor.js';
import * as wire from '../../wire/security.js';
import type { App } from '../application.js';
import { requireStation } from '../devices.js';

const tags = ['certificates'];

const ofTenant = createRoute({
  method: 'get',
  path: '/api/v1/security-events',
  tags,
  security: SECURED,
  summary: 'Security events of all devices',
  request: { query: wire.SecurityEventQuery },
  responses: { 200: json('Newest first.', wire.SecurityEventList), ...problems(400, 401, 403, 503) },
});

const ofDevice = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/security-events',
  tags,
  security: SECURED,
  summary: 'Security events of a device',
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('Newest first.', wire.SecurityEventList), ...problems(400, 401, 403, 404, 503) },
});

const iso15118 = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/iso15118-requests',
  tags,
  security: SECURED,
  summary: 'What a device asked for cars',
  description: 'Contracts and statuses of certificates (ISO 15118), each with what was answered.',
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('Newest first.', wire.Iso15118RequestList), ...problems(400, 401, 403, 404, 503) },
});

const idOf = ({ id }: { readonly id: number }): number[] => [id];

export function securityEventRoutes(app: App, { db, stations }: Services): void {
  app.openapi(ofTenant, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT, critical } = c.req.valid('query');
    const before = readIdCursor('security-events', cursor);
    const filter = { limit, criticalOnly: critical === 'true', ...(before === undefined ? {} : { before }) };
    const page = await listSecurityEvents(db, c.get('actor'), filter);
    return answer(c, listAnswer(page, 'security-events', idOf, wire.toSecurityEvent), 200);
  });

  app.openapi(ofDevice, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('security-events', cursor);
    const { id: stationId } = await requireStation(stations, actor, c.req.valid('param').id);
    const page = await listSecurityEvents(db, actor, { stationId, limit, ...(before === undefined ? {} : { before }) });
    return answer(c, listAnswer(page, 'security-events', idOf, wire.toSecurityEvent), 200);
  });

  app.openapi(iso15118, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('iso15118-requests', cursor);
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const page = await listIso15118Requests(db, actor, id, { limit, ...(before === undefined ? {} : { before }) });
    return answer(c, listAnswer(page, 'iso15118-requests', idOf, wire.toIso15118Request), 200);
  });
}
