/** The port through which people are told things, and who keeps what is to be told until somebody delivers it. */
import { addNotification, type Database } from '@sigec/store';
import { seal } from '../sealed.js';

export type NoticeKind =
  | 'verify-email'
  | 'account-exists'
  | 'password-reset'
  | 'password-changed'
  | 'email-change'
  | 'email-changed'
  | 'erasure'
  | 'invitation';

/** A message, ready to be sent. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly tenantId: number;
  readonly userId: string;
  /** An e-mail address. */
  readonly recipient: string;
  readonly subject: string;
  /** May hold a one-time token: never to be logged. */
  readonly text: string;
}

export interface Notifier {
  /** Takes a message over. Rejects where it could not; whoever asked for it then asks again. */
  send(notice: Notice): Promise<void>;
}

/** Keeps messages in the database, their content encrypted: a copy of the tables opens no account. */
export class StoredNotices implements Notifier {
  readonly #db: Database;
  readonly #secret: string;

  constructor(db: Database, secret: string) {
    this.#db = db;
    this.#secret = secret;
  }

  async send({ subject, text, ...row }: Notice): Promise<void> {
    const contentBox = seal(this.#secret, 'notification', JSON.stringify({ subject, text }));
    await addNotification(this.#db, { ...row, contentBox });
  }
}
