/** The room of battery swaps (2.1 block S): a battery goes in, another comes out. */
import type { ChargingStation } from './charging.js';
import { type JsonObject, read } from './json.js';
import { say } from './operations.js';
import type { Handler } from './station.js';

const STEP_MS = 40;

export function swaps21(station: ChargingStation): Record<string, Handler> {
  let isBusy = false;
  let battery = 0;

  const swap = async (requestId: number, idToken: JsonObject) => {
    const slots = [station.evses[0]?.id ?? 1, station.evses.at(-1)?.id ?? 1];
    const tell = (eventType: string, evseId: number | undefined, soC: number) => {
      const serialNumber = `${station.o.serialNumber}-B${++battery}`;
      const batteryData = [{ evseId: evseId ?? 1, serialNumber, soC, soH: 95 }];
      return station.send('BatterySwap', { eventType, requestId, idToken, batteryData });
    };
    try {
      await station.timers.sleep(STEP_MS);
      await tell('BatteryIn', slots[0], station.o.socStart);
      await station.timers.sleep(STEP_MS);
      await tell('BatteryOut', slots[1], 100);
    } finally {
      isBusy = false;
    }
  };

  return {
    RequestBatterySwap: (p) => {
      const [requestId, idToken] = [read.int(p, 'requestId'), read.obj(p, 'idToken')];
      if (isBusy || station.registration !== 'Accepted') return say('Rejected');
      isBusy = true;
      return say('Accepted', () => station.background(() => swap(requestId, idToken)));
    },
  };
}
