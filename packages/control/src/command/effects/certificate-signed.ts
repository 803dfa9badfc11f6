/** CertificateSigned: a station gets the certificate that it asked for (2.x A02). Whoever issued it, it is kept. */
import { createPublicKey } from 'node:crypto';
import { certificateDelivered, endCertificateRequest, keepCertificate, openCertificateRequests } from '@sigec/store';
import type { Certificate } from '../../authority/certificates.js';
import { issuedRow } from '../../authority/issued.js';
import { Pkcs10CertificateRequest } from '../../authority/x509.js';
import type { CommandContext, Effect } from '../effect.js';
import { certificatesOf } from './certificate-text.js';

function isFor(csr: string, { node }: Certificate): boolean {
  try {
    const { publicKey } = new Pkcs10CertificateRequest(csr.replaceAll('NEW CERTIFICATE', 'CERTIFICATE'));
    const key = Buffer.from(new Uint8Array(publicKey.rawData));
    return createPublicKey({ key, format: 'der', type: 'spki' }).equals(node.publicKey);
  } catch {
    return false;
  }
}

/** The requests under way that this certificate answers. */
async function endRequests({ services: { db }, actor, station }: CommandContext, own: Certificate): Promise<void> {
  for (const { id, csr } of await openCertificateRequests(db, actor, station.id))
    if (isFor(csr, own)) await endCertificateRequest(db, id, 'installed', 'Accepted');
}

export const certificateSigned: Effect = {
  async begin(context, payload) {
    const { services, station } = context;
    const chain = certificatesOf(payload, 'certificateChain');
    const type = typeof payload.certificateType === 'string' ? payload.certificateType : null;
    return {
      async answered({ response }) {
        if (response.status !== 'Accepted') return undefined;
        // One that was issued here is kept already, and stays as it is.
        const row = issuedRow('operator', type, chain);
        const id = await keepCertificate(services.db, station.id, row);
        if (id !== undefined) await certificateDelivered(services.db, id);
        await endRequests(context, chain[0]);
        return { serial_number: row.serialNumber };
      },
    };
  },
};
