/** Lines for the message log that the edge alone knows of: commands, their answers, malformed frames. Without secrets. */
import { type RecordItem, UPLINK } from '@sigec/contract';
import { type OcppVersion, redactPayload } from '@sigec/ocpp';

/** An error as the log tells every error; `details` is the JSON text that came. */
export function errorText(error: { code: string; description: string; details: string }): string {
  const { code, description, details } = error;
  return `{"code":${JSON.stringify(code)},"description":${JSON.stringify(description)},"details":${details}}`;
}

/** Whose command an answer is that came too late, nobody knows any more: it is cleaned as the one that tells secrets. */
const TELLS_SECRETS: Readonly<Record<OcppVersion, string>> = {
  'ocpp1.6': 'GetConfiguration',
  'ocpp2.0.1': 'GetVariables',
  'ocpp2.1': 'GetVariables',
};

/** The item that goes up; the payload of a known or likely action is cleaned of its secrets. */
export function logRecord(
  { stationId, version }: { readonly stationId: number; readonly version: OcppVersion },
  line: Pick<RecordItem, 'direction' | 'type' | 'id' | 'action' | 'text' | 'at'>,
): RecordItem {
  const { type, action, text } = line;
  const shown = type === 'malformed' ? text : redactPayload(version, action || TELLS_SECRETS[version], text);
  return { ...line, kind: UPLINK.record, stationId, text: shown };
}
