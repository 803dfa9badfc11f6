import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkVatNumber, cnpjCheckDigits, cpfCheckDigits } from './vat.js';

const place = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const body = (of: fc.Arbitrary<string>, n: number) =>
  fc.array(of, { minLength: n, maxLength: n }).map((c) => c.join(''));
const digit = fc.constantFrom(...'0123456789');

describe('tax numbers', () => {
  it.each([
    ['11.222.333/0001-81', 'cnpj', '11222333000181'],
    ['BR11222333000181', 'cnpj', '11222333000181'],
    ['00.000.000/0001-91', 'cnpj', '00000000000191'],
    // With letters, as it is since 2026.
    ['12.ABC.345/01DE-35', 'cnpj', '12ABC34501DE35'],
    ['529.982.247-25', 'cpf', '52998224725'],
  ])('%s is one of Brazil', (text, kind, digits) => {
    expect(checkVatNumber(text)).toEqual({ ok: true, number: { country: 'BR', kind, digits } });
  });

  it.each([
    ['11.222.333/0001-82', 'check-digits'],
    ['00000000000000', 'check-digits'],
    ['111.111.111-11', 'check-digits'],
    ['BR123', 'form'],
    ['NL123456789B1', 'form'],
    ['', 'form'],
    ['?', 'form'],
    ['ZZ123456', 'country'],
  ])('%s cannot exist: %s', (text, why) => {
    expect(checkVatNumber(text)).toEqual({ ok: false, why });
  });

  it.each(['NL123456789B01', 'DE 123456789', 'ATU12345678', 'FRXX999999999'])(
    '%s has the form of its country',
    (text) => {
      expect(checkVatNumber(text)).toMatchObject({ ok: true, number: { kind: 'vat', country: text.slice(0, 2) } });
    },
  );

  it('of Brazil have the check digits that are computed for them, and one wrong digit is found', () => {
    fc.assert(
      fc.property(body(place, 12), fc.nat(13), fc.integer({ min: 1, max: 9 }), (twelve, at, by) => {
        const whole = twelve + cnpjCheckDigits(twelve);
        fc.pre(!/^(.)\1*$/.test(whole) && !/^[A-Z]{2}/.test(whole));
        expect(checkVatNumber(whole)).toMatchObject({ ok: true, number: { kind: 'cnpj', digits: whole } });
        const old = whole[at] as string;
        if (!/\d/.test(old)) return;
        const other = String((Number(old) + by) % 10);
        const broken = whole.slice(0, at) + other + whole.slice(at + 1);
        // Remainders 0 and 1 share a check digit, so not every slip is found, but none is taken for another number.
        const verdict = checkVatNumber(broken);
        if (verdict.ok) expect(verdict.number.digits).toBe(broken);
      }),
    );
    fc.assert(
      fc.property(body(digit, 9), (nine) => {
        const whole = nine + cpfCheckDigits(nine);
        fc.pre(!/^(.)\1*$/.test(whole));
        expect(checkVatNumber(whole)).toMatchObject({ ok: true, number: { kind: 'cpf' } });
      }),
    );
  });

  it('may be any text at all', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => void checkVatNumber(text)));
  });
});
