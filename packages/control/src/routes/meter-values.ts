/** Routes of what meters told: of a transaction, and of a device outside of all transactions. */
import { createRoute } from '@hono/zod-openapi';
import { getTransaction, listStationMeterValues, listTransactionMeterValues, type MeterPart } from '@sigec/store';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { DEFAULT_LIMIT, IdParam, json, problems, SECURED } from '../wire/common.js';
import * as wire from '../wire/meter-values.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const security = SECURED;
const responses = {
  200: json('In the order of their times.', wire.MeterValueList),
  ...problems(400, 401, 403, 404, 503),
};

const ofTransaction = createRoute({
  method: 'get',
  path: '/api/v1/transactions/{id}/meter-values',
  tags: ['transactions'],
  security,
  summary: 'What the meter told during a transaction',
  description:
    'As the charger measured it. Samples are kept for as long as is configured; totals do not depend on them.',
  request: { params: IdParam, query: wire.MeterQuery },
  responses,
});

const ofDevice = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/meter-values',
  tags: ['devices'],
  security,
  summary: 'What the meters of a device told outside of transactions',
  description: 'The main meter (EVSE 0), and EVSEs at which nobody charged.',
  request: { params: IdParam, query: wire.StationMeterQuery },
  responses,
});

interface Asked {
  readonly limit?: number | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

const partOf = ({ limit = DEFAULT_LIMIT, from, to }: Asked, after: MeterPart['after']): MeterPart => ({
  limit,
  ...(after === undefined ? {} : { after }),
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
});

export function meterValueRoutes(app: App, { db, stations }: Services): void {
  app.openapi(ofTransaction, async (c) => {
    const { cursor, ...asked } = c.req.valid('query');
    const after = wire.readPlace('meter-values', cursor);
    const actor = c.get('actor');
    const found = await getTransaction(db, actor, c.req.valid('param').id);
    if (!found) throw new ProblemError('not-found');
    const page = await listTransactionMeterValues(db, actor, found.id, partOf(asked, after));
    return answer(c, wire.toMeterValues(page, 'meter-values', after), 200);
  });

  app.openapi(ofDevice, async (c) => {
    const { cursor, evse_id: evseId, ...asked } = c.req.valid('query');
    const after = wire.readPlace('device-meter-values', cursor);
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const part = { ...partOf(asked, after), ...(evseId === undefined ? {} : { evseId }) };
    const page = await listStationMeterValues(db, c.get('actor'), id, part);
    return answer(c, wire.toMeterValues(page, 'device-meter-values', after), 200);
  });
}
