/** Routes of what devices say beside their sessions: each a short history, the newest first. */
import { createRoute, type z } from '@hono/zod-openapi';
import {
  type Actor,
  listAuthorizationRefusals,
  listBoots,
  listDerStartStops,
  listUnaskedStatuses,
  listVatChecks,
  type WordReader,
} from '@sigec/store';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/station-words.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const list = <const P extends string, T extends z.ZodType>(
  tag: string,
  path: P,
  summary: string,
  description: string,
  schema: T,
) =>
  createRoute({
    method: 'get',
    path: `/api/v1/devices/{id}/${path}` as const,
    tags: [tag],
    security: SECURED,
    summary,
    description,
    request: { params: IdParam, query: PageQuery },
    responses: { 200: json('The newest first.', schema), ...problems(400, 401, 403, 404, 503) },
  });

const boots = list(
  'devices',
  'boots',
  'When a device booted, why, and as what',
  'The newest hundred. A charger that boots again and again shows here.',
  wire.BootList,
);
const refusals = list(
  'id tokens',
  'authorization-refusals',
  'Tokens that a device asked about and that may not charge',
  'The newest hundred, each with the reason. A token that was let in is seen by its transaction.',
  wire.RefusalList,
);
const vatChecks = list(
  'tariffs and payments',
  'vat-checks',
  'Tax numbers that a device had looked at (2.1)',
  'The newest hundred verdicts, without the numbers: those belong to people.',
  wire.VatCheckList,
);
const unasked = list(
  'firmware and logs',
  'unasked-statuses',
  'What a device said of firmware and uploads that nobody here asked for',
  'The newest hundred. What was asked for stands with its request.',
  wire.UnaskedStatusList,
);
const derEvents = list(
  'energy',
  'der-events',
  'Scheduled grid controls (DER) that began or ended (2.1)',
  'Also of controls that are not known here.',
  wire.DerEventList,
);

const idOf = ({ id }: { readonly id: number }): number[] => [id];

export function stationWordRoutes(app: App, { db, stations }: Services): void {
  /** A part of a list, as it is answered. */
  const told = async <R extends { readonly id: number }, T>(
    asked: { readonly actor: Actor; readonly id: number } & z.output<typeof PageQuery>,
    kind: string,
    read: WordReader<R>,
    toWire: (row: R) => T,
  ) => {
    const { actor, cursor, limit = DEFAULT_LIMIT } = asked;
    const before = readIdCursor(kind, cursor);
    const { id } = await requireStation(stations, actor, asked.id);
    const page = await read(db, actor, id, { limit, ...(before === undefined ? {} : { before }) });
    return listAnswer(page, kind, idOf, toWire);
  };

  app.openapi(boots, async (c) => {
    const asked = { actor: c.get('actor'), ...c.req.valid('param'), ...c.req.valid('query') };
    return answer(c, await told(asked, 'boots', listBoots, wire.toBoot), 200);
  });

  app.openapi(refusals, async (c) => {
    const asked = { actor: c.get('actor'), ...c.req.valid('param'), ...c.req.valid('query') };
    return answer(c, await told(asked, 'authorization-refusals', listAuthorizationRefusals, wire.toRefusal), 200);
  });

  app.openapi(vatChecks, async (c) => {
    const asked = { actor: c.get('actor'), ...c.req.valid('param'), ...c.req.valid('query') };
    return answer(c, await told(asked, 'vat-checks', listVatChecks, wire.toVatCheck), 200);
  });

  app.openapi(unasked, async (c) => {
    const asked = { actor: c.get('actor'), ...c.req.valid('param'), ...c.req.valid('query') };
    return answer(c, await told(asked, 'unasked-statuses', listUnaskedStatuses, wire.toUnaskedStatus), 200);
  });

  app.openapi(derEvents, async (c) => {
    const asked = { actor: c.get('actor'), ...c.req.valid('param'), ...c.req.valid('query') };
    return answer(c, await told(asked, 'der-events', listDerStartStops, wire.toDerEvent), 200);
  });
}
