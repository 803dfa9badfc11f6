/**
 * The room of source ports that this process chooses itself. Asked for any port of an address, the kernel searches, and
 * with tens of thousands of sockets bound that search costs more than the rest of the connect. In turns, a port comes
 * again when the connection that had it is long over.
 */

/** Above the ports that servers of tests take, and some of the kernel's own, which it gives out for 127.0.0.1 mostly. */
const FIRST = 33_000;
const COUNT = 28_000;

export class SourcePorts {
  readonly #next: Uint16Array;

  /** @param sources how many addresses */
  constructor(sources: number) {
    this.#next = new Uint16Array(sources);
  }

  /** The next port of an address. @param source its index */
  next(source: number): number {
    const turn = this.#next[source] ?? 0;
    this.#next[source] = (turn + 1) % COUNT;
    return FIRST + turn;
  }
}
