import { join } from 'node:path';
import { catalogueOf, OCPP_VERSIONS } from '@sigec/ocpp';
import { ROUTES } from '@sigec/worker';
import { describe, expect, it } from 'vitest';
import { coveragePage } from './page.js';
import { fieldNumbers, ROOT, scan } from './scan.js';

const rows = await scan();

describe.each(OCPP_VERSIONS)('%s', (version) => {
  const own = rows.filter((row) => row.version === version);

  it('has a row of the catalogue for every action of the schemas, and no other', () => {
    expect(own.map(({ action }) => action)).toEqual(
      catalogueOf(version)
        .map(({ action }) => action)
        .sort(),
    );
  });

  it('has a handler for every message of a station', () => {
    const wanted = own.filter(({ direction }) => direction !== 'toStation').map(({ action }) => action);
    expect([...ROUTES[version].keys()].sort()).toEqual(wanted);
  });

  it('has a place and a test for every action', () => {
    const bare = own.filter(({ handlers, tests }) => handlers.length === 0 || tests.length === 0);
    expect(bare.map(({ action, handlers, tests }) => ({ action, handlers, tests }))).toEqual([]);
  });

  it('is played by the simulator, every action of it', () => {
    expect(own.filter(({ simulator }) => simulator.length === 0).map(({ action }) => action)).toEqual([]);
  });
});

it('what real chargers taught of calls and data, 16 to 34, each has a test that carries its number', () => {
  const wanted = Array.from({ length: 19 }, (_, n) => 16 + n);
  const carried = fieldNumbers();
  expect(wanted.filter((number) => !carried.has(number))).toEqual([]);
});

it('is what the page says', async () => {
  await expect(coveragePage(rows)).toMatchFileSnapshot(join(ROOT, 'docs/ocpp-coverage.md'));
});
