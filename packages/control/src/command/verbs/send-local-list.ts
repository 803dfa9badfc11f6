/** Tells the station which tokens may charge while it is alone. 1.6 section 5.15; 2.x D01. */
import { z } from '@hono/zod-openapi';
import { TimeInput } from '../../wire/common.js';
import { defineVerb, EvseId, given, rfc3339, unsupported, wanted } from './verb.js';

const STATUSES_16: ReadonlySet<string> = new Set(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']);
/** Longest idTag of 1.6 (CiString20Type). */
const MAX_TAG = 20;
/** Entries of one message; a longer list goes out in several differential ones. */
const MAX_ENTRIES = 1000;

const Entry = z.strictObject({
  id_token: z.string().min(1).max(255),
  type: z.string().min(1).max(20).default('Central'),
  /** Absent in a differential list: the token is taken off. */
  status: z
    .enum([
      ...(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx', 'NoCredit'] as const),
      ...(['NotAllowedTypeEVSE', 'NotAtThisLocation', 'NotAtThisTime', 'Unknown'] as const),
    ])
    .optional(),
  group_id_token: z.string().min(1).max(255).optional(),
  expires_at: TimeInput.optional(),
  evse_ids: z.array(EvseId).min(1).max(100).optional(),
});
type EntryOf = z.infer<typeof Entry>;

function entry16(version: 'ocpp1.6', { id_token: idTag, status, ...more }: EntryOf, n: number) {
  const field = `entries.${n}`;
  if (idTag.length > MAX_TAG) throw wanted(`${field}.id_token`, `OCPP 1.6 takes at most ${MAX_TAG} characters`);
  if (more.evse_ids !== undefined) throw unsupported(version, `${field}.evse_ids`);
  if (status === undefined) return { idTag };
  if (!STATUSES_16.has(status)) throw unsupported(version, `${field}.status`);
  const info = { status, expiryDate: rfc3339(more.expires_at), parentIdTag: more.group_id_token };
  return { idTag, idTagInfo: given(info) };
}

function entry2x({ id_token: idToken, type, status, ...more }: EntryOf) {
  const token = { idToken, type };
  if (status === undefined) return { idToken: token };
  const groupIdToken = more.group_id_token === undefined ? undefined : { idToken: more.group_id_token, type };
  const info = { status, cacheExpiryDateTime: rfc3339(more.expires_at), groupIdToken, evseId: more.evse_ids };
  return { idToken: token, idTokenInfo: given(info) };
}

export const sendLocalList = defineVerb({
  name: 'send-local-list',
  summary: "Set a device's list of tokens",
  becomes: 'SendLocalList.',
  body: z.strictObject({
    version: z.int().min(1).max(2_147_483_647),
    update: z.enum(['Full', 'Differential']).default('Full'),
    entries: z.array(Entry).max(MAX_ENTRIES).default([]),
  }),
  plan(version, _station, { version: number, update: updateType, entries }) {
    if (updateType === 'Full')
      entries.forEach(({ status }, n) => {
        if (status === undefined)
          throw wanted(`entries.${n}.status`, 'is missing; a full list has no tokens to take off');
      });
    const is16 = version === 'ocpp1.6';
    const localAuthorizationList =
      entries.length === 0 ? undefined : entries.map((one, n) => (is16 ? entry16(version, one, n) : entry2x(one)));
    const numbered = is16 ? { listVersion: number } : { versionNumber: number };
    return { action: 'SendLocalList', payload: given({ ...numbered, updateType, localAuthorizationList }) };
  },
});
