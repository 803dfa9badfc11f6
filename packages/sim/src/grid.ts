/** The room of grid control (2.1 block R): controls that are set, begin, end, put others aside, and are told of. */
import type { ChargingStation } from './charging.js';
import { isObject, type JsonObject, read } from './json.js';
import { say } from './operations.js';
import type { Handler } from './station.js';

interface Control {
  readonly id: string;
  readonly type: string;
  readonly isDefault: boolean;
  readonly figures: JsonObject;
  superseded: boolean;
  /** Ends what waits for its times. */
  cancel: () => void;
}

/** By type: the field of SetDERControl, the list of ReportDERControl, and the field within an entry of it. */
const PLACES: Record<string, readonly [set: string, list: string, entry: string]> = {
  EnterService: ['enterService', 'enterService', 'enterService'],
  FixedPFAbsorb: ['fixedPFAbsorb', 'fixedPFAbsorb', 'fixedPF'],
  FixedPFInject: ['fixedPFInject', 'fixedPFInject', 'fixedPF'],
  FixedVar: ['fixedVar', 'fixedVar', 'fixedVar'],
  FreqDroop: ['freqDroop', 'freqDroop', 'freqDroop'],
  Gradients: ['gradient', 'gradient', 'gradient'],
  LimitMaxDischarge: ['limitMaxDischarge', 'limitMaxDischarge', 'limitMaxDischarge'],
};
const CURVE = ['curve', 'curve', 'curve'] as const;
const placeOf = (type: string) => (Object.hasOwn(PLACES, type) ? (PLACES[type] ?? CURVE) : CURVE);

/** What this station cannot do. */
const NOT_SUPPORTED = ['PowerMonitoringMustTrip'];
const MOST_CONTROLS = 100;
/** Small, so that a report has parts. */
const CONTROLS_PER_PART = 3;
/** setTimeout knows no longer times. */
const LONGEST_MS = 2 ** 31 - 1;

function entryOf({ id, type, isDefault, superseded, figures }: Control): [list: string, entry: JsonObject] {
  const [, list, field] = placeOf(type);
  const always = list === 'enterService' || list === 'gradient';
  return [
    list,
    {
      id,
      [field]: figures,
      ...(always ? {} : { isDefault, isSuperseded: superseded }),
      ...(list === 'curve' ? { curveType: type } : {}),
    },
  ];
}

export function grid21(station: ChargingStation): Record<string, Handler> {
  const controls = new Map<string, Control>();

  const remove = (control: Control) => {
    control.cancel();
    controls.delete(control.id);
  };
  /** Those of one type that a control is stronger than; 0 is the highest priority. */
  const weaker = (than: Control): Control[] =>
    [...controls.values()].filter(
      (c) =>
        c !== than &&
        c.type === than.type &&
        c.isDefault === than.isDefault &&
        read.int(c.figures, 'priority') >= read.int(than.figures, 'priority'),
    );
  const tell = (control: Control, started: boolean, supersededIds: string[] = []) =>
    station.background(() =>
      station.send('NotifyDERStartStop', {
        controlId: control.id,
        started,
        timestamp: station.clock.stamp(),
        ...(supersededIds.length > 0 ? { supersededIds: supersededIds.slice(0, 24) } : {}),
      }),
    );
  /** R06: a scheduled control begins and ends at its times. */
  const schedule = (control: Control) => {
    if (control.isDefault) return;
    const startMs = read.optTime(control.figures, 'startTime') ?? station.clock.now();
    const durationS = read.optNum(control.figures, 'duration');
    const wait = (ms: number, then: () => void) => {
      if (ms < LONGEST_MS) control.cancel = station.timers.after(Math.max(0, ms), then);
    };
    wait(startMs - station.clock.now(), () => {
      tell(
        control,
        true,
        weaker(control).map(({ id }) => id),
      );
      if (durationS === undefined) return;
      wait(durationS * 1000, () => {
        tell(control, false);
        remove(control);
      });
    });
  };

  return {
    SetDERControl: (p) => {
      const [id, type, isDefault] = [read.str(p, 'controlId'), read.str(p, 'controlType'), p.isDefault === true];
      const figures = p[placeOf(type)[0]];
      if (NOT_SUPPORTED.includes(type)) return say('NotSupported');
      if (!isObject(figures) || (controls.size >= MOST_CONTROLS && !controls.has(id))) return say('Rejected');
      const before = controls.get(id);
      if (before !== undefined) remove(before);
      const control: Control = { id, type, isDefault, figures, superseded: false, cancel: () => {} };
      controls.set(id, control);
      const aside = weaker(control);
      control.superseded = [...controls.values()].some(
        (c) => c !== control && c.type === type && c.isDefault === isDefault && !aside.includes(c),
      );
      for (const other of aside) other.superseded = true;
      const supersededIds = aside.map((c) => c.id).slice(0, 24);
      const answer = { status: 'Accepted', ...(supersededIds.length > 0 ? { supersededIds } : {}) };
      return { answer, after: () => schedule(control) };
    },
    GetDERControl: (p) => {
      const requestId = read.int(p, 'requestId');
      const [id, type] = [read.optStr(p, 'controlId'), read.optStr(p, 'controlType')];
      const found = [...controls.values()].filter(
        (c) =>
          (p.isDefault === undefined || c.isDefault === p.isDefault) &&
          (id === undefined ? type === undefined || c.type === type : c.id === id),
      );
      if (found.length === 0) return say('NotFound');
      return say('Accepted', () =>
        station.background(async () => {
          for (let at = 0; at < found.length; at += CONTROLS_PER_PART) {
            const lists: Record<string, JsonObject[]> = {};
            for (const control of found.slice(at, at + CONTROLS_PER_PART)) {
              const [list, entry] = entryOf(control);
              lists[list] = [...(lists[list] ?? []), entry];
            }
            await station.send('ReportDERControl', { requestId, tbc: at + CONTROLS_PER_PART < found.length, ...lists });
          }
        }),
      );
    },
    ClearDERControl: (p) => {
      const [id, type] = [read.optStr(p, 'controlId'), read.optStr(p, 'controlType')];
      const found = [...controls.values()].filter(
        (c) =>
          c.isDefault === (p.isDefault === true) &&
          (id === undefined ? type === undefined || c.type === type : c.id === id),
      );
      if (found.length === 0) return say('NotFound');
      for (const control of found) remove(control);
      return say('Accepted');
    },
  };
}
