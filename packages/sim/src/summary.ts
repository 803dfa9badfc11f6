/** The room of one line per message: the few fields a person wants to see. Passwords and keys are never among them. */
import { isObject, type Json, type JsonObject } from './json.js';
import type { FrameEvent } from './link.js';

const WIDTH = 90;

const text = (value: Json | undefined): string => {
  if (value === undefined || value === null) return '';
  if (isObject(value)) return text(value.idToken ?? value.name ?? value.status);
  return Array.isArray(value) ? `${value.length}×` : String(value);
};

/** Fields worth showing, in order, with the word before the value and the unit behind it. */
const FIELDS: readonly [field: string, label: string, unit?: string][] = [
  ['status', ''],
  ['connectorStatus', ''],
  ['eventType', ''],
  ['triggerReason', ''],
  ['type', ''],
  ['requestedMessage', ''],
  ['reason', ''],
  ['key', ''],
  ['connectorId', 'conector '],
  ['evseId', 'EVSE '],
  ['idTag', 'token '],
  ['idToken', 'token '],
  ['idTagInfo', ''],
  ['idTokenInfo', ''],
  ['transactionId', 'id '],
  ['seqNo', 'nº '],
  ['meterStart', '', ' Wh'],
  ['meterStop', '', ' Wh'],
  ['interval', '', ' s'],
  ['vendorId', ''],
  ['totalCost', 'custo · cost '],
];

/** The register and power of the first sample of a message. */
function sample(payload: JsonObject): string[] {
  const [value] = Array.isArray(payload.meterValue) ? payload.meterValue : [];
  const sampled = isObject(value) && Array.isArray(value.sampledValue) ? value.sampledValue : [];
  return sampled.flatMap((item) => {
    if (!isObject(item)) return [];
    if (item.measurand === 'Energy.Active.Import.Register') return [`${text(item.value)} Wh`];
    if (item.measurand === 'Power.Active.Import') return [`${(Number(item.value) / 1000).toFixed(1)} kW`];
    return item.measurand === 'SoC' ? [`${text(item.value)} %`] : [];
  });
}

function fields(payload: JsonObject): string[] {
  const parts = FIELDS.flatMap(([field, label, unit = '']) => {
    const shown = text(payload[field]);
    return shown === '' ? [] : [label + shown + unit];
  });
  const info = payload.transactionInfo;
  if (isObject(info)) parts.push(text(info.chargingState), `id ${text(info.transactionId).slice(0, 8)}`);
  return [...parts, ...sample(payload)].filter((part) => part !== '');
}

/** A frame as `action` and the rest of its line, or the reason why it is none. */
export function summarise(event: FrameEvent): { action: string; rest: string; failed: boolean } {
  const { frame } = event;
  const action = event.action ?? '?';
  if (frame.kind === 'bad') return { action, rest: `quadro inválido · bad frame (${frame.fault})`, failed: true };
  if ('code' in frame) {
    return { action, rest: clean(`${frame.code} ${frame.description}`), failed: true };
  }
  return { action, rest: clean(fields(frame.payload).join(' · ')), failed: false };
}

/** One line without control characters: what a CSMS sends must not move the cursor. */
export function clean(line: string): string {
  const safe = Array.from(line, (c) => ((c.codePointAt(0) ?? 0) < 32 || c === '\u007f' ? ' ' : c)).join('');
  return safe.length > WIDTH ? `${safe.slice(0, WIDTH - 1)}…` : safe;
}
