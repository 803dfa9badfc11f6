/** Routes of where tariffs hold: the tenant's default, a device, an EVSE. */
import { createRoute } from '@hono/zod-openapi';
import { DEFAULT_TARIFF } from '@sigec/domain';
import {
  type Actor,
  assignTariff,
  attends,
  isShownToDrivers,
  listTariffAssignments,
  type TariffPlace,
  tariffAt,
  unassignTariff,
} from '@sigec/store';
import { permissionsHeld } from '../auth/callers.js';
import type { Services } from '../context.js';
import { answer, answerWith } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { body, DEFAULT_LIMIT, IdParam, json, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/tariff.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const tags = ['tariffs'];
const common = { tags, security: SECURED } as const;

const list = createRoute({
  ...common,
  method: 'get',
  path: '/api/v1/tariff-assignments',
  summary: 'Where tariffs hold',
  description: "An EVSE's own goes before its device's, and that before the tenant's default.",
  request: { query: wire.TariffAssignmentQuery },
  responses: { 200: json('By id.', wire.TariffAssignmentList), ...problems(400, 401, 403, 503) },
});

const put = createRoute({
  ...common,
  method: 'put',
  path: '/api/v1/tariff-assignments',
  summary: 'Have a tariff hold somewhere',
  description: 'Instead of what holds there. For sessions that begin from now on.',
  request: { body: body(wire.TariffAssignmentBody) },
  responses: { 200: json('As it is now.', wire.TariffAssignment), ...problems(400, 401, 403, 404, 415, 422, 503) },
});

const remove = createRoute({
  ...common,
  method: 'delete',
  path: '/api/v1/tariff-assignments',
  summary: 'Have no tariff hold somewhere by itself',
  description: 'What is less near holds there again. Without a device: the default of the tenant.',
  request: { query: wire.TariffPlaceQuery },
  responses: { 204: { description: 'None does.' }, ...problems(400, 401, 403, 404, 503) },
});

const effective = createRoute({
  ...common,
  method: 'get',
  path: '/api/v1/devices/{id}/effective-tariff',
  summary: 'What a session would cost that begins here now',
  description: 'Drivers are told it of devices that are shown to them.',
  request: { params: IdParam, query: wire.EffectiveQuery },
  responses: { 200: json('The tariff.', wire.EffectiveTariff), ...problems(400, 401, 403, 404, 503) },
});

const unknown = (field: string) => new ProblemError('not-found', { errors: [{ field, message: 'is not known' }] });

export function tariffAssignmentRoutes(app: App, { db, stations }: Services): void {
  const placeOf = async (actor: Actor, device: number | undefined, evseId: number): Promise<TariffPlace> => {
    if (device === undefined) return { stationId: null, evseId: 0 };
    if ((await stations.load(actor, device)) === undefined) throw unknown('device_id');
    return { stationId: device, evseId };
  };

  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT, tariff_id, device_id } = c.req.valid('query');
    const after = readIdCursor('tariff-assignments', cursor);
    const filter = { tariffId: tariff_id, stationId: device_id, after, limit };
    const page = await listTariffAssignments(db, c.get('actor'), filter);
    return answer(
      c,
      listAnswer(page, 'tariff-assignments', ({ id }) => [id], wire.toAssignment),
      200,
    );
  });

  app.openapi(put, async (c) => {
    const actor = c.get('actor');
    const { tariff_id, device_id, evse_id = 0 } = c.req.valid('json');
    const place = await placeOf(actor, device_id, evse_id);
    const made = await assignTariff(db, actor, tariff_id, place);
    if (made === undefined) throw unknown('tariff_id');
    return answer(c, wire.toAssignment(made), 200);
  });

  app.openapi(remove, async (c) => {
    const actor = c.get('actor');
    const { device_id, evse_id = 0 } = c.req.valid('query');
    await unassignTariff(db, actor, await placeOf(actor, device_id, evse_id));
    return answerWith(c, null, 204, undefined);
  });

  app.openapi(effective, async (c) => {
    const actor = c.get('actor');
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    // To drivers a station that is not published is one that is not there.
    const shown = permissionsHeld(actor).has('devices:read') || (await isShownToDrivers(db, actor, id));
    if (!shown && !(await attends(db, actor, id))) throw new ProblemError('not-found');
    const found = await tariffAt(db, id, c.req.valid('query').evse_id ?? 0);
    return answer(c, wire.toEffective(found ?? DEFAULT_TARIFF), 200);
  });
}
