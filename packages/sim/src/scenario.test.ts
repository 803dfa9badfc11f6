import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkScenario, resolveScenario, runScenario } from './index.js';
import { closeAll, startCsms, startStation } from './testing/setup.js';

afterEach(closeAll);

describe('scenarios', () => {
  it('runs the steps of a file, over a lost connection', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sim-'));
    try {
      const steps = [
        { do: 'boot' },
        { do: 'authorize', idToken: 'CARD' },
        { do: 'start', evse: 2, idToken: 'CARD' },
        { do: 'disconnect', seconds: 30 },
        { do: 'meter', evse: 2, every: 10, times: 2 },
        { do: 'stop', evse: 2, reason: 'EVDisconnected' },
        { do: 'flush' },
        { do: 'send', action: 'DataTransfer', payload: { vendorId: 'x' } },
      ];
      await writeFile(join(folder, 'a.json'), JSON.stringify(steps));
      await writeFile(join(folder, 'b.mjs'), `export default ${JSON.stringify(steps)};`);
      await writeFile(join(folder, 'c.json'), '[{"do":"wait"}]');
      expect(await resolveScenario(join(folder, 'b.mjs'))).toEqual(steps);
      await expect(resolveScenario(join(folder, 'c.json'))).rejects.toThrow('steps[0].seconds: missing');
      const csms = await startCsms('2.0.1');
      csms.answer('DataTransfer', () => ({ status: 'UnknownVendorId' }));
      const station = startStation(csms, { evses: 2 });
      const scenario = await resolveScenario(join(folder, 'a.json'));
      const { completed, transactions } = await runScenario(station, scenario);
      expect(completed).toBe(true);
      expect(transactions).toMatchObject([{ evse: 2, idToken: 'CARD', reason: 'EVDisconnected' }]);
      expect(csms.connections).toBe(2);
      expect(csms.of('DataTransfer')).toHaveLength(1);
      expect(csms.violations).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('names the step and the field that is wrong', () => {
    expect(() => checkScenario({})).toThrow('steps');
    expect(() => checkScenario([])).toThrow('1 to');
    expect(() => checkScenario([{ do: 'boot' }, { do: 'fly' }])).toThrow('steps[1].do');
    expect(() => checkScenario([{ do: 'start', evse: 0 }])).toThrow('steps[0].evse');
    expect(() => checkScenario([{ do: 'start', idToken: 5 }])).toThrow('steps[0].idToken');
    expect(() => checkScenario([{ do: 'stop', reason: 'Boredom' }])).toThrow('steps[0].reason');
    expect(() => checkScenario([{ do: 'wait', seconds: -1 }])).toThrow('steps[0].seconds');
    expect(() => checkScenario([{ do: 'boot', evse: 1 }])).toThrow('steps[0].evse');
  });

  it('stops where a step fails, and says which', async () => {
    const csms = await startCsms('1.6');
    csms.answer('Authorize', () => ({ idTagInfo: { status: 'Expired' } }));
    const station = startStation(csms);
    await expect(runScenario(station, 'session')).rejects.toThrow('step 2 (authorize): idToken: Expired');
    expect(csms.of('StartTransaction')).toEqual([]);
  });

  it('remote: waits for the CSMS to start, and ends when it stopped', async () => {
    const csms = await startCsms('1.6');
    const station = startStation(csms);
    const running = runScenario(station, 'remote');
    await once(station, 'boot');
    await csms.call('RemoteStartTransaction', { idTag: 'APP' });
    await csms.until(() => csms.of('MeterValues').length > 1, 'two samples');
    await csms.call('RemoteStopTransaction', { transactionId: 101 });
    expect(await running).toMatchObject({ completed: true, transactions: [{ transactionId: '101', remote: true }] });
  });
});
