/** The room of waiting that an abort ends. */

/** Sleeps, but not on after an abort. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over);
  });
}

/** What the work resolves with; null where it takes longer, or is aborted. */
export async function within<T>(ms: number, signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  const over = new AbortController();
  const stop = () => over.abort();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, pause(ms, over.signal).then(() => null)]);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
