/** Subprotocol negotiation. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negotiateSubprotocol } from './negotiate.js';
import { OCPP_VERSIONS, type OcppVersion } from './version.js';

describe('negotiateSubprotocol', () => {
  it('prefers the newest, whatever the order', () => {
    expect(negotiateSubprotocol('ocpp1.6, ocpp2.0.1')).toEqual({ version: 'ocpp2.0.1', token: 'ocpp2.0.1' });
    expect(negotiateSubprotocol('ocpp1.6,ocpp2.1,ocpp2.0.1')?.version).toBe('ocpp2.1');
  });
  it('echoes the spelling of the client', () => {
    expect(negotiateSubprotocol(' OCPP1.6 ')).toEqual({ version: 'ocpp1.6', token: 'OCPP1.6' });
  });
  it('finds nothing where nothing fits', () => {
    for (const offered of ['', ',', 'ocpp1.5', 'ocpp1.6j', 'ocpp2.0', 'mqtt', null, undefined]) {
      expect(negotiateSubprotocol(offered)).toBeNull();
    }
    expect(negotiateSubprotocol('ocpp2.1', ['ocpp1.6'])).toBeNull();
    expect(negotiateSubprotocol(`${'x'.repeat(5000)},ocpp1.6`)).toBeNull();
  });
  it('picks the best of what both have, and only from the offer', () => {
    const token = fc.oneof(
      fc.constantFrom<string>(...OCPP_VERSIONS, 'OCPP2.0.1'),
      fc.stringMatching(/^[a-z.0-9]{1,8}$/),
    );
    fc.assert(
      fc.property(
        fc.array(token, { maxLength: 6 }),
        fc.subarray([...OCPP_VERSIONS]),
        fc.constantFrom(',', ', ', ' , '),
        (offer, allowed, joint) => {
          const result = negotiateSubprotocol(offer.join(joint), allowed);
          const lower = offer.map((name) => name.toLowerCase());
          const common = OCPP_VERSIONS.filter((v: OcppVersion) => lower.includes(v) && allowed.includes(v));
          expect(result?.version).toBe(common[0]);
          if (result !== null) expect(offer).toContain(result.token);
        },
      ),
    );
  });
});
