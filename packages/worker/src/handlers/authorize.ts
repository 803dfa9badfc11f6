/** Authorize: may this token charge? 1.6 section 4.1; 2.x C01. */
import { define } from '../handler.js';
import { authorizeValue, idTagInfo, idTokenInfo } from './id-token.js';

export const authorize16 = define('ocpp1.6', 'Authorize', {
  kind: 'durable',
  needs: ({ stationId, payload }, needs) => needs.idToken(stationId, payload.idTag),
  handle: ({ stationId, payload }, unit) => ({ idTagInfo: idTagInfo(authorizeValue(unit, stationId, payload.idTag)) }),
});

export const authorize2x = define('ocpp2.0.1', 'Authorize', {
  kind: 'durable',
  needs: ({ stationId, payload }, needs) => needs.idToken(stationId, payload.idToken.idToken),
  handle: ({ stationId, payload: { idToken } }, unit) => ({
    idTokenInfo: idTokenInfo(authorizeValue(unit, stationId, idToken.idToken, idToken.type)),
  }),
});
