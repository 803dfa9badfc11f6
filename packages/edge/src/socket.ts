/** What a session needs of a socket; uWebSockets.js has it, and any other listener can. */
export interface Socket {
  /** 1 = sent, 0 = waits in the buffer, 2 = dropped: the buffer is full. */
  send(text: string): number;
  /** Close handshake. */
  end(code: number, reason: string): void;
  /** Cuts the connection. */
  close(): void;
  ping(): number;
}
