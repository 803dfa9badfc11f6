/** How alarms come and go by themselves; what people do with them is in queries. */
export type { FaultedStation } from './faulted.js';
export { type Looked, lookFor, watchCharging } from './look.js';
export type { LookedFor } from './standing.js';
export type { ToldAlarm } from './told.js';
export { type Kept, keepAlarms, type Turn, takeTurns } from './upkeep.js';
