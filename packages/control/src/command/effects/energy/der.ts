/** SetDERControl and ClearDERControl: controls that a station took are remembered. 2.1 R04. */
import type { RequestOf } from '@sigec/ocpp';
import { forgetDerControls, saveDerControl } from '@sigec/store';
import type { Effect } from '../../effect.js';
import { checkTime, Faults, timeOf } from './check.js';

type SetControl = RequestOf<'ocpp2.1', 'SetDERControl'>;
type ClearControl = RequestOf<'ocpp2.1', 'ClearDERControl'>;

/** The field in which the figures of a control stand; of any other type they are a curve. */
const FIELDS = {
  EnterService: 'enterService',
  FixedPFAbsorb: 'fixedPFAbsorb',
  FixedPFInject: 'fixedPFInject',
  FixedVar: 'fixedVar',
  FreqDroop: 'freqDroop',
  Gradients: 'gradient',
  LimitMaxDischarge: 'limitMaxDischarge',
} as const;
const ALL = [...Object.values(FIELDS), 'curve'] as const;

interface Figures {
  readonly priority: number;
  readonly startTime?: string;
  readonly duration?: number;
}

function check(payload: SetControl): Figures {
  const faults = new Faults();
  const { controlType, isDefault } = payload;
  const field = Object.hasOwn(FIELDS, controlType) ? FIELDS[controlType as keyof typeof FIELDS] : 'curve';
  for (const other of ALL)
    if (other !== field && payload[other] !== undefined) faults.add(other, `is no part of ${controlType}`);
  const figures: Figures | undefined = payload[field];
  if (figures === undefined) faults.add(field, `is needed for ${controlType}`).throwAny();
  const { startTime, duration, priority } = figures as Figures;
  checkTime(faults, `${field}.startTime`, startTime);
  if (priority > 2 ** 31 - 1) faults.add(`${field}.priority`, 'is too large');
  if (duration !== undefined && duration <= 0) faults.add(`${field}.duration`, 'must be above 0');
  // A default control holds whenever no other does; a scheduled one needs to know when.
  if (isDefault && (startTime !== undefined || duration !== undefined))
    faults.add(`${field}.${startTime === undefined ? 'duration' : 'startTime'}`, 'is of scheduled controls only');
  if (!isDefault && startTime === undefined && field !== 'enterService' && field !== 'gradient')
    faults.add(`${field}.startTime`, 'is needed for a scheduled control');
  faults.throwAny();
  return figures as Figures;
}

export const setDer: Effect = {
  async begin({ services: { db }, actor, station }, payload) {
    const control = payload as unknown as SetControl;
    const figures = check(control);
    return {
      async answered({ response }) {
        if (response.status !== 'Accepted') return undefined;
        const told = Array.isArray(response.supersededIds) ? response.supersededIds : [];
        const superseded = told.filter((id): id is string => typeof id === 'string');
        await saveDerControl(
          db,
          actor,
          {
            stationId: station.id,
            controlId: control.controlId,
            controlType: control.controlType,
            isDefault: control.isDefault,
            // What has a higher priority puts the new one aside at once.
            superseded: superseded.includes(control.controlId),
            startsAt: timeOf(figures.startTime),
            durationS: figures.duration ?? null,
            priority: figures.priority,
            content: { ...figures },
          },
          superseded,
        );
        return undefined;
      },
    };
  },
};

export const clearDer: Effect = {
  async begin({ services: { db }, actor, station }, payload) {
    const { isDefault, controlType = null, controlId = null } = payload as unknown as ClearControl;
    return {
      async answered({ response }) {
        if (response.status === 'Accepted' || response.status === 'NotFound')
          await forgetDerControls(db, actor, station.id, { isDefault, controlType, controlId });
        return undefined;
      },
    };
  },
};
