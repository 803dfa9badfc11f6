/** The room of GetVariables, SetVariables and the reports: the device model's questions put to the store of settings. */
import { FieldError, type JsonObject, read } from './json.js';
import type { Access, Setting, Settings } from './settings.js';
import { ITEMS_PER_MESSAGE } from './settings2x.js';

/** Of one message of a report. */
export const ITEMS = ITEMS_PER_MESSAGE;

const MUTABILITY: Record<Access, string> = { ro: 'ReadOnly', rw: 'ReadWrite', wo: 'WriteOnly' };
const DATA_TYPES: Record<Setting['kind'], string> = {
  integer: 'integer',
  boolean: 'boolean',
  string: 'string',
  list: 'MemberList',
};

export interface Named {
  component: JsonObject;
  variable: JsonObject;
}

/** The store's name of a component and variable. Names are matched without regard to case (part 1, 4.1). */
export function find(settings: Settings, item: Named): { name: string | undefined; known: boolean } {
  const evse = read.optObj(item.component, 'evse');
  const component = read.str(item.component, 'name') + (evse === undefined ? '' : `@${read.int(evse, 'id')}`);
  const instance = read.optStr(item.variable, 'instance');
  const wanted = `${component}.${read.str(item.variable, 'name')}${instance === undefined ? '' : `#${instance}`}`;
  const prefix = `${component}.`.toLowerCase();
  const names = settings.names();
  return {
    name: names.find((name) => name.toLowerCase() === wanted.toLowerCase()),
    known: names.some((name) => name.toLowerCase().startsWith(prefix)),
  };
}

export function named(item: JsonObject): Named {
  return { component: read.obj(item, 'component'), variable: read.obj(item, 'variable') };
}

function items(payload: JsonObject, list: string): JsonObject[] {
  const all = read.objects(payload, list);
  if (all.length === 0) throw new FieldError(list, 'value', 'at least one item');
  if (all.length > ITEMS_PER_MESSAGE) throw new FieldError(list, 'value', `at most ${ITEMS_PER_MESSAGE} items`);
  return all;
}

export function getVariables(settings: Settings, payload: JsonObject): JsonObject {
  const result = items(payload, 'getVariableData').map((item) => {
    const { component, variable } = named(item);
    const attributeType = read.optStr(item, 'attributeType');
    const { name, known } = find(settings, { component, variable });
    const found = name === undefined ? undefined : settings.get(name);
    const base: JsonObject = { component, variable, attributeType };
    if (found === undefined) return { ...base, attributeStatus: known ? 'UnknownVariable' : 'UnknownComponent' };
    if (attributeType !== undefined && attributeType !== 'Actual') {
      return { ...base, attributeStatus: 'NotSupportedAttributeType' };
    }
    if (found.access === 'wo') return { ...base, attributeStatus: 'Rejected' };
    return { ...base, attributeStatus: 'Accepted', attributeValue: found.value };
  });
  return { getVariableResult: result };
}

export function setVariables(settings: Settings, payload: JsonObject): JsonObject {
  const result = items(payload, 'setVariableData').map((item) => {
    const { component, variable } = named(item);
    const value = read.str(item, 'attributeValue');
    const attributeType = read.optStr(item, 'attributeType');
    const { name, known } = find(settings, { component, variable });
    const base: JsonObject = { component, variable, attributeType };
    if (name === undefined) return { ...base, attributeStatus: known ? 'UnknownVariable' : 'UnknownComponent' };
    if (attributeType !== undefined && attributeType !== 'Actual') {
      return { ...base, attributeStatus: 'NotSupportedAttributeType' };
    }
    const outcome = settings.set(name, value);
    return { ...base, attributeStatus: outcome === 'Accepted' ? 'Accepted' : 'Rejected' };
  });
  return { setVariableResult: result };
}

function describe(settings: Settings, name: string): JsonObject {
  const found = settings.get(name) as Setting;
  const [left = '', right = ''] = name.split('.');
  const [component = '', evse] = left.split('@');
  const [variable = '', instance] = right.split('#');
  return {
    component: {
      name: component,
      ...(evse === undefined
        ? {}
        : { evse: component === 'Connector' ? { id: Number(evse), connectorId: 1 } : { id: Number(evse) } }),
    },
    variable: { name: variable, instance },
    variableAttribute: [
      {
        type: 'Actual',
        mutability: MUTABILITY[found.access],
        persistent: false,
        ...(found.access === 'wo' ? {} : { value: found.value }),
      },
    ],
    variableCharacteristics: {
      dataType: DATA_TYPES[found.kind],
      unit: found.unit,
      supportsMonitoring: found.access !== 'wo',
    },
  };
}

/** Which names a report holds. */
export type ReportFilter = (name: string) => boolean;

/** GetBaseReport's bases (B07): all, what can be configured, or what tells the state. */
export function baseFilter(settings: Settings, base: string): ReportFilter {
  if (base === 'SummaryInventory') return (name) => /\.(AvailabilityState|Available|Enabled)$/.test(name);
  if (base === 'ConfigurationInventory') return (name) => settings.get(name)?.access !== 'ro';
  return () => true;
}

/** GetReport's filter (B08): any of the components and variables, none meaning all. */
export function reportFilter(payload: JsonObject): ReportFilter {
  const wanted = read.objects(payload, 'componentVariable').map((item) => {
    const component = read.obj(item, 'component');
    const evse = read.optObj(component, 'evse');
    const variable = read.optObj(item, 'variable');
    const prefix = read.str(component, 'name') + (evse === undefined ? '' : `@${read.int(evse, 'id')}`);
    return { prefix: prefix.toLowerCase(), variable: variable && read.str(variable, 'name').toLowerCase() };
  });
  if (wanted.length === 0) return () => true;
  return (name) => {
    const [left = '', right = ''] = name.toLowerCase().split('.');
    return wanted.some(
      (w) =>
        (left === w.prefix || left.startsWith(`${w.prefix}@`)) &&
        (w.variable === undefined || right.split('#')[0] === w.variable),
    );
  };
}

/** The pages of a report, as payloads of NotifyReport; empty where the filter leaves nothing. */
export function reportPages(settings: Settings, filter: ReportFilter, requestId: number): JsonObject[] {
  const data = settings.names().filter(filter);
  const pages: JsonObject[] = [];
  for (let at = 0; at < data.length; at += ITEMS_PER_MESSAGE) {
    pages.push({
      requestId,
      seqNo: pages.length,
      tbc: at + ITEMS_PER_MESSAGE < data.length,
      reportData: data.slice(at, at + ITEMS_PER_MESSAGE).map((name) => describe(settings, name)),
    });
  }
  return pages;
}
