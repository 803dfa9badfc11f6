/** Heartbeat: alive, and what time is it. 1.6 section 4.6; 2.x G02. When it was heard is noted apart, in batches. */
import { define } from '../handler.js';

let lastMs = 0;
let lastText = '';

/** Thousands are answered within one millisecond; its text is made once. */
function isoOf(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms;
    lastText = new Date(ms).toISOString();
  }
  return lastText;
}

const body = {
  kind: 'immediate',
  answer: (_call: unknown, _settings: unknown, now: number) => ({ currentTime: isoOf(now) }),
} as const;

export const heartbeat16 = define('ocpp1.6', 'Heartbeat', body);
export const heartbeat2x = define('ocpp2.0.1', 'Heartbeat', body);
