/** What 2.1 adds to smart charging: dynamic values, priority, ways of energy transfer, signals of the grid. */
import { highestLimit } from '@sigec/domain';
import { chargingContext, noteAfrrSignal, noteAllowedTransfer, notePriority, putDynamicSchedule } from '@sigec/store';
import { ProblemError } from '../../problem.js';

import type { Effect } from '../effect.js';

type Json = Readonly<Record<string, unknown>>;
const INT32 = 2 ** 31;
const word = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 50) : 'Unknown');

/** UpdateDynamicSchedule (2.1 K28): new values of a dynamic profile, within what the EVSE can do. */
export const dynamicUpdated: Effect = {
  async begin({ services, actor, station }, payload) {
    const profileId = Number(payload.chargingProfileId);
    const update = payload.scheduleUpdate as Json;
    const profiles = (await chargingContext(services.db, actor, station.id, 0))?.held ?? [];
    const held = profiles.find((profile) => profile.id === profileId);
    const errors: { field: string; message: string }[] = [];
    if (Math.abs(profileId) >= INT32) errors.push({ field: 'chargingProfileId', message: 'is too large' });
    if (held !== undefined && held.kind !== 'Dynamic')
      errors.push({ field: 'chargingProfileId', message: 'is not a dynamic profile' });
    const unit = held?.schedules[0]?.unit;
    const limit = typeof update.limit === 'number' ? update.limit : null;
    if (limit !== null && limit < 0) errors.push({ field: 'scheduleUpdate.limit', message: 'must not be negative' });
    if (held !== undefined && unit !== undefined && limit !== null) {
      const context = await chargingContext(services.db, actor, station.id, held.evseId);
      const most = context === undefined ? null : highestLimit(context.ability, unit, null);
      if (most !== null && limit > most)
        errors.push({
          field: 'scheduleUpdate.limit',
          message: `is above the ${Math.round(most)} ${unit} that it can deliver`,
        });
    }
    if (errors.length > 0) throw new ProblemError('validation', { errors });
    return {
      async answered({ response }) {
        if (response.status === 'Accepted')
          await putDynamicSchedule(services.db, actor, station.id, profileId, update, 'Accepted');
        return undefined;
      },
    };
  },
};

/** UsePriorityCharging (2.1 K22). */
export const priorityAsked: Effect = {
  async begin({ services, actor, station }, payload) {
    return {
      async answered({ response }) {
        const answer = word(response.status);
        if (answer !== 'Accepted') return undefined;
        const { transactionId, activate } = payload;
        await notePriority(services.db, actor, station.id, String(transactionId), activate === true, answer);
        return undefined;
      },
    };
  },
};

/** NotifyAllowedEnergyTransfer (2.1 Q01). */
export const transferAllowed: Effect = {
  async begin({ services, actor, station }, payload) {
    return {
      async answered({ response }) {
        const modes = payload.allowedEnergyTransfer as readonly string[];
        const id = String(payload.transactionId);
        await noteAllowedTransfer(services.db, actor, station.id, id, modes, word(response.status));
        return undefined;
      },
    };
  },
};

/** AFRRSignal (2.1 Q10): a record of what was sent and answered. */
export const afrrSent: Effect = {
  async begin({ services, actor, station }, payload) {
    const signal = Number(payload.signal);
    const at = Date.parse(String(payload.timestamp));
    const errors = [
      ...(Math.abs(signal) < INT32 ? [] : [{ field: 'signal', message: 'is too large' }]),
      ...(at >= 0 && at < 253_402_300_800_000 ? [] : [{ field: 'timestamp', message: 'must be a time' }]),
    ];
    if (errors.length > 0) throw new ProblemError('validation', { errors });
    const note = (answer: string) =>
      noteAfrrSignal(services.db, actor, station.id, { signal, signalAt: new Date(at), answer });
    return {
      async answered({ response }) {
        await note(word(response.status));
        return undefined;
      },
      async failed(error) {
        await note(error instanceof ProblemError ? error.code : 'failed');
      },
    };
  },
};
