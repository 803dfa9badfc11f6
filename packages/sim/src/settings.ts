/**
 * The room of the station's configuration: 1.6 keys and 2.x variables in one small store. A 2.x variable's name is
 * `Component.Variable` or `Component.Variable#instance`; a variable of an EVSE is `EVSE@1.Power`.
 */

export type Access = 'rw' | 'ro' | 'wo';
export type SettingKind = 'integer' | 'boolean' | 'string' | 'list';

export interface Setting {
  value: string;
  kind: SettingKind;
  access: Access;
  unit?: string;
  /** Lowest value of an integer; zero where nothing is said. */
  min?: number;
  /** Words a list may hold. */
  words?: readonly string[];
}

export type SetResult = 'Accepted' | 'Rejected' | 'ReadOnly' | 'Unknown';

/** Builders of one line of a table of settings. */
export const setting = {
  int: (value: number, access: Access = 'rw', unit?: string, min = 0): Setting => ({
    value: String(value),
    kind: 'integer',
    access,
    min,
    ...(unit === undefined ? {} : { unit }),
  }),
  bool: (value: boolean, access: Access = 'rw'): Setting => ({ value: String(value), kind: 'boolean', access }),
  text: (value: string, access: Access = 'rw'): Setting => ({ value, kind: 'string', access }),
  list: (value: string, access: Access = 'rw', words?: readonly string[]): Setting => ({
    value,
    kind: 'list',
    access,
    ...(words === undefined ? {} : { words }),
  }),
};

const MAX_VALUE = 2500;

export class Settings {
  readonly #all: Map<string, Setting>;

  /** Hears of every value that became another, whoever wrote it. */
  watch: (name: string, value: string) => void = () => {};

  constructor(
    table: Record<string, Setting>,
    /** Called after a value has changed through {@link set}. */
    private readonly changed: (name: string, value: string) => void,
  ) {
    this.#all = new Map(Object.entries(table));
  }

  get(name: string): Setting | undefined {
    return this.#all.get(name);
  }

  names(): string[] {
    return [...this.#all.keys()];
  }

  integer(name: string): number {
    return Number(this.#all.get(name)?.value ?? 0);
  }

  boolean(name: string): boolean {
    return this.#all.get(name)?.value.toLowerCase() === 'true';
  }

  /** Writes as the CSMS would: checked against the kind, refused where read-only. */
  set(name: string, value: string): SetResult {
    const setting = this.#all.get(name);
    if (setting === undefined) return 'Unknown';
    if (setting.access === 'ro') return 'ReadOnly';
    if (!isValid(setting, value)) return 'Rejected';
    this.put(name, value);
    this.changed(name, value);
    return 'Accepted';
  }

  /** Writes as the station itself: no check, no notice. */
  put(name: string, value: string): void {
    const setting = this.#all.get(name);
    if (setting === undefined || setting.value === value) return;
    setting.value = value;
    this.watch(name, value);
  }
}

function isValid(setting: Setting, value: string): boolean {
  if (value.length > MAX_VALUE) return false;
  switch (setting.kind) {
    case 'integer':
      return /^-?\d{1,9}$/.test(value) && Number(value) >= (setting.min ?? 0);
    case 'boolean':
      return /^(true|false)$/i.test(value);
    case 'list': {
      const { words } = setting;
      const items = value === '' ? [] : value.split(',').map((item) => item.trim());
      return words === undefined || items.every((item) => words.includes(item));
    }
    default:
      return true;
  }
}
