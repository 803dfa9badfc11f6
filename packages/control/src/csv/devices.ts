/** Devices as rows of a table: what a file says of them, checked as a request is, and what one is given out with. */
import type { z } from '@hono/zod-openapi';
import { NewDevice, type toDevice } from '../wire/device.js';
import { type LineError, readTable, type TableRow } from './table.js';

type Device = ReturnType<typeof toDevice>;
type Cell = string | number | boolean | null;

/** Columns that are given out, in order. */
const OUT: Readonly<Record<string, (device: Device) => Cell>> = {
  identity: (device) => device.identity,
  name: (device) => device.name,
  site: (device) => device.location?.site ?? null,
  address: (device) => device.location?.address ?? null,
  lat: (device) => device.location?.lat ?? null,
  lng: (device) => device.location?.lng ?? null,
  security_profile: (device) => device.security_profile,
  min_security_profile: (device) => device.min_security_profile,
  default_version: (device) => device.default_version,
  ping_seconds: (device) => device.ping_seconds,
  published: (device) => device.published,
  id: (device) => device.id,
  vendor: (device) => device.vendor,
  model: (device) => device.model,
  serial_number: (device) => device.serial_number,
  firmware_version: (device) => device.firmware_version,
  ocpp_version: (device) => device.ocpp_version,
  status: (device) => device.status,
  online: (device) => device.online,
  last_seen: (device) => device.last_seen,
  created_at: (device) => device.created_at,
};

export const OUT_COLUMNS = Object.keys(OUT);
export const toCells = (device: Device): Cell[] => Object.values(OUT).map((cell) => cell(device));

/** A file that was given out may come back: what chargers tell and we make stands in it, and is passed over. */
const IN_COLUMNS: ReadonlySet<string> = new Set([...OUT_COLUMNS, 'groups', 'password']);
const MAX_GROUPS = 20;

export interface ReadDevice {
  readonly line: number;
  readonly device: z.infer<typeof NewDevice>;
  /** By name. */
  readonly groups: readonly string[];
}

/** As programs write it, or as spreadsheets of countries with a decimal comma do. */
const number = (text: string | undefined) =>
  text !== undefined && /^-?\d{1,15}([.,]\d{1,15})?$/.test(text) ? Number(text.replace(',', '.')) : text;
/** Spreadsheets write it in the language of whoever has them. */
const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['verdadeiro', true],
  ['false', false],
  ['falso', false],
]);
const flag = (text: string | undefined) => (text === undefined ? undefined : (FLAGS.get(text.toLowerCase()) ?? text));

function inputOf(cells: TableRow['cells']): Readonly<Record<string, unknown>> {
  const { identity, name, password, default_version, site, address } = cells;
  const lat = number(cells.lat);
  const lng = number(cells.lng);
  const place = { lat, lng, address, site };
  const given = {
    ...{ identity: identity ?? '', name, password, default_version },
    location: Object.values(place).some((value) => value !== undefined) ? place : undefined,
    security_profile: number(cells.security_profile),
    min_security_profile: number(cells.min_security_profile),
    ping_seconds: number(cells.ping_seconds),
    published: flag(cells.published),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function groupsOf(text: string | undefined): string[] {
  return (text ?? '').split('|').flatMap((name) => name.trim() || []);
}

function groupErrors(line: number, groups: readonly string[]): LineError[] {
  const fail = (message: string) => [{ line, field: 'groups', message }];
  if (groups.length > MAX_GROUPS) return fail(`is over ${MAX_GROUPS} groups`);
  return groups.some((name) => name.length > 200) ? fail('holds a name over 200 characters') : [];
}

/** What a file says, as far as it can be taken; every line that cannot is told with the column that is wrong. */
export function readDevices(text: string): { readonly devices: ReadDevice[]; readonly errors: LineError[] } {
  const table = readTable(text, IN_COLUMNS, 'identity');
  const devices: ReadDevice[] = [];
  const errors = [...table.errors];
  const lines = new Map<string, number>();
  for (const { line, cells } of table.rows) {
    const read = NewDevice.safeParse(inputOf(cells));
    const groups = groupsOf(cells.groups);
    const wrong = groupErrors(line, groups);
    for (const { path, message } of read.error?.issues ?? [])
      wrong.push({ line, field: String(path.at(-1) ?? ''), message });
    const identity = cells.identity ?? '';
    const before = lines.get(identity);
    if (before !== undefined) wrong.push({ line, field: 'identity', message: `is on line ${before} too` });
    else if (identity !== '') lines.set(identity, line);
    if (wrong.length === 0 && read.data !== undefined) devices.push({ line, device: read.data, groups });
    errors.push(...wrong);
  }
  return { devices, errors: errors.sort((a, b) => a.line - b.line) };
}
