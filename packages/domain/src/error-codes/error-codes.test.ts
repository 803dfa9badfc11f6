import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CHARGEX_ERRORS } from './chargex.js';
import { explainError } from './explain.js';
import { OCPP16_ERRORS } from './ocpp16.js';

it('says what a code means, the maker’s before OCPP’s own, in whatever case', () => {
  expect(explainError('GroundFailure', null)?.en).toMatch(/ground/i);
  expect(explainError('OtherError', 'CX008')).toEqual(CHARGEX_ERRORS.CX008);
  expect(explainError(null, ' cx008 ')).toEqual(CHARGEX_ERRORS.CX008);
  expect(explainError('GroundFailure', 'E42')).toEqual(OCPP16_ERRORS.GroundFailure);
});

it('says nothing of what nobody knows', () => {
  expect(explainError(null, null)).toBeNull();
  for (const name of ['E42', '__proto__', 'constructor', 'toString', '']) expect(explainError(name, name)).toBeNull();
  fc.assert(
    fc.property(fc.string(), fc.string(), (code, vendorCode) => {
      if (code in OCPP16_ERRORS || vendorCode.trim().toUpperCase() in CHARGEX_ERRORS) return;
      expect(explainError(code, vendorCode)).toBeNull();
    }),
  );
});

it('says it in both languages, each time otherwise', () => {
  for (const table of [OCPP16_ERRORS, CHARGEX_ERRORS])
    for (const [code, { pt, en }] of Object.entries(table))
      expect(pt !== '' && en !== '' && pt !== en, code).toBe(true);
});
