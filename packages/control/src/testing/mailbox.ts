/** For tests: what people would have been sent, opened. */
import { unseal } from '../sealed.js';
import type { Harness } from './harness.js';

export interface Mail {
  readonly kind: string;
  readonly subject: string;
  readonly text: string;
  /** The one-time token, '' where there is none. */
  readonly token: string;
}

/** Everything that was written to an address, oldest first, once nothing is on its way any more. */
export async function mailOf(h: Harness, recipient: string): Promise<Mail[]> {
  await h.services.aside.idle();
  const rows = await h.db.query<{ kind: string; box: Uint8Array }>(
    'select kind, content_box as box from notification where recipient = $1::text order by id',
    [recipient],
  );
  return rows.map(({ kind, box }) => {
    const { subject, text } = JSON.parse(unseal(h.deps.config.jwtSecret, 'notification', box)) as Mail;
    return { kind, subject, text, token: /Code: (\S+)$/.exec(text)?.[1] ?? '' };
  });
}
