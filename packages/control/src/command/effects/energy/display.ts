/** SetDisplayMessage and ClearDisplayMessage: what a station took is remembered, what it took away forgotten. 2.x O01-O06. */
import type { RequestOf } from '@sigec/ocpp';
import { forgetDisplayMessage, nextDisplayMessageId, saveDisplayMessage } from '@sigec/store';
import type { Effect } from '../../effect.js';
import { checkTime, Faults, isObject, timeOf } from './check.js';

type Info = RequestOf<'ocpp2.1', 'SetDisplayMessage'>['message'];

/** The id is the CSMS's to give (2.x O01.FR.10). */
const fill: NonNullable<Effect['fill']> = async ({ services: { db } }, payload) => {
  const { message } = payload;
  if (!isObject(message) || message.id !== undefined) return payload;
  return { ...payload, message: { id: await nextDisplayMessageId(db), ...message } };
};

function check(info: Info, now: number): void {
  const faults = new Faults();
  const startsAt = checkTime(faults, 'message.startDateTime', info.startDateTime);
  const endsAt = checkTime(faults, 'message.endDateTime', info.endDateTime);
  if (endsAt !== null && endsAt <= now) faults.add('message.endDateTime', 'is over');
  if (endsAt !== null && startsAt !== null && endsAt <= startsAt)
    faults.add('message.endDateTime', 'must be after startDateTime');
  if (!Number.isSafeInteger(info.id)) faults.add('message.id', 'is too large');
  const extra = info.messageExtra ?? [];
  // 2.1 O01: the further contents are the same message in other languages.
  const languages = [info.message, ...extra].map(({ language }) => language?.toLowerCase());
  for (const [i, language] of languages.entries())
    if (i > 0 && (language === undefined || languages.indexOf(language) < i))
      faults.add(`message.messageExtra.${i - 1}.language`, 'must be a language of its own');
  faults.throwAny();
}

export const setDisplay: Effect = {
  fill,
  async begin({ services: { db, clock }, actor, station }, payload) {
    const info = payload.message as Info;
    check(info, clock.now());
    return {
      async answered({ response }) {
        if (response.status !== 'Accepted') return undefined;
        await saveDisplayMessage(db, actor, {
          stationId: station.id,
          messageId: info.id,
          priority: info.priority,
          state: info.state ?? null,
          startsAt: timeOf(info.startDateTime),
          endsAt: timeOf(info.endDateTime),
          ocppTransactionId: info.transactionId ?? null,
          display: info.display === undefined ? null : { ...info.display },
          contents: [info.message, ...(info.messageExtra ?? [])].map(({ format, language, content }) => ({
            format,
            ...(language === undefined ? {} : { language }),
            content,
          })),
        });
        return { display_message_id: String(info.id) };
      },
    };
  },
};

export const clearDisplay: Effect = {
  async begin({ services: { db }, actor, station }, { id }) {
    return {
      async answered({ response }) {
        // Unknown: it is not there, whatever we thought (2.x O05).
        if (response.status === 'Accepted' || response.status === 'Unknown')
          await forgetDisplayMessage(db, actor, station.id, id as number);
        return undefined;
      },
    };
  },
};
