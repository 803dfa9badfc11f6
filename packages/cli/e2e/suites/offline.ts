/** What chargers tell after they were away: late, out of order, twice, or without its beginning. */
import { randomUUID } from 'node:crypto';
import { afterAll, expect, it } from 'vitest';
import { Charger } from '../support/charger.js';
import type { Message } from '../support/dialect.js';
import { endpoint, register, type System, validToken } from '../support/system.js';

const HOUR_MS = 3_600_000;

/** One moment for the whole file: what is told twice is told alike. */
const NOW = Math.floor(Date.now() / 1000) * 1000;

/** A time `hours` ago, and some minutes after it. */
const ago = (hours: number, minutes = 0): string => new Date(NOW - hours * HOUR_MS + minutes * 60_000).toISOString();

interface Told {
  readonly eventType: 'Started' | 'Updated' | 'Ended';
  readonly seqNo: number;
  readonly minutes: number;
  readonly wh: number;
}

/** An event of a transaction that ran while the charger was offline. */
function event(transactionId: string, tag: string, { eventType, seqNo, minutes, wh }: Told): Message {
  const timestamp = ago(72, minutes);
  const context = { Started: 'Transaction.Begin', Updated: 'Sample.Periodic', Ended: 'Transaction.End' }[eventType];
  const measurand = 'Energy.Active.Import.Register';
  return [
    'TransactionEvent',
    {
      eventType,
      timestamp,
      seqNo,
      offline: true,
      triggerReason: { Started: 'Authorized', Updated: 'MeterValuePeriodic', Ended: 'StopAuthorized' }[eventType],
      transactionInfo: { transactionId, ...(eventType === 'Ended' && { stoppedReason: 'Local' }) },
      ...(eventType === 'Started' && { evse: { id: 1, connectorId: 1 }, idToken: { idToken: tag, type: 'ISO14443' } }),
      meterValue: [{ timestamp, sampledValue: [{ value: wh, context, measurand }] }],
    },
  ];
}

export function offlineSuite(get: () => System): void {
  afterAll(() => Charger.closeAll());

  it('a stop of 1.6 without its start becomes a provisional session, once', async () => {
    const system = get();
    const device = await register(system);
    const charger = await Charger.connect(endpoint(system), device.credentials, '1.6');
    await charger.settle();
    const stop: Message = [
      'StopTransaction',
      {
        transactionId: 987_654,
        timestamp: ago(2, 30),
        meterStop: 7_400,
        reason: 'EVDisconnected',
        transactionData: [
          { timestamp: ago(2), sampledValue: [{ value: '1400', context: 'Transaction.Begin' }] },
          { timestamp: ago(2, 15), sampledValue: [{ value: '4400', context: 'Sample.Periodic' }] },
        ],
      },
    ];
    expect(await charger.call(stop)).toEqual({});
    expect(await charger.call(stop)).toEqual({});
    const history = await system.rest.history(device.id);
    expect(history).toMatchObject([
      {
        flags: ['orphan'],
        energy_wh: 6_000,
        cost: { amount_minor: 450, currency: 'BRL' },
        stop_reason: 'EVDisconnected',
      },
    ]);
    expect(history[0]?.end_time).toBe(ago(2, 30));
    expect(charger.violations).toEqual([]);
    await charger.close();
  });

  it.each(['2.0.1', '2.1'] as const)('old events of %s count once, in whatever order they come', async (version) => {
    const system = get();
    const device = await register(system);
    const tag = await validToken(system);
    const charger = await Charger.connect(endpoint(system, 1), device.credentials, version);
    await charger.settle();
    const id = randomUUID();
    const told: Told[] = [
      { eventType: 'Started', seqNo: 0, minutes: 0, wh: 50_000 },
      { eventType: 'Updated', seqNo: 1, minutes: 10, wh: 51_000 },
      { eventType: 'Updated', seqNo: 2, minutes: 20, wh: 52_500 },
      { eventType: 'Updated', seqNo: 3, minutes: 30, wh: 54_000 },
      { eventType: 'Ended', seqNo: 4, minutes: 40, wh: 54_660 },
    ];
    // The end before the beginning, and everything but the end twice.
    for (const n of [3, 4, 1, 3, 0, 2, 1, 0, 2]) await charger.call(event(id, tag, told[n] as Told));
    expect(await system.rest.history(device.id)).toMatchObject([
      {
        ocpp_transaction_id: id,
        evse_id: 1,
        id_token: tag,
        start_time: ago(72),
        end_time: ago(72, 40),
        meter_start_wh: 50_000,
        meter_stop_wh: 54_660,
        energy_wh: 4_660,
        // 4 660 Wh x 0.075 = 349.5
        cost: { amount_minor: 350, currency: 'BRL' },
        flags: [],
      },
    ]);
    expect(charger.violations).toEqual([]);
    await charger.close();
  });

  it('the reconnect of a charger in mid-session goes on where it was', async () => {
    const system = get();
    const device = await register(system);
    const tag = await validToken(system);
    const first = await Charger.connect(endpoint(system, 0), device.credentials, '1.6');
    await first.settle();
    const charge = await first.start(tag, 100);
    await first.meter(600);
    await first.close();
    const second = await Charger.connect(endpoint(system, 1), device.credentials, '1.6');
    await second.settle();
    second.charges.push(charge);
    await second.meter(1_100);
    await second.stop(1_100);
    expect(await system.rest.history(device.id)).toMatchObject([{ energy_wh: 1_000, cost: { amount_minor: 75 } }]);
    await second.close();
  });
}
