/** Routes of what operators want variables to be, and of bringing a device there. */
import { createRoute } from '@hono/zod-openapi';
import {
  type Actor,
  askProvisioning,
  effectiveSettings,
  getProvisioning,
  knownVariables,
  listSettings,
  replaceSettings,
  type StationView,
} from '@sigec/store';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { body, DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/provisioning.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const common = { tags: ['provisioning'], security: SECURED };

const settings = createRoute({
  method: 'get',
  path: '/api/v1/settings',
  ...common,
  summary: 'What devices are to be set to',
  description: 'Of the whole network, of a vendor, or of a model. Those of one device: `/devices/{id}/settings`.',
  request: { query: PageQuery },
  responses: { 200: json('In the order in which they were made.', wire.SettingList), ...problems(400, 401, 403, 503) },
});

const putSettings = createRoute({
  method: 'put',
  path: '/api/v1/settings',
  ...common,
  summary: 'Say what devices are to be set to',
  description:
    'Takes the place of all that was wanted of the same vendor and model, or of all devices where neither is given. ' +
    'Devices take it up when they are provisioned: with their first boot, or by `POST /devices/{id}/provisioning`.',
  request: { body: body(wire.SettingsBody) },
  responses: {
    200: json('The first page of all settings.', wire.SettingList),
    ...problems(400, 401, 403, 415, 422, 503),
  },
});

const deviceSettings = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/settings',
  ...common,
  summary: 'What one device is to be set to',
  description:
    'Its own settings and those of its model, vendor and network; the nearest of each name, beside what is known.',
  request: { params: IdParam },
  responses: { 200: json('By name.', wire.DeviceSettings), ...problems(400, 401, 403, 404, 503) },
});

const putDeviceSettings = createRoute({
  method: 'put',
  path: '/api/v1/devices/{id}/settings',
  ...common,
  summary: 'Say what one device is to be set to',
  request: { params: IdParam, body: body(wire.DeviceSettingsBody) },
  responses: {
    200: json('All that holds for it.', wire.DeviceSettings),
    ...problems(400, 401, 403, 404, 415, 422, 503),
  },
});

const provisioning = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/provisioning',
  ...common,
  summary: 'How the provisioning of a device went',
  description: 'After its first boot a device is read, and set to what is wanted of it; what it refused stands here.',
  request: { params: IdParam },
  responses: { 200: json('As far as it came.', wire.Provisioning), ...problems(400, 401, 403, 404, 503) },
});

const provision = createRoute({
  method: 'post',
  path: '/api/v1/devices/{id}/provisioning',
  ...common,
  summary: 'Provision a device again',
  description:
    'One that is under way goes on. An offline device is provisioned with its next boot, or within an hour of its return.',
  request: { params: IdParam },
  responses: { 202: json('It will be done.', wire.Provisioning), ...problems(400, 401, 403, 404, 503) },
});

export function provisioningRoutes(app: App, { db, stations }: Services): void {
  const tenantSettings = async (
    actor: Actor,
    { cursor, limit = DEFAULT_LIMIT }: { cursor?: string | undefined; limit?: number | undefined },
  ) => {
    const after = readIdCursor('settings', cursor);
    const page = await listSettings(db, actor, { limit, ...(after === undefined ? {} : { after }) });
    return listAnswer(page, 'settings', (row) => [row.id], wire.toSetting);
  };
  const settingsOf = async (actor: Actor, station: StationView) => {
    const wanted = await effectiveSettings(db, actor, station);
    return wire.toDeviceSettings(wanted, await knownVariables(db, station.id, wanted));
  };

  app.openapi(settings, async (c) => answer(c, await tenantSettings(c.get('actor'), c.req.valid('query')), 200));

  app.openapi(putSettings, async (c) => {
    const { vendor, model, items } = c.req.valid('json');
    const scope = { ...(vendor === undefined ? {} : { vendor }), ...(model === undefined ? {} : { model }) };
    await replaceSettings(db, c.get('actor'), scope, items.map(wire.toWanted));
    return answer(c, await tenantSettings(c.get('actor'), {}), 200);
  });

  app.openapi(deviceSettings, async (c) => {
    const station = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    return answer(c, await settingsOf(c.get('actor'), station), 200);
  });

  app.openapi(putDeviceSettings, async (c) => {
    const station = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const wanted = c.req.valid('json').items.map(wire.toWanted);
    await replaceSettings(db, c.get('actor'), { stationId: station.id }, wanted);
    return answer(c, await settingsOf(c.get('actor'), station), 200);
  });

  app.openapi(provisioning, async (c) => {
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    return answer(c, wire.toProvisioning(await getProvisioning(db, c.get('actor'), id)), 200);
  });

  app.openapi(provision, async (c) => {
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    await askProvisioning(db, c.get('actor'), id);
    return answer(c, wire.toProvisioning(await getProvisioning(db, c.get('actor'), id)), 202);
  });
}
