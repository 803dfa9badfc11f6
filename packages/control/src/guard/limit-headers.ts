/** What a limited answer says of its limit. */

/** Where a limit stands for whoever asks. */
export interface Standing {
  readonly limit: number;
  readonly remaining: number;
  /** Until the window ends, ms. */
  readonly resetMs: number;
}

/** Seconds, rounded up: whoever waits so long is not too early. */
const seconds = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));

/** Names in lower case, as {@link answerWith} takes them. */
export function limitHeaders({ limit, remaining, resetMs }: Standing): Readonly<Record<string, string>> {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': seconds(resetMs),
  };
}

/** Those of a refusal. */
export function refusalHeaders(standing: Standing): Readonly<Record<string, string>> {
  return { ...limitHeaders({ ...standing, remaining: 0 }), 'retry-after': seconds(standing.resetMs) };
}
