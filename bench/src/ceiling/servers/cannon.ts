/** The one client of REST, in a process of its own: autocannon, told what to do by its parent. */
import autocannon from 'autocannon';

export interface Shot {
  readonly url: string;
  /** Asked for in turn. */
  readonly paths: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
}

/** Latencies in milliseconds. `failed`: answers that were no 2xx, and requests without one. */
export interface Hit {
  readonly requests: number;
  readonly seconds: number;
  readonly rate: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly failed: number;
  readonly cpuSeconds: number;
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function shoot({ url, paths, headers, connections, seconds }: Shot): Promise<Hit> {
  const before = cpuSeconds();
  const requests = paths.map((path) => ({ path, headers: { ...headers } }));
  const result = await autocannon({ url, requests, connections, duration: seconds });
  const { latency } = result;
  return {
    requests: result['2xx'],
    seconds: result.duration,
    rate: result['2xx'] / result.duration,
    p50: latency.p50,
    p90: latency.p90,
    p99: latency.p99,
    failed: result.non2xx + result.errors,
    cpuSeconds: cpuSeconds() - before,
  };
}

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (shot: Shot) => {
  void shoot(shot).then((hit) => process.send?.(hit));
});
