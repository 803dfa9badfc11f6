/**
 * VatNumberValidation: whether a driver's tax number can stand on a receipt. 2.1 C23. The number itself is kept nowhere:
 * it belongs to a person until a settlement names it.
 */
import { checkVatNumber, type VatFault } from '@sigec/domain';
import { define } from '../../handler.js';

/** reasonCode has 20 characters. */
const REASONS: Readonly<Record<VatFault, { reasonCode: string; additionalInfo: string }>> = {
  form: { reasonCode: 'InvalidFormat', additionalInfo: 'not the form of a tax number' },
  'check-digits': { reasonCode: 'InvalidCheckDigits', additionalInfo: 'the check digits are not right' },
  country: { reasonCode: 'UnknownCountry', additionalInfo: 'tax numbers of this country cannot be checked here' },
};

export const vatNumberValidation21 = define('ocpp2.1', 'VatNumberValidation', {
  kind: 'durable',
  handle({ stationId, payload, receivedAt }, unit) {
    const { vatNumber, evseId } = payload;
    const verdict = checkVatNumber(vatNumber);
    const company = verdict.ok ? unit.settings.vatRegistry?.companyOf(verdict.number) : undefined;
    const status = verdict.ok ? ('Accepted' as const) : ('Rejected' as const);
    unit.add('vatWord', {
      ...{ stationId, at: receivedAt, evseId: evseId ?? null, accepted: verdict.ok },
      country: verdict.ok ? verdict.number.country : null,
      reason: verdict.ok ? null : REASONS[verdict.why].reasonCode,
    });
    unit.tell(stationId, `vat-number.${status.toLowerCase()}`, {
      evse_id: evseId ?? null,
      country: verdict.ok ? verdict.number.country : null,
    });
    return {
      vatNumber,
      status,
      ...(evseId === undefined ? {} : { evseId }),
      ...(verdict.ok ? {} : { statusInfo: REASONS[verdict.why] }),
      ...(company === undefined ? {} : { company: { ...company } }),
    };
  },
});
