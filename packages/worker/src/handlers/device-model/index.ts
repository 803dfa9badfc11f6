/** Handlers of the device model: components, variables, monitors, events, streams of values: a file for each action. */
import type { Family } from '../../handler.js';
import { closePeriodicEventStream21 } from './close-periodic-event-stream.js';
import { notifyEvent2x } from './notify-event.js';
import { notifyMonitoringReport2x } from './notify-monitoring-report.js';
import { notifyPeriodicEventStream21 } from './notify-periodic-event-stream.js';
import { notifyReport2x } from './notify-report.js';
import { openPeriodicEventStream21 } from './open-periodic-event-stream.js';

export const deviceModel: Family = {
  of16: [],
  of2x: [notifyReport2x, notifyMonitoringReport2x, notifyEvent2x],
  of21: [openPeriodicEventStream21, closePeriodicEventStream21, notifyPeriodicEventStream21],
};
