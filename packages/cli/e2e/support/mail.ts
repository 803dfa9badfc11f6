/** What people are sent: read from the database and opened as whoever delivers it will, by what the tables say of it. */
import { createDecipheriv, hkdfSync } from 'node:crypto';
import type { Database } from '@sigec/store';

export interface Mail {
  readonly kind: string;
  readonly subject: string;
  readonly text: string;
}

/** Salt, nonce, tag, and the text under AES-256-GCM. */
function open(secret: string, box: Uint8Array): { subject: string; text: string } {
  const [salt, nonce, tag, hidden] = [
    box.subarray(0, 16),
    box.subarray(16, 28),
    box.subarray(28, 44),
    box.subarray(44),
  ];
  const key = Buffer.from(hkdfSync('sha256', secret, salt, 'sigec notification content', 32));
  const cipher = createDecipheriv('aes-256-gcm', key, nonce);
  cipher.setAuthTag(tag);
  return JSON.parse(Buffer.concat([cipher.update(hidden), cipher.final()]).toString('utf8'));
}

/** Everything to an address, the oldest first. */
export async function readMails(db: Database, secret: string, recipient: string): Promise<Mail[]> {
  const rows = await db.query<{ kind: string; box: Uint8Array }>(
    'select kind, content_box as box from notification where recipient = $1::text order by id',
    [recipient],
  );
  return rows.map(({ kind, box }) => ({ kind, ...open(secret, box) }));
}
