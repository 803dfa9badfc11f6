/** Routes of grid control (DER) and battery swap. Display messages, and tariffs and payments, have rooms of their own. */
import { createRoute, type z } from '@hono/zod-openapi';
import { listDerAlarms, listDerControls, listSwaps } from '@sigec/store';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/energy.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';
import { displayRoutes } from './display.js';
import { moneyRoutes } from './money.js';

const list = <const P extends string, T extends z.ZodType>(path: P, summary: string, description: string, schema: T) =>
  createRoute({
    method: 'get',
    path,
    tags: ['energy'],
    security: SECURED,
    summary,
    description,
    request: { params: IdParam, query: PageQuery },
    responses: { 200: json(description, schema), ...problems(400, 401, 403, 404, 503) },
  });

const controls = list(
  '/api/v1/devices/{id}/der-controls',
  'Grid controls (DER) of a device',
  'As it accepted or reported them. GetDERControl asks it for all, and what it does not report is gone.',
  wire.DerControlList,
);
const alarms = list(
  '/api/v1/devices/{id}/der-alarms',
  'Grid events (DER) at a device',
  'From their beginning to their end, the newest first.',
  wire.DerAlarmList,
);
const swaps = list(
  '/api/v1/devices/{id}/battery-swaps',
  'Battery swaps at a device',
  'Asked for by RequestBatterySwap or begun at the device, the newest first.',
  wire.BatterySwapList,
);

export function energyRoutes(app: App, services: Services): void {
  const { db, stations } = services;
  displayRoutes(app, services);
  moneyRoutes(app, services);

  app.openapi(controls, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const after = readIdCursor('der-controls', cursor);
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const page = await listDerControls(db, actor, id, { limit, ...(after === undefined ? {} : { after }) });
    const body = listAnswer(page, 'der-controls', (row) => [row.id], wire.toDerControl);
    return answer(c, body, 200);
  });

  app.openapi(alarms, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('der-alarms', cursor);
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const page = await listDerAlarms(db, actor, id, { limit, ...(before === undefined ? {} : { before }) });
    const body = listAnswer(page, 'der-alarms', (row) => [row.id], wire.toDerAlarm);
    return answer(c, body, 200);
  });

  app.openapi(swaps, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('battery-swaps', cursor);
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const page = await listSwaps(db, actor, id, { limit, ...(before === undefined ? {} : { before }) });
    const body = listAnswer(page, 'battery-swaps', (row) => [row.id], wire.toBatterySwap);
    return answer(c, body, 200);
  });
}
