/** Root certificates of stations: installed, deleted, asked for (1.6 security extension M03-M05; 2.x M03-M05). */

import { type CertificateName, plainSerial } from '@sigec/domain';
import { changeInstalled, type Installed, type InstalledRow, MOST_INSTALLED } from '@sigec/store';
import { hashName, isHashAlgorithm, readCertificates } from '../../authority/certificates.js';
import type { CommandContext, Effect, Payload } from '../effect.js';
import { certificatesOf } from './certificate-text.js';

type Change = (now: readonly InstalledRow[]) => {
  readonly remove: readonly number[];
  readonly add: readonly Installed[];
};

const keep = ({ services: { db }, actor, station }: CommandContext, change: Change): Promise<void> =>
  changeInstalled(db, actor, station.id, change);

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What a charger or a person wrote, as OCPP's name of a certificate; undefined where it is none. Hex has no case. */
function readHash(value: unknown): CertificateName | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } = value as Payload;
  const words = [hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber].map(asText);
  const [algorithm = '', name = '', key = '', serial = ''] = words;
  if (words.includes('') || words.some((word) => word.length > 128)) return undefined;
  return {
    hashAlgorithm: algorithm,
    issuerNameHash: name.toLowerCase(),
    issuerKeyHash: key.toLowerCase(),
    serialNumber: plainSerial(serial),
  };
}

/** Whether a row is the certificate of this name, by whichever algorithm it was named. */
function isNamed(row: InstalledRow, wanted: CertificateName): boolean {
  let own: Pick<InstalledRow, 'hashAlgorithm' | 'issuerNameHash' | 'issuerKeyHash' | 'serialNumber'> = row;
  if (row.hashAlgorithm !== wanted.hashAlgorithm && row.pem !== null && isHashAlgorithm(wanted.hashAlgorithm)) {
    const [first, ...others] = readCertificates(row.pem);
    own = hashName(first, others, wanted.hashAlgorithm);
  }
  return (
    own.hashAlgorithm === wanted.hashAlgorithm &&
    own.serialNumber === wanted.serialNumber &&
    own.issuerNameHash === wanted.issuerNameHash &&
    (own.issuerKeyHash === null || own.issuerKeyHash === wanted.issuerKeyHash)
  );
}

const time = (at: Date | null): number | null => (at === null ? null : new Date(at).getTime());

export const installCertificate: Effect = {
  async begin(context, payload) {
    const chain = certificatesOf(payload, 'certificate');
    const certificateType = asText(payload.certificateType);
    return {
      async answered({ response }) {
        if (response.status !== 'Accepted') return undefined;
        const [own, ...others] = chain;
        const name = hashName(own, others);
        const pem = chain.map((one) => one.pem).join('');
        // A chain holds no longer than the first of it that runs out.
        const notAfter = Math.min(...chain.map(({ node }) => Date.parse(node.validTo)));
        const times = { installedAt: Date.now(), reportedAt: null, notAfter };
        const made = { certificateType, ...name, children: [], pem, ...times };
        await keep(context, (now) => {
          const same = now.filter(
            (row) =>
              row.certificateType === certificateType &&
              isNamed(row, { ...name, issuerKeyHash: name.issuerKeyHash ?? row.issuerKeyHash ?? '' }),
          );
          return { remove: same.map(({ id }) => id), add: [made] };
        });
        const { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } = name;
        const said = { issuer_name_hash: issuerNameHash, issuer_key_hash: issuerKeyHash, serial_number: serialNumber };
        return { certificate_hash_data: { hash_algorithm: hashAlgorithm, ...said } };
      },
    };
  },
};

export const deleteCertificate: Effect = {
  async begin(context, payload) {
    return {
      async answered({ response }) {
        const wanted = readHash(payload.certificateHashData);
        // NotFound: the station does not hold it, whatever was believed of it.
        if (wanted === undefined || (response.status !== 'Accepted' && response.status !== 'NotFound'))
          return undefined;
        await keep(context, (now) => ({
          remove: now.filter((row) => isNamed(row, wanted)).map(({ id }) => id),
          add: [],
        }));
        return undefined;
      },
    };
  },
};

interface Reported {
  readonly certificateType: string;
  readonly name: CertificateName;
  readonly children: readonly CertificateName[];
}

/** What the station named: 2.x chains, 1.6 a list of the one type that was asked for. */
function reported(response: Payload, asked: Payload): Reported[] {
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, MOST_INSTALLED) : []);
  const chains = list(response.certificateHashDataChain).map((value) => {
    const { certificateType, certificateHashData, childCertificateHashData } = (value ?? {}) as Payload;
    const children = list(childCertificateHashData).flatMap((child) => readHash(child) ?? []);
    return { certificateType: asText(certificateType), name: readHash(certificateHashData), children };
  });
  const plain = list(response.certificateHashData).map((value) => ({
    ...{ certificateType: asText(asked.certificateType), name: readHash(value), children: [] },
  }));
  return [...chains, ...plain].flatMap(({ name, certificateType, children }) =>
    name === undefined || certificateType === '' ? [] : [{ name, certificateType, children }],
  );
}

/** What a station says it holds is what it holds, as far as it was asked. */
export const getInstalledCertificateIds: Effect = {
  async begin(context, payload) {
    return {
      async answered({ response }) {
        if (response.status !== 'Accepted' && response.status !== 'NotFound') return undefined;
        const types = [payload.certificateType ?? []].flat().map(asText);
        const told = reported(response, payload);
        const at = Date.now();
        await keep(context, (now) => {
          const asked = now.filter((row) => types.length === 0 || types.includes(row.certificateType));
          const add = told.map(({ certificateType, name, children }) => {
            const before = asked.find((row) => row.certificateType === certificateType && isNamed(row, name));
            const { pem = null, installedAt = null, notAfter = null } = before ?? {};
            const times = { installedAt: time(installedAt), reportedAt: at, notAfter: time(notAfter) };
            return { certificateType, ...name, children, pem, ...times };
          });
          return { remove: asked.map(({ id }) => id), add };
        });
        return undefined;
      },
    };
  },
};
