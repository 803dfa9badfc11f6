/** Hides secrets in payloads before they reach the message log. */
import type { OcppVersion } from './version.js';
import { isObject } from './walk.js';

/** What stands in place of a secret. */
export const HIDDEN = '***';

/** A payload that should hold secrets but cannot be read is hidden whole. */
const UNREADABLE = JSON.stringify({ hidden: HIDDEN });

/** Names of configuration keys and variables whose value is a secret, blanks and separators left out. */
const SECRET_NAME =
  /authorizationkey|password|passwd|passphrase|secret|apikey|privatekey|sharedkey|accesstoken|credential|simpin|(?:wifi|wlan|wpa|vpn)(?:key|psk)/i;

/** Whether a configuration key (1.6) or a variable (2.x) of this name holds a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name.replace(/[\s._-]/g, ''));

/** Fields of SetNetworkProfile and its kin that are secrets themselves (VPN `key` is handled by its owner). */
const SECRET_FIELD: ReadonlySet<string> = new Set(['basicAuthPassword', 'apnPassword', 'simPin', 'password']);

/** Addresses of ours that open something by themselves: an upload, or a file that chargers fetch. */
const CAPABILITY = /(\/(?:uploads|firmwares\/\d{1,16}\/file)\/)([A-Za-z0-9_-]{20,})/g;

/** User and password in an address such as ftp://user:pass@host/. */
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^/?#\s]*@/gi;

/** Actions that may carry secrets, requests and responses alike. All others pass untouched. */
const ACTIONS: Readonly<Record<OcppVersion, ReadonlySet<string>>> = (() => {
  const v2 = new Set([
    ...['SetVariables', 'GetVariables', 'NotifyReport', 'NotifyEvent', 'SetNetworkProfile'],
    ...['UpdateFirmware', 'PublishFirmware', 'GetLog'],
    // Chargers tell where they failed.
    ...['LogStatusNotification', 'FirmwareStatusNotification', 'PublishFirmwareStatusNotification'],
    'SecurityEventNotification',
  ]);
  const v16 = new Set([
    ...['ChangeConfiguration', 'GetConfiguration'],
    ...['UpdateFirmware', 'SignedUpdateFirmware', 'GetDiagnostics', 'GetLog', 'SecurityEventNotification'],
  ]);
  return { 'ocpp1.6': v16, 'ocpp2.0.1': v2, 'ocpp2.1': v2 };
})();

/**
 * The payload text with secrets replaced by {@link HIDDEN}; the very same string where there is nothing to hide.
 * Serves requests and responses. Certificates and signing requests are public and stay.
 * @param payloadText a JSON object as it travelled
 */
export function redactPayload(version: OcppVersion, action: string, payloadText: string): string {
  if (!ACTIONS[version].has(action)) return payloadText;
  let payload: unknown;
  try {
    payload = JSON.parse(payloadText);
  } catch {
    return UNREADABLE; // Not JSON: where the secret stands in it cannot be told.
  }
  const found: Found = { any: false, secrets: [] };
  const clean = redact(payload, '', 0, found);
  return found.any ? JSON.stringify(clean) : payloadText;
}

/** What was hidden. */
interface Found {
  any: boolean;
  readonly secrets: string[];
}

/** A shorter secret would be found in words that have nothing to do with it. */
const MIN_QUOTED = 6;

/**
 * What a charger said to a request, without the secrets of the request: chargers quote what they were sent, in the
 * description of an error and elsewhere. The very same string where it quotes none.
 * @param requestText the payload of the request
 * @param answerText JSON
 */
export function redactQuoted(version: OcppVersion, action: string, requestText: string, answerText: string): string {
  if (!ACTIONS[version].has(action)) return answerText;
  const found: Found = { any: false, secrets: [] };
  try {
    redact(JSON.parse(requestText), '', 0, found);
  } catch {
    return UNREADABLE;
  }
  return found.secrets.reduce(
    (text, secret) => text.replaceAll(JSON.stringify(secret).slice(1, -1), HIDDEN),
    answerText,
  );
}

/** Nothing in OCPP nests this deep, except data made to exhaust the stack. */
const MAX_DEPTH = 32;

/** Fields that hold the value belonging to a key or variable named beside them. */
const VALUE_FIELD: ReadonlySet<string> = new Set(['value', 'attributeValue', 'actualValue', 'variableAttribute']);

function withoutLinks(text: string, found: Found): string {
  if (!text.includes('/uploads/') && !text.includes('/firmwares/')) return text;
  return text.replace(CAPABILITY, (_, path: string, token: string) => {
    found.secrets.push(token);
    return `${path}${HIDDEN}`;
  });
}

function redact(value: unknown, owner: string, depth: number, found: Found): unknown {
  if (typeof value === 'string') {
    const clean = withoutLinks(value.includes('@') ? value.replace(URL_CREDENTIALS, `$1${HIDDEN}@`) : value, found);
    if (clean !== value) found.any = true;
    return clean;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) {
    found.any = true;
    return HIDDEN;
  }
  if (Array.isArray(value)) return value.map((item) => redact(item, owner, depth + 1, found));
  const entries = Object.entries(value);
  const named = ownsSecret(value);
  return Object.fromEntries(
    entries.map(([name, child]) => {
      const secret = SECRET_FIELD.has(name) || (owner === 'vpn' && name === 'key') || (named && VALUE_FIELD.has(name));
      if (!secret) return [name, redact(child, name, depth + 1, found)];
      found.any = true;
      if (typeof child === 'string' && child.length >= MIN_QUOTED) found.secrets.push(child);
      return [name, HIDDEN];
    }),
  );
}

/** True for `{ key: 'AuthorizationKey', ... }` (1.6) and `{ variable: { name: 'BasicAuthPassword' }, ... }` (2.x). */
function ownsSecret(owner: object): boolean {
  const { key, variable } = owner as { key?: unknown; variable?: unknown };
  const name = typeof key === 'string' ? key : isObject(variable) ? variable.name : undefined;
  return typeof name === 'string' && isSecretName(name);
}
