/** Whether a charger's answer is a yes. */
import type { Payload } from './effect.js';

export interface Verdict {
  readonly accepted: boolean;
  /** The charger's own word; `Accepted` where its message has none, as it answered. */
  readonly status: string;
}

/** Words that mean it was done, or will be. Anything else is a no. */
const YES: ReadonlySet<string> = new Set([
  ...['Accepted', 'AcceptedCanceled', 'Scheduled', 'RebootRequired', 'Unlocked', 'Processing'],
]);

/** Answers that hold a status for each of what was asked for. */
const LISTS: readonly (readonly [list: string, status: string])[] = [
  ['setVariableResult', 'attributeStatus'],
  ['setMonitoringResult', 'status'],
  ['clearMonitoringResult', 'status'],
  ['clearTariffsResult', 'status'],
];

const of = (status: string): Verdict => ({ accepted: YES.has(status), status });

/** The first no of a list is the answer's. */
export function verdictOf(response: Payload): Verdict {
  if (typeof response.status === 'string') return of(response.status);
  for (const [list, field] of LISTS) {
    const entries = response[list];
    if (!Array.isArray(entries)) continue;
    const words = entries.map((entry) => String((entry as Payload | null)?.[field] ?? 'Accepted'));
    return of(words.find((word) => !YES.has(word)) ?? words[0] ?? 'Accepted');
  }
  return of('Accepted');
}
