/**
 * NotifyEVChargingNeeds (2.x K15): what a vehicle asks for over ISO 15118. Accepted means that a profile follows: the control
 * role plans and sends it (control, background/vehicle-plans.ts). Without a transaction it follows when one runs.
 */
import { answerNeeds, type VehicleNeeds } from '@sigec/domain';
import { OLDEST_USABLE_MS, type RequestOf } from '@sigec/ocpp';
import { CallRefused, define } from '../../handler.js';
import { requireWhole } from '../../whole.js';
import { contentOf, requireEvse, runningAt, vehicleAt } from './check.js';

type Needs = RequestOf<'ocpp2.1', 'NotifyEVChargingNeeds'>['chargingNeeds'];

/** The least of what a vehicle says of its greatest power; null where it says nothing. */
function maxPowerOf(needs: Needs): number | null {
  const { acChargingParameters: ac, dcChargingParameters: dc, v2xChargingParameters: v2x } = needs;
  if (dc !== undefined) {
    const made = dc.evMaxCurrent * dc.evMaxVoltage;
    return dc.evMaxPower === undefined ? made : Math.min(dc.evMaxPower, made);
  }
  // 2.x: current and voltage are per phase.
  if (ac !== undefined) {
    const phases = { AC_single_phase: 1, AC_two_phase: 2 }[needs.requestedEnergyTransfer as string] ?? 3;
    return ac.evMaxCurrent * ac.evMaxVoltage * phases;
  }
  return v2x?.maxChargePower ?? null;
}

function departureOf(text: string | undefined): number | null {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  // A vehicle whose clock is not set says nothing of when it leaves.
  return at > OLDEST_USABLE_MS && at < 253_402_300_800_000 ? at : null;
}

function vehicleNeeds(needs: Needs): VehicleNeeds {
  const power = maxPowerOf(needs);
  return {
    transfer: needs.requestedEnergyTransfer,
    hasAc: needs.acChargingParameters !== undefined,
    hasDc: needs.dcChargingParameters !== undefined,
    maxPowerW: power !== null && power > 0 && Number.isFinite(power) ? power : null,
    departureAt: departureOf(needs.departureTime),
  };
}

type Reply = { readonly status: 'Accepted' | 'Rejected' | 'Processing'; readonly reason: string | null };

const reply = ({ status, reason }: Reply) =>
  reason === null ? { status } : { status, statusInfo: { reasonCode: reason } };

export const notifyEvChargingNeeds2x = define('ocpp2.0.1', 'NotifyEVChargingNeeds', {
  kind: 'durable',
  needs({ stationId, payload: { evseId } }, needs) {
    needs.activeTransactions(stationId);
    needs.look('stationEvses', { stationId });
    needs.look('evCharging', { stationId, evseId });
    needs.look('allowedTransfer', { stationId });
  },
  handle(call, unit) {
    const { stationId, payload, receivedAt } = call;
    const { evseId, maxScheduleTuples = null } = payload;
    if (evseId === 0) throw new CallRefused('property', 'evseId: must be above 0');
    requireEvse(call, unit, evseId);
    if (maxScheduleTuples !== null) requireWhole('maxScheduleTuples', maxScheduleTuples);

    const running = runningAt(unit, stationId, evseId)?.ocppTransactionId ?? '';
    const hash = contentOf(call);
    const vehicle = vehicleAt(unit, stationId, evseId);
    const before = vehicle.needs;
    if (before !== null && before.hash === hash && before.ocppTransactionId === running)
      return reply({ status: before.answer as Reply['status'], reason: before.answerReason });

    const chargingNeeds = payload.chargingNeeds as Needs;
    const needs = vehicleNeeds(chargingNeeds);
    const allowed = unit.found('allowedTransfer', { stationId })?.[running] ?? null;
    const answer = answerNeeds(needs, { running: running !== '', allowed });
    const answerReason = answer.status === 'Rejected' ? answer.reason : null;
    unit.know(
      'evCharging',
      { stationId, evseId },
      {
        ...vehicle,
        needs: { ocppTransactionId: running, hash, answer: answer.status, answerReason },
      },
    );
    const { tenantId } = unit.station(stationId);
    const { transfer, maxPowerW, departureAt } = needs;
    unit.add('evChargingNeeds', {
      ...{ stationId, tenantId, evseId, ocppTransactionId: running, transfer, maxPowerW, departureAt },
      controlMode: chargingNeeds.controlMode ?? null,
      mobilityMode: chargingNeeds.mobilityNeedsMode ?? null,
      maxScheduleTuples,
      needs: { ...chargingNeeds },
      answer: answer.status,
      answerReason,
      plan: answer.status === 'Rejected' ? 'none' : 'due',
      hash,
      receivedAt,
    });
    unit.tell(stationId, 'ev_charging.needs', {
      evse_id: evseId,
      ocpp_transaction_id: running === '' ? null : running,
      requested_energy_transfer: transfer,
      answer: answer.status,
    });
    return reply({ status: answer.status, reason: answerReason });
  },
});
