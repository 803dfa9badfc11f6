/** The one door to the tables of error codes: what a charger told, in plain words, or nothing where nobody knows. */
import { CHARGEX_ERRORS } from './chargex.js';
import { OCPP16_ERRORS } from './ocpp16.js';
import type { Words } from './words.js';

/** OCPP's own codes say too little to stand before a code of the maker that is known. */
function vendorWords(vendorCode: string): Words | undefined {
  const code = vendorCode.trim().toUpperCase();
  return Object.hasOwn(CHARGEX_ERRORS, code) ? CHARGEX_ERRORS[code] : undefined;
}

function ownWords(code: string): Words | undefined {
  return Object.hasOwn(OCPP16_ERRORS, code) ? OCPP16_ERRORS[code as keyof typeof OCPP16_ERRORS] : undefined;
}

/**
 * What a fault means; null where neither code is known, which is then shown as it came.
 * @param code of OCPP 1.6, as StatusNotification tells it (section 7.6); null in 2.x
 * @param vendorCode vendorErrorCode of 1.6, techCode of 2.x
 */
export function explainError(code: string | null, vendorCode: string | null): Words | null {
  return (
    (vendorCode === null ? undefined : vendorWords(vendorCode)) ?? (code === null ? undefined : ownWords(code)) ?? null
  );
}
