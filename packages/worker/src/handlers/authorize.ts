/** Authorize: may this token charge? 1.6 section 4.1; 2.x C01, C07. */
import { certificateStatus, NO_ISO15118 } from '@sigec/domain';
import { define } from '../handler.js';
import { authorizeValue, idTagInfo, idTokenInfo } from './id-token.js';

const ASK = { of: 'ask' } as const;

export const authorize16 = define('ocpp1.6', 'Authorize', {
  kind: 'durable',
  needs: ({ stationId, payload }, needs) => needs.idToken(stationId, payload.idTag),
  handle: ({ stationId, payload }, unit) => ({
    idTagInfo: idTagInfo(authorizeValue(unit, stationId, payload.idTag, ASK)),
  }),
});

export const authorize2x = define('ocpp2.0.1', 'Authorize', {
  kind: 'durable',
  needs: ({ stationId, payload }, needs) => needs.idToken(stationId, payload.idToken.idToken),
  handle({ stationId, payload }, unit) {
    const { idToken, certificate, iso15118CertificateHashData: hashes } = payload;
    const info = idTokenInfo(authorizeValue(unit, stationId, idToken.idToken, ASK, idToken.type));
    const shown = certificateStatus(unit.settings.iso15118 ?? NO_ISO15118, { certificate, hashes });
    if (shown === undefined) return { idTokenInfo: info };
    // A contract certificate that nobody here can check opens nothing, whatever is known of its eMAID (C07).
    const status = info.status === 'Accepted' && shown !== 'Accepted' ? ('Invalid' as const) : info.status;
    return { idTokenInfo: { ...info, status }, certificateStatus: shown };
  },
});
