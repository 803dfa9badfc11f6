/** What is watched: each kind of alarm with its words, and the rule that holds where a tenant has made none of its own. */
import { type Words, words } from '../error-codes/words.js';

export type AlarmSeverity = 'critical' | 'warning' | 'info';
export type AlarmState = 'open' | 'acknowledged' | 'snoozed' | 'resolved';

/** A number of a rule, with what an operator may set it to. */
export interface NumberRule {
  readonly default: number;
  readonly least: number;
  readonly most: number;
}

export interface KindOfAlarm {
  readonly title: Words;
  /**
   * `state`: looked at again and again, it is over when its cause is gone. `event`: something was told once; it is over when it
   * was cleared, or has not come again for `quiet_hours`.
   */
  readonly lasts: 'state' | 'event';
  readonly severity: AlarmSeverity;
  readonly numbers: Readonly<Record<string, NumberRule>>;
  /** Lists of words, none longer than {@link MOST_WORDS}. */
  readonly lists?: Readonly<Record<string, readonly string[]>>;
}

const WEEK_MINUTES = 10_080;
const number = (value: number, least: number, most: number): NumberRule => ({ default: value, least, most });
/** Hysteresis: a cause must be gone so long before its alarm is over; coming back before, it is the same alarm. */
const clear = (minutes: number): NumberRule => number(minutes, 0, WEEK_MINUTES);

export const ALARM_KINDS = {
  offline: {
    title: words('Carregador desconectado', 'Charger offline'),
    lasts: 'state',
    severity: 'warning',
    numbers: { minutes: number(15, 1, WEEK_MINUTES), clear_minutes: clear(5) },
  },
  faulted: {
    title: words('Falha no carregador', 'Charger faulted'),
    lasts: 'state',
    severity: 'critical',
    // 0: at once, in the commit of the message that tells it.
    numbers: { minutes: number(0, 0, WEEK_MINUTES), clear_minutes: clear(5) },
  },
  no_progress: {
    title: words('Recarga sem avanço', 'Charging without progress'),
    lasts: 'state',
    severity: 'warning',
    numbers: { minutes: number(30, 5, WEEK_MINUTES), clear_minutes: clear(2) },
  },
  flapping: {
    title: words('Conexão instável', 'Connects too often'),
    lasts: 'state',
    severity: 'warning',
    numbers: { clear_minutes: clear(30) },
  },
  certificate_expiry: {
    title: words('Certificado perto do vencimento', 'Certificate near its expiry'),
    lasts: 'state',
    severity: 'warning',
    numbers: { days: number(30, 1, 365), clear_minutes: clear(0) },
  },
  meter_gap: {
    title: words('Medição interrompida', 'Meter values missing'),
    lasts: 'state',
    severity: 'warning',
    numbers: {
      // Of the charger's own sampling; where it has not told how often it samples, of this many seconds.
      intervals: number(5, 2, 1000),
      default_interval_s: number(300, 10, 86_400),
      clear_minutes: clear(2),
    },
  },
  monitor_alert: {
    title: words('Alerta do monitoramento do carregador', "Alert of the charger's own monitoring"),
    lasts: 'event',
    severity: 'warning',
    // 2.x: 0 danger, 4 error, 9 debug.
    numbers: { max_severity: number(4, 0, 9), quiet_hours: number(168, 1, 8784), clear_minutes: clear(5) },
  },
  security_event: {
    title: words('Evento crítico de segurança', 'Critical security event'),
    lasts: 'event',
    severity: 'critical',
    numbers: { quiet_hours: number(24, 1, 8784) },
    // Critical by the specification's list, and told on every healthy day.
    lists: { ignore_types: ['StartupOfTheDevice', 'ResetOrReboot', 'SettingSystemTime', 'FirmwareUpdated'] },
  },
} as const satisfies Readonly<Record<string, KindOfAlarm>>;

export type AlarmKind = keyof typeof ALARM_KINDS;
export const ALARM_KIND_NAMES = Object.keys(ALARM_KINDS) as AlarmKind[];

/** Kinds that something told once, see {@link KindOfAlarm.lasts}. */
export const EVENT_KINDS: readonly AlarmKind[] = ALARM_KIND_NAMES.filter((kind) => ALARM_KINDS[kind].lasts === 'event');
