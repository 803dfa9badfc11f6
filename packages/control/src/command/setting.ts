/** One setting of a charger, as the commands of each version write it and answer for it. */
import type { OcppVersion } from '@sigec/ocpp';

export interface Setting {
  /** Configuration key of 1.6. */
  readonly key: string;
  /** Variable of 2.x, of the component SecurityCtrlr. */
  readonly variable: string;
}

/** OCPP 1.6 security white paper section 2.1, OCPP 2.0.1 part 2 section A. */
export const PASSWORD: Setting = { key: 'AuthorizationKey', variable: 'BasicAuthPassword' };
export const SECURITY_PROFILE: Setting = { key: 'SecurityProfile', variable: 'SecurityProfile' };

const COMPONENT = 'SecurityCtrlr';

type Json = Readonly<Record<string, unknown>>;

/** The command that writes a value. */
export function writeSetting(
  version: OcppVersion,
  { key, variable }: Setting,
  value: string,
): { readonly action: string; readonly payload: Json } {
  if (version === 'ocpp1.6') return { action: 'ChangeConfiguration', payload: { key, value } };
  const one = { attributeValue: value, component: { name: COMPONENT }, variable: { name: variable } };
  return { action: 'SetVariables', payload: { setVariableData: [one] } };
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
/** Names of keys, components and variables do not tell capitals from small letters. */
const same = (value: unknown, name: string): boolean =>
  typeof value === 'string' && value.toLowerCase() === name.toLowerCase();

function entryOf(list: unknown, variable: string): Json | undefined {
  if (!Array.isArray(list)) return undefined;
  return list
    .filter(isObject)
    .find(
      (entry) =>
        isObject(entry.component) &&
        isObject(entry.variable) &&
        same(entry.component.name, COMPONENT) &&
        same(entry.variable.name, variable),
    );
}

/** The value that a command writes to a setting; undefined where it writes another, or none. */
export function writtenBy(action: string, payload: Json, { key, variable }: Setting): string | undefined {
  let value: unknown;
  if (action === 'ChangeConfiguration' && same(payload.key, key)) value = payload.value;
  if (action === 'SetVariables') value = entryOf(payload.setVariableData, variable)?.attributeValue;
  return typeof value === 'string' ? value : undefined;
}

/** A word of OCPP, or undefined: nothing that a charger could spell a password with is handed on. */
export const wordOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[A-Za-z]{1,30}$/.test(value) ? value : undefined;

/** What the charger said to a command that writes; undefined where it is no word of OCPP. */
export function statusOf(action: string, response: Json, { variable }: Setting): string | undefined {
  const status =
    action === 'SetVariables' ? entryOf(response.setVariableResult, variable)?.attributeStatus : response.status;
  return wordOf(status);
}

/** Done, or done with the next boot. */
export const isAccepted = (status: string | undefined): boolean => status === 'Accepted' || status === 'RebootRequired';
