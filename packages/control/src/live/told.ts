/** What is told without a position: it is no event of the stream, and cannot be asked for again. Made into text once. */
export class Told {
  readonly kind: 'message' | 'progress';
  readonly stationId: string;
  readonly #json: string;
  #frame: Buffer | undefined;
  #chunk: Buffer | undefined;

  constructor(
    kind: 'message' | 'progress',
    document: { readonly device_id: string; readonly [name: string]: unknown },
  ) {
    this.kind = kind;
    this.stationId = document.device_id;
    this.#json = JSON.stringify(document);
  }

  /** As a message of the WebSocket. */
  frame(): Buffer {
    this.#frame ??= Buffer.from(`{"type":"${this.kind}",${this.#json.slice(1)}`);
    return this.#frame;
  }

  /** As a Server-Sent Event. */
  chunk(): Buffer {
    this.#chunk ??= Buffer.from(`event: ${this.kind}\ndata: ${this.#json}\n\n`);
    return this.#chunk;
  }
}
