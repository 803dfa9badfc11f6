/** Answers about variables and configuration keys: what they tell is known from then on. 1.6 sections 5.4, 5.8; 2.x B05, B06. */
import { isSecretName } from '@sigec/ocpp';
import {
  bareVariable,
  type Database,
  forgetKeys,
  keepOnlyKeys,
  keyOf16,
  type LearntVariable,
  learnVariables,
  noteWritten,
  pathOf,
  tellEvent,
} from '@sigec/store';
import type { CommandContext, Effect } from '../effect.js';
import { isAccepted } from '../setting.js';
import { nameFrom, objects, textOf, textsOf } from './said.js';

const ATTRIBUTES = ['Actual', 'Target', 'MinSet', 'MaxSet'] as const;
/** The schema's longest key is 50; a name of a row must fit an index. */
const LONGEST_KEY = 200;

const attributeOf = (value: unknown): LearntVariable['attribute'] | undefined =>
  value === undefined ? 'Actual' : ATTRIBUTES.find((one) => one === value);

const keptValue = (name: string, value: unknown): string | null => (isSecretName(name) ? null : textOf(value));

/** What was read or written, where it is no secret, told to whoever listens. */
async function learn(
  { services: { db }, station, action }: CommandContext,
  rows: LearntVariable[],
  how: (db: Database, rows: readonly LearntVariable[]) => Promise<unknown>,
): Promise<void> {
  if (rows.length === 0) return;
  await how(db, rows);
  const payload = { device_id: String(station.id), action, variables: rows.length };
  await tellEvent(db, station.tenantId, 'variables.learnt', payload);
}

export const getVariables: Effect = {
  async begin(context) {
    return {
      async answered({ response }) {
        const rows = objects(response.getVariableResult).flatMap((item) => {
          const [name, attribute] = [nameFrom(item), attributeOf(item.attributeType)];
          if (item.attributeStatus !== 'Accepted' || name === undefined || attribute === undefined) return [];
          const value = keptValue(name.variable, item.attributeValue);
          return [{ ...bareVariable(context.station.id, name, value, context.action), attribute }];
        });
        await learn(context, rows, learnVariables);
        return undefined;
      },
    };
  },
};

export const setVariables: Effect = {
  async begin(context, payload) {
    return {
      async answered({ response }) {
        const keyOf = (item: Readonly<Record<string, unknown>>) => {
          const name = nameFrom(item);
          return name === undefined ? '' : `${String(item.attributeType ?? 'Actual')} ${pathOf(name)}`;
        };
        const results = objects(response.setVariableResult);
        const taken = new Set(results.filter((one) => isAccepted(String(one.attributeStatus))).map(keyOf));
        const rows = objects(payload.setVariableData).flatMap((item) => {
          const [name, attribute] = [nameFrom(item), attributeOf(item.attributeType)];
          if (name === undefined || attribute === undefined || !taken.has(keyOf(item))) return [];
          const value = keptValue(name.variable, item.attributeValue);
          return [{ ...bareVariable(context.station.id, name, value, context.action), attribute }];
        });
        await learn(context, rows, noteWritten);
        return undefined;
      },
    };
  },
};

export const getConfiguration: Effect = {
  async begin(context, payload) {
    const { services, station } = context;
    return {
      async answered({ response }) {
        const rows = objects(response.configurationKey).flatMap((item): LearntVariable[] => {
          const key = textOf(item.key);
          if (key === null || key.length > LONGEST_KEY) return [];
          const bare = bareVariable(station.id, keyOf16(key), keptValue(key, item.value), context.action);
          return [{ ...bare, mutability: item.readonly === true ? 'ReadOnly' : 'ReadWrite' }];
        });
        await learn(context, rows, learnVariables);
        await forgetKeys(services.db, station.id, textsOf(response.unknownKey));
        // Asked for none, it names all it has. An answer without any is no answer to that.
        const all = textsOf(payload.key).length === 0 && rows.length > 0;
        const names = rows.map((row) => row.variable);
        if (all) await keepOnlyKeys(services.db, station.id, names);
        return undefined;
      },
    };
  },
};

export const changeConfiguration: Effect = {
  async begin(context, payload) {
    return {
      async answered({ response }) {
        const key = textOf(payload.key);
        if (key === null || !isAccepted(String(response.status))) return undefined;
        const value = keptValue(key, payload.value);
        await learn(context, [bareVariable(context.station.id, keyOf16(key), value, context.action)], noteWritten);
        return undefined;
      },
    };
  },
};
