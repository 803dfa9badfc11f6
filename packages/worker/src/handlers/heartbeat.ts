/** Heartbeat: alive, and what time is it. 1.6 section 4.6; 2.x G02. When it was heard is noted apart, in batches. */
import { define } from '../handler.js';

const body = {
  kind: 'immediate',
  answer: (_call: unknown, _settings: unknown, now: number) => ({ currentTime: new Date(now).toISOString() }),
} as const;

export const heartbeat16 = define('ocpp1.6', 'Heartbeat', body);
export const heartbeat2x = define('ocpp2.0.1', 'Heartbeat', body);
