/** Has the station fetch and install an image. 1.6 section 5.19 and white paper; 2.x L01, L02. */
import { z } from '@hono/zod-openapi';
import { TimeInput } from '../../wire/common.js';
import { firmwareOrder } from '../firmware-order.js';
import { Count, defineVerb, wanted } from './verb.js';

/** An image that may be fetched at any time is fetched at once: a time that lies before every clock. */
const AT_ONCE = new Date('2020-01-01T00:00:00.000Z');

export const updateFirmware = defineVerb({
  name: 'update-firmware',
  summary: 'Have a device fetch and install firmware',
  becomes: 'UpdateFirmware; in 1.6 SignedUpdateFirmware where a signature is given. What comes of it is the request.',
  body: z.strictObject({
    location: z.string().min(1).max(512),
    retrieve_at: TimeInput.optional(),
    install_at: TimeInput.optional(),
    retries: Count.max(100).optional(),
    retry_interval_s: Count.max(86_400).optional(),
    signature: z.string().min(1).max(800).optional(),
    signing_certificate: z.string().min(1).max(5500).optional(),
  }),
  plan(version, _station, body) {
    if ((body.signature === undefined) !== (body.signing_certificate === undefined))
      throw wanted('signing_certificate', 'and signature stand together');
    const { location, signature, signing_certificate: signingCertificate } = body;
    return firmwareOrder(
      version,
      { location, signature, signingCertificate },
      {
        retrieveAt: body.retrieve_at ?? AT_ONCE,
        installAt: body.install_at,
        retries: body.retries,
        retryIntervalSeconds: body.retry_interval_s,
      },
    );
  },
});
