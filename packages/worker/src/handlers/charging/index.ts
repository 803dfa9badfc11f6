/** Handlers of smart charging: profiles, limits, needs and schedules of vehicles: a file for each action. */
import type { Family } from '../../handler.js';
import { clearedChargingLimit2x } from './cleared-charging-limit.js';
import { notifyChargingLimit2x } from './notify-charging-limit.js';
import { notifyEvChargingNeeds2x } from './notify-ev-charging-needs.js';
import { notifyEvChargingSchedule2x } from './notify-ev-charging-schedule.js';
import { notifyPriorityCharging21 } from './notify-priority-charging.js';
import { pullDynamicScheduleUpdate21 } from './pull-dynamic-schedule-update.js';
import { reportChargingProfiles2x } from './report-charging-profiles.js';

export const charging: Family = {
  of16: [],
  of2x: [
    clearedChargingLimit2x,
    notifyChargingLimit2x,
    notifyEvChargingNeeds2x,
    notifyEvChargingSchedule2x,
    reportChargingProfiles2x,
  ],
  of21: [notifyPriorityCharging21, pullDynamicScheduleUpdate21],
};
