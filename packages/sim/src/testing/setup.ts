/** The room of what every test of a station starts with: a CSMS and a fast station, both ended afterwards. */
import type { Version } from '../frame.js';
import { createStation } from '../index.js';
import type { Station, StationOptions } from '../types.js';
import { TestCsms } from './csms.js';

const open: { close(): Promise<unknown> }[] = [];

export async function startCsms(version: Version): Promise<TestCsms> {
  const csms = new TestCsms(version);
  await csms.start();
  open.push({ close: () => csms.stop() });
  return csms;
}

/** A station that charges an hour per real second or so and reconnects within a blink. */
export function startStation(csms: TestCsms, options: Partial<StationOptions> = {}): Station {
  const station = createStation({
    url: csms.url,
    identity: 'SIM-1',
    version: csms.version,
    speed: 600,
    meterIntervalS: 30,
    backoff: { minimumMs: 20, randomMs: 10, repeats: 2 },
    retry: { attempts: 3, intervalMs: 20 },
    ...options,
  });
  open.push(station);
  return station;
}

/** Ends what a test started, stations first. */
export async function closeAll(): Promise<void> {
  for (const each of open.splice(0).reverse()) await each.close();
}

/** Problems a station tells of, collected. */
export function problemsOf(station: Station): string[] {
  const problems: string[] = [];
  station.on('problem', (text) => problems.push(text));
  return problems;
}
