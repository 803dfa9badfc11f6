/** Rules of alarms: what a tenant may set, and what holds where it has set nothing. */
import { ALARM_KIND_NAMES, ALARM_KINDS, type AlarmKind, type AlarmSeverity, type KindOfAlarm } from './kinds.js';

export type AlarmParameters = Readonly<Record<string, number | readonly string[]>>;

export interface AlarmRule {
  readonly kind: AlarmKind;
  readonly enabled: boolean;
  readonly severity: AlarmSeverity;
  /** By the names of {@link KindOfAlarm}. */
  readonly parameters: AlarmParameters;
}

export const MOST_WORDS = 100;
const MOST_LETTERS = 50;

const kindOf = (kind: AlarmKind): KindOfAlarm => ALARM_KINDS[kind];

/** The rule without a tenant's own. */
export function defaultRule(kind: AlarmKind): AlarmRule {
  const { severity, numbers, lists = {} } = kindOf(kind);
  const plain = Object.entries(numbers).map(([name, rule]) => [name, rule.default] as const);
  return { kind, enabled: true, severity, parameters: { ...Object.fromEntries(plain), ...lists } };
}

export const DEFAULT_RULES: readonly AlarmRule[] = ALARM_KIND_NAMES.map(defaultRule);

/** What is wrong with a parameter of a rule; null where nothing is. */
export function wrongParameter(kind: AlarmKind, name: string, value: unknown): string | null {
  const { numbers, lists = {} } = kindOf(kind);
  if (Object.hasOwn(numbers, name)) {
    const { least, most } = numbers[name] as KindOfAlarm['numbers'][string];
    const fits = typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most;
    return fits ? null : `must be a number from ${least} to ${most}`;
  }
  if (!Object.hasOwn(lists, name)) return 'is no parameter of this kind';
  const fits =
    Array.isArray(value) &&
    value.length <= MOST_WORDS &&
    value.every((one) => typeof one === 'string' && one !== '' && one.length <= MOST_LETTERS && !one.includes('\0'));
  return fits ? null : `must be at most ${MOST_WORDS} texts of at most ${MOST_LETTERS} letters`;
}
