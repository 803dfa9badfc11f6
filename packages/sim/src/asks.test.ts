/** What a station tells and asks for others, by the steps of a scenario; every message holds by its schema. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Json, runScenario, type Scenario } from './index.js';
import { closeAll, startCsms, startStation } from './testing/setup.js';

afterEach(closeAll);

async function booted(version: '1.6' | '2.0.1' | '2.1') {
  const csms = await startCsms(version);
  csms.answer('VatNumberValidation', ({ vatNumber }) => ({
    ...{ vatNumber, status: vatNumber === '11222333000181' ? 'Accepted' : 'Rejected' },
    company: { name: 'ACME', address1: 'Rua 1', city: 'São Paulo', country: 'BR' },
  }));
  csms.answer('Get15118EVCertificate', ({ action }) => ({
    ...{ status: action === 'Install' ? 'Accepted' : 'Failed', exiResponse: 'gJg=' },
  }));
  const station = startStation(csms);
  await station.boot();
  return { csms, station, run: (...steps: Scenario) => runScenario(station, steps) };
}

describe('what is asked for others', () => {
  it('2.1: a terminal settles the session that ended, with a tax number that was found valid', async () => {
    const { csms, run } = await booted('2.1');
    const session = [{ do: 'start' }, { do: 'stop' }, { do: 'flush' }] as const;
    const { transactions } = await run(...session, { do: 'settle', amount: 12.34, vatNumber: '11222333000181' });
    expect(csms.of('NotifySettlement').map(({ payload }) => payload)).toMatchObject([
      {
        transactionId: transactions[0]?.transactionId,
        ...{ status: 'Settled', settlementAmount: 12.34, vatNumber: '11222333000181', vatCompany: { name: 'ACME' } },
      },
    ]);
    await expect(run({ do: 'settle', amount: 1, vatNumber: 'x' })).rejects.toThrow('vatNumber: Rejected');
    expect(csms.of('NotifySettlement')).toHaveLength(1);
    expect(csms.violations).toEqual([]);
  });

  it('2.1: an alarm of the grid begins and ends', async () => {
    const { csms, run } = await booted('2.1');
    const control = 'HVMustTrip';
    await run({ do: 'alarm', control, fault: 'OverVoltage' }, { do: 'alarm', control, ended: true });
    expect(csms.of('NotifyDERAlarm').map(({ payload }) => payload)).toMatchObject([
      { controlType: control, gridEventFault: 'OverVoltage' },
      { controlType: control, alarmEnded: true },
    ]);
    expect(csms.violations).toEqual([]);
  });

  it.each(['2.0.1', '2.1'] as const)(
    '%s: a contract is installed, or the scenario says that it was not',
    async (version) => {
      const { csms, run } = await booted(version);
      await run({ do: 'contract' });
      await expect(run({ do: 'contract', renew: true })).rejects.toThrow('contract: Failed');
      await expect(run({ do: 'certificates' })).rejects.toThrow('no certificate of its own');
      expect(csms.of('Get15118EVCertificate').map(({ payload }) => payload.action)).toEqual(['Install', 'Update']);
      expect(csms.violations).toEqual([]);
    },
  );

  it('1.6 has none of them, and says so', async () => {
    const { csms, run } = await booted('1.6');
    const steps: Scenario = [
      { do: 'contract' },
      { do: 'certificates' },
      { do: 'settle', amount: 1 },
      { do: 'alarm', control: 'HVMustTrip' },
    ];
    for (const step of steps) await expect(run(step)).rejects.toThrow('not in 1.6');
    expect(csms.violations).toEqual([]);
  });

  it('a step that is wrong is named by its field', async () => {
    const { run } = await booted('2.1');
    const wrong: Json[] = [
      { do: 'settle' },
      { do: 'settle', amount: -1 },
      { do: 'settle', amount: 1, pspRef: 5 },
      { do: 'alarm' },
      { do: 'alarm', control: 'HVMustTrip', ended: 'yes' },
      { do: 'contract', renew: 1 },
    ];
    const fields = ['amount', 'amount', 'pspRef', 'control', 'ended', 'renew'];
    for (const [n, step] of wrong.entries())
      await expect(run(step as unknown as Scenario[number])).rejects.toThrow(`steps[0].${fields[n]}`);
  });
});
