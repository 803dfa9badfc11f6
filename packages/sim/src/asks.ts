/** The room of what a station tells and asks for others: a payment terminal, a car with a contract, the grid. */
import { X509Certificate } from 'node:crypto';
import { certificateHash } from './der.js';
import { type JsonObject, read } from './json.js';
import type { Station } from './types.js';

type Asking = Pick<Station, 'send' | 'version' | 'certificate'>;

function only(station: Asking, ...versions: readonly string[]): void {
  if (!versions.includes(station.version)) throw new Error(`not in ${station.version}`);
}

export interface Settling {
  /** In units of the currency, as 12.34. */
  readonly amount: number;
  /** Absent: the payment was for no transaction. */
  readonly transactionId?: string | undefined;
  /** Stands on the receipt where the CSMS finds it valid. */
  readonly vatNumber?: string | undefined;
  readonly pspRef: string;
}

/** What the payment terminal settled (2.1 C21); a tax number is asked about before (C23). Rejects where that is not accepted. */
export async function settle(station: Asking, { amount, transactionId, vatNumber, pspRef }: Settling): Promise<void> {
  only(station, '2.1');
  const receipt: JsonObject = {};
  if (vatNumber !== undefined) {
    const verdict = await station.send('VatNumberValidation', { vatNumber });
    const status = read.str(verdict, 'status');
    if (status !== 'Accepted') throw new Error(`vatNumber: ${status}`);
    receipt.vatNumber = vatNumber;
    if (verdict.company !== undefined) receipt.vatCompany = verdict.company;
  }
  await station.send('NotifySettlement', {
    ...{ pspRef, status: 'Settled', settlementAmount: amount, settlementTime: new Date().toISOString() },
    ...(transactionId === undefined ? {} : { transactionId }),
    ...receipt,
  });
}

/** What cars of ISO 15118-2 name their messages by. */
const SCHEMA = 'urn:iso:15118:2:2013:MsgDef';

/** A car wants its contract installed or renewed (2.x M01, M02); gives the status that it is told. */
export async function askContract(station: Asking, action: 'Install' | 'Update', exiRequest: string): Promise<string> {
  only(station, '2.0.1', '2.1');
  const request = { iso15118SchemaVersion: SCHEMA, action, exiRequest };
  return read.str(await station.send('Get15118EVCertificate', request), 'status');
}

/**
 * Whether the certificates of the station's own chain still hold, as cars want to see (2.x M06, M07); a status for each
 * but the root, which nobody but its owner vouches for. Rejects where the station does not know who issued its own.
 */
export async function askStatus(station: Asking): Promise<string[]> {
  only(station, '2.0.1', '2.1');
  const chain = station.certificate()?.chain ?? [];
  if (chain.length === 0) throw new Error('no certificate of its own');
  const queries = chain.slice(0, -1).map((pem, n) => ({
    name: certificateHash(pem, 'SHA256', chain[n + 1]),
    url: /OCSP - URI:(\S+)/.exec(new X509Certificate(pem).infoAccess ?? '')?.[1] ?? '',
  }));
  if (queries.length === 0) throw new Error('the issuer of its certificate is not known');
  if (station.version === '2.1') {
    const certificateStatusRequests = queries.map(({ name, url }) => {
      return { certificateHashData: name, source: 'OCSP', urls: [url] };
    });
    const { certificateStatus } = await station.send('GetCertificateChainStatus', { certificateStatusRequests });
    return (certificateStatus as JsonObject[]).map((one) => read.str(one, 'status'));
  }
  const statuses: string[] = [];
  for (const { name, url } of queries) {
    const answer = await station.send('GetCertificateStatus', { ocspRequestData: { ...name, responderURL: url } });
    statuses.push(read.str(answer, 'status'));
  }
  return statuses;
}

/** Something happened on the grid that a control of this type answers to, or it is over (2.1 R05). */
export async function alarm(station: Asking, controlType: string, fault?: string, ended = false): Promise<void> {
  only(station, '2.1');
  await station.send('NotifyDERAlarm', {
    ...{ controlType, timestamp: new Date().toISOString() },
    ...(fault === undefined ? {} : { gridEventFault: fault }),
    ...(ended ? { alarmEnded: true } : {}),
  });
}
