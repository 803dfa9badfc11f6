/** Routes of tariffs at devices, cost told to them, and settlements. */
import { createRoute } from '@hono/zod-openapi';
import { getCostDisplay, listChargerTariffs, listCostUpdates, listSettlements, putCostDisplay } from '@sigec/store';
import { versionOf } from '../command/dispatch.js';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { body, DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/money.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const tags = ['tariffs and payments'];
const common = { tags, security: SECURED } as const;
const refusals = problems(400, 401, 403, 404, 503);

const tariffs = createRoute({
  ...common,
  method: 'get',
  path: '/api/v1/devices/{id}/tariffs',
  summary: 'Tariffs that a device computes its running cost by',
  description:
    'Set by SetDefaultTariff and ChangeTransactionTariff (2.1), or told by GetTariffs. Bills have their own.',
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('The oldest first.', wire.ChargerTariffList), ...refusals },
});

const costs = createRoute({
  ...common,
  method: 'get',
  path: '/api/v1/devices/{id}/cost-updates',
  summary: 'Running costs that a device was told',
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('Newest first.', wire.CostUpdateList), ...refusals },
});

const getDisplay = createRoute({
  ...common,
  method: 'get',
  path: '/api/v1/devices/{id}/cost-display',
  summary: 'Whether a device is told the cost of running transactions',
  request: { params: IdParam },
  responses: { 200: json('As it was put.', wire.CostDisplay), ...refusals },
});

const putDisplay = createRoute({
  ...common,
  method: 'put',
  path: '/api/v1/devices/{id}/cost-display',
  summary: 'Tell a device the cost of running transactions, or no longer',
  description: 'CostUpdated (2.x), where the cost has changed. OCPP 1.6 has none: `not-supported-by-version`.',
  request: { params: IdParam, body: body(wire.CostDisplay) },
  responses: { 200: json('As it is now.', wire.CostDisplay), ...problems(400, 401, 403, 404, 409, 415, 422, 503) },
});

const ofDevice = createRoute({
  ...common,
  method: 'get',
  path: '/api/v1/devices/{id}/settlements',
  summary: 'What the payment terminal of a device settled',
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('Newest first.', wire.SettlementList), ...refusals },
});

const ofTenant = createRoute({
  ...common,
  method: 'get',
  path: '/api/v1/settlements',
  summary: 'What payment terminals settled',
  request: { query: PageQuery },
  responses: { 200: json('Newest first.', wire.SettlementList), ...problems(400, 401, 403, 503) },
});

/** Nobody has asked for it. */
const OFF = { enabled: false, everyS: 60 };

export function moneyRoutes(app: App, { db, stations }: Services): void {
  app.openapi(tariffs, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const after = readIdCursor('tariffs', cursor);
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const page = await listChargerTariffs(db, actor, id, { limit, ...(after === undefined ? {} : { after }) });
    const items = listAnswer(page, 'tariffs', (row) => [row.id], wire.toChargerTariff);
    return answer(c, items, 200);
  });

  app.openapi(costs, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('cost-updates', cursor);
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const page = await listCostUpdates(db, actor, id, { limit, ...(before === undefined ? {} : { before }) });
    const items = listAnswer(page, 'cost-updates', (row) => [row.id], wire.toCostUpdate);
    return answer(c, items, 200);
  });

  app.openapi(getDisplay, async (c) => {
    const actor = c.get('actor');
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const { enabled, everyS } = (await getCostDisplay(db, actor, id)) ?? OFF;
    return answer(c, { enabled, every_s: everyS }, 200);
  });

  app.openapi(putDisplay, async (c) => {
    const actor = c.get('actor');
    const station = await requireStation(stations, actor, c.req.valid('param').id);
    const { enabled, every_s } = c.req.valid('json');
    if (enabled && versionOf(station) === 'ocpp1.6')
      throw new ProblemError('not-supported-by-version', { extra: { ocpp_version: 'ocpp1.6' } });
    await putCostDisplay(db, actor, station.id, { enabled, everyS: every_s });
    return answer(c, { enabled, every_s }, 200);
  });

  app.openapi(ofDevice, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('settlements', cursor);
    const { id: stationId } = await requireStation(stations, actor, c.req.valid('param').id);
    const page = await listSettlements(db, actor, { stationId, limit, ...(before === undefined ? {} : { before }) });
    const items = listAnswer(page, 'settlements', (row) => [row.id], wire.toSettlement);
    return answer(c, items, 200);
  });

  app.openapi(ofTenant, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('settlements', cursor);
    const page = await listSettlements(db, c.get('actor'), { limit, ...(before === undefined ? {} : { before }) });
    const items = listAnswer(page, 'settlements', (row) => [row.id], wire.toSettlement);
    return answer(c, items, 200);
  });
}
