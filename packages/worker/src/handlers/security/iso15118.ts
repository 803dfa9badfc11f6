/** What is common to the messages of ISO 15118: each is kept with its answer, and told, once. */
import type { CertificateName } from '@sigec/domain';
import type { Call } from '../../handler.js';
import type { Needs } from '../../needs.js';
import type { Unit } from '../../unit.js';
import { digestOf } from './csr.js';

/** Time is a part of it: a car that comes again asks the same. */
const digest = ({ action, text, receivedAt }: Call<unknown>): string => digestOf(action, text, String(receivedAt));

export function needsAsked(call: Call<unknown>, needs: Needs): void {
  needs.look('iso15118Seen', { stationId: call.stationId, digest: digest(call) });
}

export interface Asked {
  readonly schemaVersion?: string;
  readonly purpose: string;
  readonly name?: CertificateName;
  readonly urls?: readonly string[];
  readonly maxContracts?: number | null;
  readonly emaids?: readonly string[];
  readonly status: string;
  readonly reason?: string;
}

/** Keeps what one message asked, each with its answer. */
export function keepAsked(call: Call<unknown>, unit: Unit, ...all: readonly Asked[]): void {
  const { stationId, action, receivedAt } = call;
  const key = { stationId, digest: digest(call) };
  if (unit.found('iso15118Seen', key) === true) return;
  unit.know('iso15118Seen', key, true);
  const { tenantId } = unit.station(stationId);
  for (const [n, asked] of all.entries()) {
    const { schemaVersion = null, purpose, name, urls = [], maxContracts = null, emaids = [] } = asked;
    const { status, reason = null } = asked;
    // The first has the message's own digest, by which a repetition is known.
    const own = n === 0 ? key.digest : `${key.digest}/${n}`;
    const hash = name === undefined ? null : plainName(name);
    const what = { action, schemaVersion, purpose, hash, urls, maxContracts, emaids };
    unit.add('iso15118Request', { tenantId, stationId, ...what, digest: own, status, reason, receivedAt });
    unit.tell(stationId, 'iso15118.requested', { action, purpose, status, serial_number: name?.serialNumber ?? null });
  }
}

/** Without what a vendor put beside it. */
const plainName = ({
  hashAlgorithm,
  issuerNameHash,
  issuerKeyHash,
  serialNumber,
}: CertificateName): CertificateName => ({
  hashAlgorithm,
  issuerNameHash,
  issuerKeyHash,
  serialNumber,
});
