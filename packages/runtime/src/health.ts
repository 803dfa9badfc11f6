/** Health: named checks, each bounded in time, so that readiness tells the truth and never hangs. */

/** Throws or rejects when unwell; what it returns is shown as detail. */
export type HealthCheck = () => Promise<string | undefined> | string | undefined;

export interface CheckResult {
  readonly ok: boolean;
  readonly detail: string;
}
export interface HealthReport {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

async function bounded(check: HealthCheck, timeoutMs: number): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: `no answer in ${timeoutMs} ms` }), timeoutMs);
  });
  const run = (async (): Promise<CheckResult> => {
    try {
      return { ok: true, detail: (await check()) ?? 'ok' };
    } catch (error) {
      // The class only: messages of drivers may hold addresses and credentials, and this page is public.
      return { ok: false, detail: error instanceof Error ? error.name : 'failed' };
    }
  })();
  try {
    return await Promise.race([run, late]);
  } finally {
    clearTimeout(timer);
  }
}

export class HealthRegistry {
  readonly #checks = new Map<string, { readonly check: HealthCheck; readonly timeoutMs: number }>();
  #running: Promise<HealthReport> | undefined;
  #draining = false;

  /** Adds a check; the returned function takes it away. The default bound is 2000 ms. */
  register(name: string, check: HealthCheck, options: { readonly timeoutMs?: number } = {}): () => void {
    const entry = { check, timeoutMs: options.timeoutMs ?? 2000 };
    this.#checks.set(name, entry);
    return () => {
      if (this.#checks.get(name) === entry) this.#checks.delete(name);
    };
  }

  /** From now on not ready, so that a balancer looks elsewhere while this process ends. */
  drain(): void {
    this.#draining = true;
  }

  /** The process answers, whatever its neighbours do: a lost database must not restart a process that holds sockets. */
  live(): HealthReport {
    return { ok: true, checks: {} };
  }

  /** Runs every check; those who ask at the same time share one run. */
  ready(): Promise<HealthReport> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<HealthReport> {
    const results = await Promise.all(
      [...this.#checks].map(async ([name, { check, timeoutMs }]) => [name, await bounded(check, timeoutMs)] as const),
    );
    const checks: Record<string, CheckResult> = Object.fromEntries(results);
    if (this.#draining) checks.process = { ok: false, detail: 'shutting down' };
    return { ok: Object.values(checks).every(({ ok }) => ok), checks };
  }
}
