/** Fleets in and out as comma-separated values. */
import { createRoute } from '@hono/zod-openapi';
import { type Actor, listStations, type NewStation, registerStations, takenIdentities } from '@sigec/store';
import type { Context } from 'hono';
import { newSecret } from '../auth/station-secret.js';
import type { AppEnv, Services } from '../context.js';
import { OUT_COLUMNS, type ReadDevice, readDevices, toCells } from '../csv/devices.js';
import { type LineError, NOT_UTF8, writeLine } from '../csv/table.js';
import { stillServed } from '../guard/tenant.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { json, problems, SECURED } from '../wire/common.js';
import { DeviceFilter, toDevice, toStationFilter, toStationPatch } from '../wire/device.js';
import * as wire from '../wire/device-csv.js';
import type { App } from './application.js';

const CSV = { 'text/csv': { schema: { type: 'string' as const } } };
const staff = { tags: ['devices'], security: SECURED };

const take = createRoute({
  ...staff,
  method: 'post',
  path: '/api/v1/devices/import',
  summary: 'Register devices from a file',
  description:
    'UTF-8, up to 1 MB and 10,000 rows, cells parted by commas or semicolons; the first line names the columns. Numbers may ' +
    'have a decimal comma, and what is true may be `VERDADEIRO`, as spreadsheets write them. ' +
    '`identity` must be there; `name`, `site`, `address`, `lat`, `lng`, `security_profile`, `min_security_profile`, ' +
    '`default_version`, `ping_seconds`, `published`, `password` and `groups` (names parted by `|`) may be. Sites and groups ' +
    'are made where there is none of the name. The other columns of the export are passed over. An identity that is ' +
    'registered is a bad line. A file that is not taken whole answers 422 with all its `bad_lines`.',
  request: { query: wire.ImportQuery, body: { required: true, content: CSV } },
  responses: {
    200: json('Checked: nothing was written.', wire.ImportReport),
    201: json('Registered.', wire.ImportReport),
    ...problems(400, 401, 403, 413, 415, 422, 503),
  },
});

const give = createRoute({
  ...staff,
  method: 'get',
  path: '/api/v1/devices/export',
  summary: 'Devices as a file',
  description:
    `Columns: ${OUT_COLUMNS.map((name) => `\`${name}\``).join(', ')}. Text that a spreadsheet might take for a formula has ` +
    'a single quote before it.',
  request: { query: DeviceFilter },
  responses: { 200: { description: 'By id.', content: CSV }, ...problems(400, 401, 403, 503) },
});

/** Rows of one read, and of one piece of the answer. */
const PAGE = 500;
/** Of those named beside the whole list, as in any answer. */
const MAX_ERRORS = 50;

/** @throws {ProblemError} `unsupported-media-type`, `validation` where it is not UTF-8 */
async function textOf(c: Context<AppEnv>): Promise<string> {
  if (!/^text\/csv\s*(?:;|$)/i.test(c.req.header('content-type') ?? ''))
    throw new ProblemError('unsupported-media-type', {
      detail: { pt: 'Aqui o corpo deve ser text/csv', en: 'Here the body must be text/csv' },
    });
  const bytes = await c.req.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ProblemError('validation', { detail: NOT_UTF8, cause });
  }
}

function refuse(lines: readonly LineError[]): never {
  const errors = lines.slice(0, MAX_ERRORS).map(({ line, field, message }) => {
    return { field: field === '' ? `lines.${line}` : `lines.${line}.${field}`, message };
  });
  throw new ProblemError('validation', { errors, extra: { bad_lines: lines } });
}

const takenLine = ({ line }: ReadDevice): LineError => ({ line, field: 'identity', message: 'is taken' });
const byLine = (a: LineError, b: LineError): number => a.line - b.line;

export function deviceCsvRoutes(app: App, { db, config, logger }: Services): void {
  const prepare = ({ device, groups, line }: ReadDevice) => {
    const { identity, security_profile: securityProfile = 1, password, ...rest } = device;
    const made = securityProfile === 0 ? undefined : newSecret(config.pepper, password);
    const row: NewStation = {
      ...toStationPatch(rest),
      identity,
      securityProfile,
      secret: made?.secret ?? null,
      groups,
    };
    const credentials = made && password === undefined ? { username: identity, password: made.password } : null;
    return { row, line, credentials };
  };

  const register = async (actor: Actor, devices: readonly ReadDevice[], whole: boolean) => {
    const prepared = devices.map(prepare);
    const rows = prepared.map(({ row }) => row);
    const { ids, done } = await registerStations(db, actor, rows, { whole });
    const bad = devices.filter(({ device }) => !ids.has(device.identity)).map(takenLine);
    if (!done) refuse(bad);
    const made = prepared.flatMap(({ row: { identity }, line, credentials }) => {
      const id = ids.get(identity);
      return id === undefined ? [] : [{ line, id: String(id), identity, credentials }];
    });
    return { made, bad };
  };

  app.openapi(take, async (c) => {
    const actor = c.get('actor');
    const { dry_run = false, all_or_nothing: whole = true } = c.req.valid('query');
    const { devices, errors } = readDevices(await textOf(c));
    if (dry_run) {
      const taken = await takenIdentities(
        db,
        devices.map(({ device }) => device.identity),
      );
      const bad = devices.filter(({ device }) => taken.has(device.identity)).map(takenLine);
      const bad_lines = [...errors, ...bad].sort(byLine);
      const registered = whole && bad_lines.length > 0 ? 0 : devices.length - bad.length;
      return answer(c, { dry_run, registered, bad_lines, devices: [] }, 200);
    }
    if (whole && errors.length > 0) refuse(errors);
    const { made, bad } = await register(actor, devices, whole);
    logger.info(
      { registered: made.length, bad: errors.length + bad.length, by: actor.userId },
      'devices were imported',
    );
    const bad_lines = [...errors, ...bad].sort(byLine);
    return answer(c, { dry_run, registered: made.length, bad_lines, devices: made }, 201);
  });

  app.openapi(give, async (c) => {
    const actor = c.get('actor');
    const filter = toStationFilter(c.req.valid('query'));
    const read = (after: number | undefined) =>
      listStations(db, actor, { ...filter, limit: PAGE, ...(after === undefined ? {} : { after }) });
    // Before the answer begins: what fails here is told as a problem.
    let page = await read(undefined);
    const encoder = new TextEncoder();
    let text = writeLine(OUT_COLUMNS);
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: stillServed(async (controller) => {
        controller.enqueue(encoder.encode(text + page.items.map((row) => writeLine(toCells(toDevice(row)))).join('')));
        text = '';
        if (!page.more) return controller.close();
        page = await read(page.items.at(-1)?.id);
      }),
    });
    return new Response(stream, {
      headers: {
        'content-type': 'text/csv; charset=utf-8; header=present',
        'content-disposition': 'attachment; filename="devices.csv"',
      },
    });
  });
}
