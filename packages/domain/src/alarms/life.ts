/**
 * The life of an alarm. It is open where nobody has seen to it, comes back from a snooze, stays acknowledged until it is over,
 * and is resolved by its cause, which is gone for long enough, or by an operator. An operator who resolves it while its cause
 * stands is not told of that cause again; another cause of the same thing opens it again.
 */
import type { AlarmState } from './kinds.js';

export type AlarmAction = 'acknowledge' | 'snooze' | 'resolve';

interface Step {
  readonly from: readonly AlarmState[];
  readonly to: AlarmState;
}

export const ALARM_STEPS: Readonly<Record<AlarmAction, Step>> = {
  acknowledge: { from: ['open', 'snoozed'], to: 'acknowledged' },
  // Snoozed again: until another time.
  snooze: { from: ['open', 'acknowledged', 'snoozed'], to: 'snoozed' },
  resolve: { from: ['open', 'acknowledged', 'snoozed'], to: 'resolved' },
};
