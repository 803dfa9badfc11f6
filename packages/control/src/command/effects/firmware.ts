/** What belongs to commands of firmware, diagnostics, logs, and customer information: who notes them, and where files go. */
import {
  createCustomerInformation,
  createFirmwareUpdate,
  createPublication,
  supersedeRequests,
  unpublish,
} from '@sigec/store';
import { ProblemError } from '../../problem.js';
import { versionOf } from '../dispatch.js';
import type { CommandContext, Effect, EffectRow, Payload } from '../effect.js';
import { notedOf, withoutSecrets } from '../requests.js';
import { diagnostics, log } from './uploads.js';

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const objectOf = (value: unknown): Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : {};

function timeOf(value: unknown): Date | null {
  const time = new Date(textOf(value) ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? null : time;
}

/** The image of ours that a location leads to. */
export function firmwareIdOf(publicUrl: string | undefined, location: string): number | null {
  const base = publicUrl?.replace(/\/+$/, '');
  if (base === undefined || !location.startsWith(`${base}/firmwares/`)) return null;
  const found = /^\/firmwares\/(\d{1,15})\/file\//.exec(location.slice(base.length));
  return found === null ? null : Number(found[1]);
}

async function noteUpdate(context: CommandContext, payload: Payload): Promise<void> {
  const { services, actor, station } = context;
  const { id: request } = notedOf(context);
  const image = payload.firmware === undefined ? payload : objectOf(payload.firmware);
  const kept = withoutSecrets(context, payload);
  const shown = kept.firmware === undefined ? kept : objectOf(kept.firmware);
  await createFirmwareUpdate(services.db, actor, {
    request,
    stationId: station.id,
    firmwareId: firmwareIdOf(services.config.publicUrl, textOf(image.location) ?? ''),
    location: textOf(shown.location) ?? '',
    retrieveAt: timeOf(image.retrieveDateTime ?? image.retrieveDate),
    installAt: timeOf(image.installDateTime),
    retries: numberOf(payload.retries),
    retryInterval: numberOf(payload.retryInterval),
    signed: image.signature !== undefined,
    versionBefore: station.firmwareVersion,
  });
}

/**
 * 2.x L01-L02: a charger says where it gave up an update for this one. One of 1.6 has no word for it, and what it says next
 * is of the newest, so those before it are over.
 */
const update: Effect = {
  async begin(context, payload) {
    await noteUpdate(context, payload);
    const { services, station, action } = context;
    return {
      async answered({ response: { status } }) {
        const replaces = status === 'AcceptedCanceled' || (action === 'UpdateFirmware' && status === undefined);
        if (replaces)
          await supersedeRequests(
            services.db,
            station.id,
            ['UpdateFirmware', 'SignedUpdateFirmware'],
            notedOf(context).id,
          );
        return undefined;
      },
    };
  },
};

/** 2.x L03. */
const publish: Effect = {
  async begin(context, payload) {
    const { services, actor, station } = context;
    const { id: request } = notedOf(context);
    const location = textOf(withoutSecrets(context, payload).location) ?? '';
    const checksum = (textOf(payload.checksum) ?? '').toLowerCase();
    await createPublication(services.db, actor, { request, stationId: station.id, location, checksum });
    return undefined;
  },
};

/** 2.x L04. */
const withdraw: Effect = {
  async begin({ services, actor, station }, payload) {
    return {
      async answered({ response: { status } }) {
        if (status === 'Unpublished' || status === 'NoFirmware')
          await unpublish(services.db, actor, station.id, (textOf(payload.checksum) ?? '').toLowerCase());
        return undefined;
      },
    };
  },
};

const SUBJECTS = [
  ['idToken', 'id_token'],
  ['customerCertificate', 'certificate'],
  ['customerIdentifier', 'identifier'],
] as const;

/** 2.x N09, N10. */
const customer: Effect = {
  async fill({ station }, payload) {
    const named = SUBJECTS.filter(([field]) => payload[field] !== undefined);
    if (versionOf(station) === 'ocpp1.6' || named.length === 1) return payload;
    const message = 'one of customerIdentifier, idToken and customerCertificate must name the customer';
    throw new ProblemError('validation', { errors: [{ field: 'customerIdentifier', message }] });
  },
  async begin(context, payload) {
    const { services, actor, station } = context;
    const [, subject] = SUBJECTS.find(([field]) => payload[field] !== undefined) ?? SUBJECTS[2];
    await createCustomerInformation(services.db, actor, {
      request: notedOf(context).id,
      stationId: station.id,
      report: payload.report === true,
      clear: payload.clear === true,
      subject,
    });
    return undefined;
  },
};

export const FIRMWARE_EFFECTS: readonly EffectRow[] = [
  [['UpdateFirmware', 'SignedUpdateFirmware'], update],
  [['PublishFirmware'], publish],
  [['UnpublishFirmware'], withdraw],
  [['GetLog'], log],
  [['GetDiagnostics'], diagnostics],
  [['CustomerInformation'], customer],
];
