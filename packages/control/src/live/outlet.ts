/** The seam between a live connection and what it runs on: a WebSocket, or an answer that goes on. */
import type { LiveClose } from './codes.js';
import type { LiveEvent, Shape } from './event.js';
import type { Told } from './told.js';

export interface Outlet {
  /** Bytes that the reader has not taken. */
  readonly waiting: number;
  event(event: LiveEvent, shape: Shape): void;
  told(told: Told): void;
  /** A message of the protocol itself; a way that has no word for it drops it. */
  say(message: LiveNotice): void;
  /** That the connection lives, and how far it has come, where that is known. */
  beat(position: string | undefined): void;
  /** Resolves when the reader has taken enough to be sent more, or is gone. */
  drained(): Promise<void>;
  end(code: LiveClose, reason: string): void;
}

/** What is said beside events. */
export type LiveNotice =
  | { readonly type: 'subscribed'; readonly id: string; readonly position: string | undefined }
  /** Events after `after` that the stream does not keep any more; what follows begins behind them. */
  | { readonly type: 'gap'; readonly id: string; readonly after: string; readonly reason: 'too-old' | 'renewed' }
  | { readonly type: 'token_expiring'; readonly expires_at: string };
