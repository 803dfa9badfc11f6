/** What a charger answered, read with care: an answer that its schema does not take is passed on all the same. */
import type { VariableName } from '@sigec/store';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects of a list; none where it is no list. */
export const objects = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

export const objectOf = (value: unknown): Json => (isObject(value) ? value : {});

/** The specification's longest value is 2500 characters. */
const LONGEST = 10_000;
const LONGEST_NAME = 200;

export const textOf = (value: unknown): string | null =>
  typeof value === 'string' ? value.slice(0, LONGEST).replaceAll('\0', '\u2400') : null;

export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

export const wholeOf = (value: unknown): number | null => (Number.isSafeInteger(value) ? (value as number) : null);

/** The texts of a list. */
export const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

const INT4 = 2 ** 31 - 1;

function placeOf(value: unknown): number | null | undefined {
  if (value === undefined) return null;
  const number = wholeOf(value);
  return number === null || number < 0 || number > INT4 ? undefined : number;
}

const nameText = (value: unknown): string | null => {
  const text = textOf(value);
  return text !== null && text.length <= LONGEST_NAME ? text : null;
};

/** The variable that an item names; undefined where it names none that there could be. */
export function nameFrom(item: Json): VariableName | undefined {
  const component = objectOf(item.component);
  const variable = objectOf(item.variable);
  const evse = objectOf(component.evse);
  const [evseId, connectorId] = [placeOf(evse.id), placeOf(evse.connectorId)];
  const [componentName, variableName] = [nameText(component.name), nameText(variable.name)];
  if (componentName === null || variableName === null || evseId === undefined || connectorId === undefined)
    return undefined;
  return {
    component: componentName,
    componentInstance: nameText(component.instance),
    evseId,
    connectorId,
    variable: variableName,
    variableInstance: nameText(variable.instance),
  };
}

/** A variable as 2.x messages name it. */
export function spell(name: VariableName): { readonly component: Json; readonly variable: Json } {
  const { component, componentInstance, evseId, connectorId, variable, variableInstance } = name;
  const evse = evseId === null ? {} : { evse: { id: evseId, ...(connectorId === null ? {} : { connectorId }) } };
  return {
    component: { name: component, ...(componentInstance === null ? {} : { instance: componentInstance }), ...evse },
    variable: { name: variable, ...(variableInstance === null ? {} : { instance: variableInstance }) },
  };
}
