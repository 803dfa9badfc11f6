/** Authorize: may this token charge? 1.6 section 4.1; 2.x C01, C07. */
import { certificateStatus, NO_ISO15118 } from '@sigec/domain';
import { type Call, define } from '../handler.js';
import type { Unit } from '../unit.js';
import { authorizeValue, idTagInfo, idTokenInfo } from './id-token.js';

const ASK = { of: 'ask' } as const;

interface Refusal {
  readonly idToken: string;
  readonly idTokenType: string | null;
  readonly verdict: string;
  readonly certificateStatus?: string;
}

/** Notes a token that may not charge, for whoever asks why; one that may is seen by the transaction that it begins. */
function noteRefusal({ stationId, receivedAt: at }: Call<unknown>, unit: Unit, refusal: Refusal): void {
  if (refusal.verdict === 'Accepted') return;
  const { idToken, idTokenType, verdict, certificateStatus = null } = refusal;
  unit.add('refusalWord', { stationId, at, idToken, idTokenType, verdict, certificateStatus });
  unit.tell(stationId, 'authorization.refused', { id_token_type: idTokenType, verdict });
}

export const authorize16 = define('ocpp1.6', 'Authorize', {
  kind: 'durable',
  needs: ({ stationId, payload }, needs) => needs.idToken(stationId, payload.idTag),
  handle(call, unit) {
    const { idTag } = call.payload;
    const authorization = authorizeValue(unit, call.stationId, idTag, ASK);
    noteRefusal(call, unit, { idToken: idTag, idTokenType: null, verdict: authorization.verdict });
    return { idTagInfo: idTagInfo(authorization) };
  },
});

export const authorize2x = define('ocpp2.0.1', 'Authorize', {
  kind: 'durable',
  needs: ({ stationId, payload }, needs) => needs.idToken(stationId, payload.idToken.idToken),
  handle(call, unit) {
    const { idToken: shown, certificate, iso15118CertificateHashData: hashes } = call.payload;
    const { idToken, type: idTokenType } = shown;
    const info = idTokenInfo(authorizeValue(unit, call.stationId, idToken, ASK, idTokenType));
    const status = certificateStatus(unit.settings.iso15118 ?? NO_ISO15118, { certificate, hashes });
    if (status === undefined) {
      noteRefusal(call, unit, { idToken, idTokenType, verdict: info.status });
      return { idTokenInfo: info };
    }
    // A contract certificate that nobody here can check opens nothing, whatever is known of its eMAID (C07).
    const verdict = info.status === 'Accepted' && status !== 'Accepted' ? ('Invalid' as const) : info.status;
    noteRefusal(call, unit, { idToken, idTokenType, verdict, certificateStatus: status });
    return { idTokenInfo: { ...info, status: verdict }, certificateStatus: status };
  },
});
