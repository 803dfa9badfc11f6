/** Routes of what else belongs to smart charging: limits of others, vehicles, abilities, dynamic values, signals. */
import { createRoute } from '@hono/zod-openapi';
import {
  listAfrrSignals,
  listChargingAbilities,
  listChargingLimits,
  listDynamicSchedules,
  listEvCharging,
  putChargingAbility,
  putDynamicSchedule,
} from '@sigec/store';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { ProfileParam } from '../wire/charging.js';
import * as wire from '../wire/charging-state.js';
import { body, DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const tags = ['charging'];
const security = SECURED;
const READ = [400, 401, 403, 404, 503] as const;
const params = IdParam;

const limits = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/charging-limits',
  tags,
  security,
  summary: 'Limits that others than we have set',
  description: 'Told by the device (NotifyChargingLimit) and gone when it says so.',
  request: { params },
  responses: { 200: json('By EVSE and source.', wire.ChargingLimitList), ...problems(...READ) },
});

const vehicles = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/ev-charging',
  tags,
  security,
  summary: 'What vehicles asked for and mean to do',
  request: { params, query: wire.EvQuery },
  responses: { 200: json('The newest first.', wire.EvChargingList), ...problems(...READ) },
});

const abilities = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/charging-abilities',
  tags,
  security,
  summary: 'What operators said that a device can do',
  description: 'Beside it counts what the device itself tells in its configuration or device model.',
  request: { params },
  responses: { 200: json('By EVSE; 0 is the whole device.', wire.AbilityList), ...problems(...READ) },
});

const setAbility = createRoute({
  method: 'put',
  path: '/api/v1/devices/{id}/charging-abilities/{evse_id}',
  tags,
  security,
  summary: 'Say what a device, or one of its EVSEs, can do',
  description: 'No charging profile above it is sent. What is absent is not known.',
  request: { params: wire.AbilityParam, body: body(wire.AbilityBody) },
  responses: { 200: json('All of the device.', wire.AbilityList), ...problems(400, 401, 403, 404, 413, 415, 422, 503) },
});

const dynamics = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/dynamic-schedules',
  tags,
  security,
  summary: 'The newest values of dynamic profiles (2.1)',
  request: { params },
  responses: { 200: json('By profile id.', wire.DynamicList), ...problems(...READ) },
});

const setDynamic = createRoute({
  method: 'put',
  path: '/api/v1/devices/{id}/dynamic-schedules/{profile_id}',
  tags,
  security,
  summary: 'Hold values of a dynamic profile until the device pulls them (2.1)',
  description: 'Nothing is sent; UpdateDynamicSchedule sends at once. A device of another version never pulls.',
  request: { params: ProfileParam, body: body(wire.DynamicBody) },
  responses: { 200: json('Held.', wire.Dynamic), ...problems(400, 401, 403, 404, 413, 415, 422, 503) },
});

const signals = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/afrr-signals',
  tags,
  security,
  summary: 'Signals of frequency restoration that were sent (2.1)',
  request: { params, query: PageQuery },
  responses: { 200: json('The newest first.', wire.AfrrList), ...problems(...READ) },
});

export function chargingStateRoutes(app: App, { db, stations }: Services): void {
  app.openapi(limits, async (c) => {
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const rows = await listChargingLimits(db, c.get('actor'), id);
    return answer(c, { items: rows.map(wire.toLimit), next_cursor: null }, 200);
  });

  app.openapi(vehicles, async (c) => {
    const { evse_id: evseId, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const options = { limit, ...(evseId === undefined ? {} : { evseId }) };
    const rows = await listEvCharging(db, c.get('actor'), id, options);
    return answer(c, { items: rows.map(wire.toEvCharging) }, 200);
  });

  app.openapi(abilities, async (c) => {
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const rows = await listChargingAbilities(db, c.get('actor'), id);
    return answer(c, { items: rows.map(wire.toAbility) }, 200);
  });

  app.openapi(setAbility, async (c) => {
    const actor = c.get('actor');
    const { id: stationId, evse_id: evseId } = c.req.valid('param');
    const { id } = await requireStation(stations, actor, stationId);
    await putChargingAbility(db, actor, id, evseId, wire.readAbility(c.req.valid('json')));
    const rows = await listChargingAbilities(db, actor, id);
    return answer(c, { items: rows.map(wire.toAbility) }, 200);
  });

  app.openapi(dynamics, async (c) => {
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const rows = await listDynamicSchedules(db, c.get('actor'), id);
    return answer(c, { items: rows.map(wire.toDynamic), next_cursor: null }, 200);
  });

  app.openapi(setDynamic, async (c) => {
    const actor = c.get('actor');
    const { id, profile_id: profileId } = c.req.valid('param');
    const station = await requireStation(stations, actor, id);
    await putDynamicSchedule(db, actor, station.id, profileId, c.req.valid('json'), null);
    const row = (await listDynamicSchedules(db, actor, station.id)).find((one) => one.profileId === profileId);
    if (row === undefined) throw new ProblemError('not-found');
    return answer(c, wire.toDynamic(row), 200);
  });

  app.openapi(signals, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('afrr-signals', cursor);
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const options = { limit, ...(before === undefined ? {} : { before }) };
    const found = await listAfrrSignals(db, c.get('actor'), id, options);
    return answer(
      c,
      listAnswer(found, 'afrr-signals', ({ id: signal }) => [signal], wire.toAfrr),
      200,
    );
  });
}
