/** The room of what the station knows of a customer: their token in its cache and list, told and forgotten (2.x N09, N10). */
import { type JsonObject, read } from './json.js';
import { say } from './operations.js';
import type { Handler, StationCore } from './station.js';

const MOST = 512;

export function customers(station: StationCore): Record<string, Handler> {
  const notify = async (requestId: number, text: string): Promise<void> => {
    const parts = text.match(new RegExp(`[^]{1,${MOST}}`, 'g')) ?? [''];
    for (const [seqNo, data] of parts.entries()) {
      const generatedAt = station.clock.stamp();
      const tbc = seqNo < parts.length - 1;
      await station.link.call('NotifyCustomerInformation', { requestId, seqNo, data, tbc, generatedAt });
    }
  };
  return {
    CustomerInformation: (p: JsonObject) => {
      const requestId = read.int(p, 'requestId');
      const token = read.optObj(p, 'idToken');
      const name = read.optStr(p, 'customerIdentifier');
      const certificate = read.optObj(p, 'customerCertificate');
      // N09.FR.09: one of them says who is meant.
      if ([token, name, certificate].filter((given) => given !== undefined).length !== 1) return say('Invalid');
      const key = token === undefined ? name : read.str(token, 'idToken');
      const status = key === undefined ? undefined : station.tokens.lookUp(key);
      const known = status === undefined ? '' : `idToken ${key}: ${status}, local cache or list\n`;
      return say('Accepted', () => {
        if (p.clear === true && key !== undefined) station.tokens.forget(key);
        station.background(() => notify(requestId, p.report === true ? known : ''));
      });
    },
  };
}
