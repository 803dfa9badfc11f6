/** BatterySwap: batteries were put in, taken out, or left behind. 2.1 S01 to S04. */
import { isDeepStrictEqual } from 'node:util';
import type { SwapState, SwapStatus } from '@sigec/store';
import { CallRefused, define } from '../../handler.js';
import { INT53_MAX, requireWhole } from '../../whole.js';
import { planTime } from './plan.js';

type SwapEvent = 'BatteryIn' | 'BatteryOut' | 'BatteryOutTimeout';
const STATUS: Readonly<Record<SwapEvent, SwapStatus>> = {
  BatteryIn: 'in',
  BatteryOut: 'out',
  BatteryOutTimeout: 'timeout',
};

/** No cabinet has more slots. */
const MOST_BATTERIES = 200;

/** What a swap is after an event; undefined where the event was told before. */
export function swapAfter(
  before: SwapState | undefined,
  event: SwapEvent,
  told: Pick<SwapState, 'stationId' | 'requestId' | 'idToken' | 'idTokenType' | 'serials'>,
): SwapState | undefined {
  if (before?.lastEvent === event && isDeepStrictEqual([...before.serials].sort(), [...told.serials].sort()))
    return undefined;
  const ended = before !== undefined && ['out', 'timeout', 'rejected', 'failed'].includes(before.status);
  // A swap that the station began by itself has a number of the station's choice, which it may use again one day.
  const isNext = before !== undefined && ended && event === 'BatteryIn' && before.lastEvent !== 'BatteryIn';
  const isNew = before === undefined || isNext;
  return {
    ...told,
    round: before === undefined ? 1 : before.round + (isNext ? 1 : 0),
    source: isNew ? 'station' : before.source,
    status: STATUS[event],
    lastEvent: event,
  };
}

export const batterySwap21 = define('ocpp2.1', 'BatterySwap', {
  kind: 'durable',
  needs({ stationId, payload }, needs) {
    needs.look('swap', { stationId, requestId: payload.requestId });
  },
  handle({ stationId, payload, receivedAt }, unit) {
    const { eventType, batteryData, idToken } = payload;
    const requestId = requireWhole('requestId', payload.requestId, INT53_MAX);
    if (batteryData.length > MOST_BATTERIES) throw new CallRefused('occurrence', 'batteryData: too many');
    for (const [i, battery] of batteryData.entries()) requireWhole(`batteryData.${i}.evseId`, battery.evseId);
    const key = { stationId, requestId };
    const serials = batteryData.map((battery) => battery.serialNumber);
    const told = { ...key, idToken: idToken.idToken, idTokenType: idToken.type, serials };
    const now = swapAfter(unit.found('swap', key), eventType, told);
    if (now === undefined) return {};
    const { tenantId } = unit.station(stationId);
    unit.know('swap', key, now);
    unit.add('batterySwap', { ...now, tenantId });
    for (const { evseId, serialNumber, soC: soc, soH: soh, productionDate, vendorInfo } of batteryData)
      unit.add('batterySwapBattery', {
        ...key,
        round: now.round,
        event: eventType,
        evseId,
        serialNumber,
        soc,
        soh,
        productionDate: planTime(productionDate),
        vendorInfo: vendorInfo ?? null,
        at: receivedAt,
      });
    unit.tell(stationId, `battery-swap.${now.status}`, {
      request_id: requestId,
      source: now.source,
      batteries: batteryData.map(({ evseId, serialNumber, soC }) => ({
        evse_id: evseId,
        serial_number: serialNumber,
        soc: soC,
      })),
    });
    return {};
  },
});
