/** Settings of the station, read and written: keys in 1.6 (sections 5.8, 5.3), variables of components in 2.x (B06, B05). */
import { z } from '@hono/zod-openapi';
import type { OcppVersion } from '@sigec/ocpp';
import type { Payload } from '../effect.js';
import { verdictOf } from '../verdict.js';
import { type Answered, defineVerb, EvseId, given, type VerbAnswer, wanted } from './verb.js';

const Name = z.string().min(1).max(50);
const MAX_ITEMS = 50;

const Item = z.strictObject({
  /** Of 1.6. */
  key: Name.optional(),
  component: Name.optional(),
  component_instance: Name.optional(),
  evse_id: EvseId.optional(),
  connector_id: EvseId.optional(),
  variable: Name.optional(),
  variable_instance: Name.optional(),
  attribute: z.enum(['Actual', 'Target', 'MinSet', 'MaxSet']).optional(),
});
type ItemOf = z.infer<typeof Item>;

/** The configuration key of an item. */
function keyOf(item: ItemOf, n: number): string {
  if (item.key !== undefined) return item.key;
  throw wanted(`items.${n}.key`, 'is missing; 1.6 has keys');
}

/** The component and variable of an item. */
function variableOf(item: ItemOf, n: number): Payload {
  const { component, variable, evse_id: id, connector_id: connectorId } = item;
  if (component === undefined) throw wanted(`items.${n}.component`, 'is missing; 2.x has components');
  if (variable === undefined) throw wanted(`items.${n}.variable`, 'is missing; 2.x has variables');
  const evse = id === undefined ? undefined : given({ id, connectorId });
  return {
    component: given({ name: component, instance: item.component_instance, evse }),
    variable: given({ name: variable, instance: item.variable_instance }),
    ...given({ attributeType: item.attribute }),
  };
}

const list = (value: unknown): readonly Payload[] => (Array.isArray(value) ? (value as Payload[]) : []);

/** What 2.x names in an answer, as an item of ours. */
function itemOf(entry: Payload): Payload {
  const component = (entry.component ?? {}) as Payload;
  const variable = (entry.variable ?? {}) as Payload;
  const evse = (component.evse ?? {}) as Payload;
  return given({
    ...{ component: component.name, component_instance: component.instance },
    ...{ evse_id: evse.id, connector_id: evse.connectorId },
    ...{ variable: variable.name, variable_instance: variable.instance, attribute: entry.attributeType },
  });
}

/** All items taken: yes. Else the first that was not says why. */
function summed(items: readonly Payload[]): VerbAnswer {
  const first = items.find((item) => item.accepted !== true);
  return { accepted: first === undefined, status: String((first ?? items[0])?.status ?? 'Accepted'), items };
}

function readAnswer(answers: readonly Answered[]): VerbAnswer {
  const items = answers.flatMap(({ response }) => [
    ...list(response.configurationKey).map(({ key, value, readonly }) =>
      given({ key, value, readonly, accepted: true, status: 'Accepted' }),
    ),
    ...list(response.unknownKey).map((key) => ({ key, accepted: false, status: 'UnknownKey' })),
    ...list(response.getVariableResult).map((entry) => {
      const status = String(entry.attributeStatus);
      return given({ ...itemOf(entry), value: entry.attributeValue, accepted: status === 'Accepted', status });
    }),
  ]);
  return summed(items);
}

export const readConfiguration = defineVerb({
  name: 'read-configuration',
  summary: 'Read settings of a device',
  becomes: 'GetConfiguration (`key`; no items: all that there are) or GetVariables (`component` and `variable`).',
  body: z.strictObject({ items: z.array(Item).max(MAX_ITEMS).default([]) }),
  plan(version: OcppVersion, _station, { items }) {
    if (version === 'ocpp1.6')
      return { action: 'GetConfiguration', payload: items.length === 0 ? {} : { key: items.map(keyOf) } };
    if (items.length === 0) throw wanted('items', 'is empty; a report of all comes by GetBaseReport');
    return { action: 'GetVariables', payload: { getVariableData: items.map(variableOf) } };
  },
  answer: readAnswer,
});

const Written = Item.extend({ value: z.string().max(2500) });

function writeAnswer(answers: readonly Answered[]): VerbAnswer {
  const items = answers.flatMap(({ action, payload, response }) => {
    if (action === 'ChangeConfiguration') return [{ key: payload.key, ...verdictOf(response) }];
    return list(response.setVariableResult).map((entry) => ({
      ...itemOf(entry),
      ...verdictOf({ status: String(entry.attributeStatus) }),
    }));
  });
  return summed(items);
}

export const writeConfiguration = defineVerb({
  name: 'write-configuration',
  summary: 'Write settings of a device',
  becomes: 'ChangeConfiguration for each item (`key`), or one SetVariables (`component` and `variable`).',
  body: z.strictObject({ items: z.array(Written).min(1).max(MAX_ITEMS) }),
  plan(version: OcppVersion, _station, { items }) {
    if (version === 'ocpp1.6')
      return items.map((item, n) => ({
        action: 'ChangeConfiguration',
        payload: { key: keyOf(item, n), value: item.value },
      }));
    const setVariableData = items.map((item, n) => ({ ...variableOf(item, n), attributeValue: item.value }));
    return { action: 'SetVariables', payload: { setVariableData } };
  },
  answer: writeAnswer,
});
