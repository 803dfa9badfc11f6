/** ReportDERControl: a part of the answer to GetDERControl. 2.1 R04. */
import type { RequestOf } from '@sigec/ocpp';
import type { DerControlFact } from '@sigec/store';
import { define } from '../../handler.js';
import { INT32_MAX } from '../../whole.js';
import { needsUnnumbered, takeUnnumbered } from './parts.js';
import { planTime } from './plan.js';

type Report = RequestOf<'ocpp2.1', 'ReportDERControl'>;
type Control = Omit<DerControlFact, 'stationId' | 'tenantId'>;

/** What every kind of control may hold beside its own figures. */
interface Settings {
  readonly priority: number;
  readonly startTime?: string;
  readonly duration?: number;
}

/** Enter-service settings and gradients hold always: they have no schedule, and nothing takes their place. */
interface Reported {
  readonly id: string;
  readonly isDefault?: boolean;
  readonly isSuperseded?: boolean;
}

function control(controlType: string, { id, isDefault, isSuperseded }: Reported, settings: Settings): Control {
  return {
    controlId: id,
    controlType,
    isDefault: isDefault ?? true,
    superseded: isSuperseded ?? false,
    startsAt: planTime(settings.startTime),
    durationS: settings.duration ?? null,
    priority: Math.min(settings.priority, INT32_MAX),
    content: { ...settings },
  };
}

/** Each control by itself, whichever list of the report it stood in. */
export function controlsOf(report: Report): Control[] {
  return [
    ...(report.curve ?? []).map((c) => control(c.curveType, c, c.curve)),
    ...(report.enterService ?? []).map((c) => control('EnterService', c, c.enterService)),
    ...(report.fixedPFAbsorb ?? []).map((c) => control('FixedPFAbsorb', c, c.fixedPF)),
    ...(report.fixedPFInject ?? []).map((c) => control('FixedPFInject', c, c.fixedPF)),
    ...(report.fixedVar ?? []).map((c) => control('FixedVar', c, c.fixedVar)),
    ...(report.freqDroop ?? []).map((c) => control('FreqDroop', c, c.freqDroop)),
    ...(report.gradient ?? []).map((c) => control('Gradients', c, c.gradient)),
    ...(report.limitMaxDischarge ?? []).map((c) => control('LimitMaxDischarge', c, c.limitMaxDischarge)),
  ];
}

export const reportDERControl21 = define('ocpp2.1', 'ReportDERControl', {
  kind: 'durable',
  needs(call, needs) {
    needsUnnumbered(call, needs, call.payload.requestId);
  },
  handle(call, unit) {
    const { requestId, tbc } = call.payload;
    const controls = controlsOf(call.payload);
    // As REST shows them, and as they are compared when the part comes again.
    const items = controls.map((c) => ({
      control_id: c.controlId,
      control_type: c.controlType,
      is_default: c.isDefault,
      is_superseded: c.superseded,
      content: c.content,
    }));
    const taken = takeUnnumbered(call, unit, 'GetDERControl', { requestId, tbc, items });
    if (taken === undefined) return {};
    const { stationId } = call;
    const { tenantId } = unit.station(stationId);
    for (const row of controls) unit.add('derControl', { stationId, tenantId, ...row });
    if (taken.last) unit.add('derSweep', { request: taken.request });
    unit.tell(stationId, 'der.reported', { request_id: requestId, controls: controls.length });
    return {};
  },
});
