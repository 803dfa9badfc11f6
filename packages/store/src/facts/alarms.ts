/** What batches tell alarms. */
import { faultedStation } from '../alarms/faulted.js';
import { toldAlarm } from '../alarms/told.js';

export const ALARM_FACTS = { faultedStation, toldAlarm };
