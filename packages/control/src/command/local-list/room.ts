/** How much of a list a station takes: asked for once, and switched on (1.6 9.2, 2.x LocalAuthListCtrlr). */
import type { Performed } from '../perform.js';

export interface ListRoom {
  readonly itemsPerMessage: number;
  readonly maxEntries: number;
}

/** Where a station does not say. */
const DEFAULT_ROOM: ListRoom = { itemsPerMessage: 50, maxEntries: 1_000 };
/** Whatever a station says. */
const MOST: ListRoom = { itemsPerMessage: 500, maxEntries: 10_000 };

type Ask = (action: string, payload: Readonly<Record<string, unknown>>) => Promise<Pick<Performed, 'response'>>;
type Json = Readonly<Record<string, unknown>>;

const within = (value: unknown, fallback: number, most: number): number => {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? Math.min(number, most) : fallback;
};

const listOf = (value: unknown): Json[] =>
  Array.isArray(value) ? value.filter((one): one is Json => typeof one === 'object' && one !== null) : [];

function roomOf(items: unknown, entries: unknown): ListRoom {
  return {
    itemsPerMessage: within(items, DEFAULT_ROOM.itemsPerMessage, MOST.itemsPerMessage),
    maxEntries: within(entries, DEFAULT_ROOM.maxEntries, MOST.maxEntries),
  };
}

async function ask16(ask: Ask): Promise<ListRoom> {
  const key = ['SendLocalListMaxLength', 'LocalAuthListMaxLength', 'LocalAuthListEnabled'];
  const { response } = await ask('GetConfiguration', { key });
  const known = new Map(listOf(response.configurationKey).map((one) => [String(one.key).toLowerCase(), one.value]));
  if (String(known.get('localauthlistenabled')).toLowerCase() === 'false')
    await ask('ChangeConfiguration', { key: 'LocalAuthListEnabled', value: 'true' });
  return roomOf(known.get('sendlocallistmaxlength'), known.get('localauthlistmaxlength'));
}

const COMPONENT = { name: 'LocalAuthListCtrlr' };

async function ask2x(ask: Ask): Promise<ListRoom> {
  const wanted = ['ItemsPerMessage', 'Enabled'].map((name) => ({ component: COMPONENT, variable: { name } }));
  const { response } = await ask('GetVariables', { getVariableData: wanted });
  const answers = listOf(response.getVariableResult);
  const known = new Map(
    answers.map((one) => [String((one.variable as Json | undefined)?.name).toLowerCase(), one.attributeValue]),
  );
  if (String(known.get('enabled')).toLowerCase() === 'false') {
    const set = { component: COMPONENT, variable: { name: 'Enabled' }, attributeValue: 'true' };
    await ask('SetVariables', { setVariableData: [set] });
  }
  return roomOf(known.get('itemspermessage'), undefined);
}

/** A station that answers with an error has told nothing, and gets the usual. */
export async function askRoom(is16: boolean, ask: Ask, isError: (error: unknown) => boolean): Promise<ListRoom> {
  try {
    return await (is16 ? ask16(ask) : ask2x(ask));
  } catch (error) {
    if (isError(error)) return DEFAULT_ROOM;
    throw error;
  }
}
