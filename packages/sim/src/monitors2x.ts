/** The room of what a 2.x station watches (2.x N): monitors, their events, and in 2.1 the streams of their values. */
import type { ChargingStation } from './charging.js';
import { type JsonObject, read } from './json.js';
import { say } from './operations.js';
import type { Handler } from './station.js';
import { Stream } from './streams21.js';
import { find, ITEMS, type Named, named, reportFilter } from './variables2x.js';

const TYPES = ['UpperThreshold', 'LowerThreshold', 'Delta', 'Periodic', 'PeriodicClockAligned'] as const;
type Type = (typeof TYPES)[number];

interface Monitor extends Named {
  readonly id: number;
  /** The store's name of its variable. */
  readonly name: string;
  readonly type: Type;
  readonly value: number;
  readonly severity: number;
  readonly transaction: boolean;
  /** A threshold: whether it is passed. */
  struck: boolean;
  /** The value that was told last. */
  told: string;
  stop: () => void;
}

/** Which monitors each criterion of GetMonitoringReport means (2.x 3.46). */
const CRITERIA: Readonly<Record<string, readonly Type[]>> = {
  ThresholdMonitoring: ['UpperThreshold', 'LowerThreshold'],
  DeltaMonitoring: ['Delta'],
  PeriodicMonitoring: ['Periodic', 'PeriodicClockAligned'],
};

const MAX_MONITORS = 200;
const CUSTOM = 'CustomMonitor';

export class Monitors {
  readonly #all = new Map<number, Monitor>();
  readonly #streams = new Map<number, Stream>();
  #nextId = 1;
  #nextEvent = 1;
  /** Events of a higher number are not told (2.x N06). */
  #level = 9;

  constructor(private readonly station: ChargingStation) {
    station.settings.watch = (name, value) => this.#changed(name, value);
  }

  /** SetVariableMonitoring's answer to one item (2.x N03). */
  set(item: JsonObject): JsonObject {
    const at = named(item);
    const type = read.word(item, 'type', TYPES);
    const severity = read.int(item, 'severity');
    const value = read.num(item, 'value');
    const wanted = read.optInt(item, 'id');
    const base = { ...at, type, severity };
    const { name, known } = find(this.station.settings, at);
    if (name === undefined) return { ...base, status: known ? 'UnknownVariable' : 'UnknownComponent' };
    const kind = this.station.settings.get(name)?.kind;
    if (type.endsWith('Threshold') && kind !== 'integer') return { ...base, status: 'UnsupportedMonitorType' };
    const replaced = wanted === undefined ? undefined : this.#all.get(wanted);
    const full = replaced === undefined && this.#all.size >= MAX_MONITORS;
    const amiss = severity < 0 || severity > 9 || (type !== 'Delta' && !type.endsWith('Threshold') && value <= 0);
    if (amiss || full || (wanted !== undefined && replaced?.name !== name)) return { ...base, status: 'Rejected' };
    const twin = [...this.#all.values()].some(
      (one) => one !== replaced && one.name === name && one.type === type && one.severity === severity,
    );
    if (twin) return { ...base, status: 'Duplicate' };
    if (replaced !== undefined) this.#drop(replaced);
    const monitor: Monitor = {
      ...at,
      ...{ id: replaced?.id ?? this.#nextId++, name, type, value, severity, struck: false, stop: () => {} },
      transaction: item.transaction === true,
      told: this.station.settings.get(name)?.value ?? '',
    };
    this.#all.set(monitor.id, monitor);
    const params = read.optObj(item, 'periodicEventStream');
    if (params !== undefined && this.station.version === '2.1') this.#open(monitor, params);
    else if (type.startsWith('Periodic'))
      monitor.stop = this.station.timers.every(
        () => (value * 1000) / this.station.speed,
        () => this.#event(monitor, 'Periodic', this.station.settings.get(name)?.value ?? ''),
      );
    return { ...base, status: 'Accepted', id: monitor.id };
  }

  /** ClearVariableMonitoring's answer for one id (2.x N06). */
  clear(id: number): JsonObject {
    const monitor = this.#all.get(id);
    if (monitor === undefined) return { id, status: 'NotFound' };
    this.#drop(monitor);
    return { id, status: 'Accepted' };
  }

  /** SetMonitoringBase: all that there are here are custom ones (2.x N05). */
  base(word: string): void {
    if (word !== 'All') for (const monitor of [...this.#all.values()]) this.#drop(monitor);
  }

  level(severity: number): boolean {
    if (severity < 0 || severity > 9) return false;
    this.#level = severity;
    return true;
  }

  /** What GetMonitoringReport asks for, as the items of NotifyMonitoringReport (2.x N02). */
  report(payload: JsonObject): JsonObject[] {
    const filter = reportFilter(payload);
    const criteria = Array.isArray(payload.monitoringCriteria) ? payload.monitoringCriteria : [];
    const types = criteria.flatMap((one) => CRITERIA[String(one)] ?? []);
    const of21 = this.station.version === '2.1' ? { eventNotificationType: CUSTOM } : {};
    return [...this.#all.values()]
      .filter((one) => filter(one.name) && (criteria.length === 0 || types.includes(one.type)))
      .map(({ component, variable, id, transaction, value, type, severity }) => ({
        component,
        variable,
        variableMonitoring: [{ id, transaction, value, type, severity, ...of21 }],
      }));
  }

  /** GetPeriodicEventStream (2.1 N12). */
  streams(): JsonObject[] {
    return [...this.#streams.values()].map((stream) => stream.described());
  }

  /** AdjustPeriodicEventStream (2.1 N13). */
  adjust(id: number, params: JsonObject): boolean {
    const stream = this.#streams.get(id);
    stream?.adjust(params);
    return stream !== undefined;
  }

  #open(monitor: Monitor, params: JsonObject): void {
    const read = () => this.station.settings.get(monitor.name)?.value ?? '';
    const stream = new Stream(this.station, monitor.id, params, read);
    this.#streams.set(monitor.id, stream);
    monitor.stop = () => {
      this.#streams.delete(monitor.id);
      stream.close();
    };
  }

  #drop(monitor: Monitor): void {
    monitor.stop();
    this.#all.delete(monitor.id);
  }

  #changed(name: string, value: string): void {
    for (const monitor of this.#all.values()) if (monitor.name === name) this.#look(monitor, value);
  }

  /** 2.x N07: an alert when a threshold is passed, and again when the value is back; a delta when it moved so far. */
  #look(monitor: Monitor, value: string): void {
    if (monitor.transaction && !this.station.isCharging) return;
    const number = Number(value);
    if (monitor.type === 'Delta') {
      const far = Number.isNaN(number) || Math.abs(number - Number(monitor.told)) >= monitor.value;
      if (far && value !== monitor.told) this.#event(monitor, 'Delta', value);
    }
    if (!monitor.type.endsWith('Threshold')) return;
    const passed = monitor.type === 'UpperThreshold' ? number > monitor.value : number < monitor.value;
    if (passed === monitor.struck) return;
    monitor.struck = passed;
    this.#event(monitor, 'Alerting', value, !passed);
  }

  #event(monitor: Monitor, trigger: string, actualValue: string, cleared = false): void {
    monitor.told = actualValue;
    if (monitor.severity > this.#level || !this.station.isOnline) return;
    const { component, variable, id, severity } = monitor;
    const at = this.station.clock.stamp();
    const told = {
      ...{ eventId: this.#nextEvent++, timestamp: at, trigger, actualValue, cleared, component, variable },
      ...{ variableMonitoringId: id, eventNotificationType: CUSTOM },
      ...(this.station.version === '2.1' ? { severity } : {}),
    };
    this.station.background(() =>
      this.station.send('NotifyEvent', { generatedAt: at, seqNo: 0, tbc: false, eventData: [told] }),
    );
  }
}

/** What the CSMS may ask of the monitors. */
export function monitors2x(station: ChargingStation): Record<string, Handler> {
  const monitors = new Monitors(station);
  return {
    SetVariableMonitoring: (p) => ({
      answer: { setMonitoringResult: read.objects(p, 'setMonitoringData').map((item) => monitors.set(item)) },
    }),
    ClearVariableMonitoring: (p) => {
      const ids = Array.isArray(p.id) ? p.id.map(Number) : [];
      return { answer: { clearMonitoringResult: ids.map((id) => monitors.clear(id)) } };
    },
    SetMonitoringBase: (p) => {
      monitors.base(read.word(p, 'monitoringBase', ['All', 'FactoryDefault', 'HardWiredOnly']));
      return say('Accepted');
    },
    SetMonitoringLevel: (p) => say(monitors.level(read.int(p, 'severity')) ? 'Accepted' : 'Rejected'),
    GetMonitoringReport: (p) => {
      const requestId = read.int(p, 'requestId');
      const found = monitors.report(p);
      if (found.length === 0) return say('EmptyResultSet');
      return say('Accepted', () =>
        station.background(async () => {
          for (let at = 0; at < found.length; at += ITEMS)
            await station.send('NotifyMonitoringReport', {
              requestId,
              generatedAt: station.clock.stamp(),
              seqNo: at / ITEMS,
              tbc: at + ITEMS < found.length,
              monitor: found.slice(at, at + ITEMS),
            });
        }),
      );
    },
    ...(station.version === '2.1' && {
      GetPeriodicEventStream: () => {
        const open = monitors.streams();
        return { answer: open.length === 0 ? {} : { constantStreamData: open } };
      },
      AdjustPeriodicEventStream: (p: JsonObject) =>
        say(monitors.adjust(read.int(p, 'id'), read.obj(p, 'params')) ? 'Accepted' : 'Rejected'),
    }),
  };
}
