/** How long one kind of question waits for its answer now: told by those that were answered, or by the silence. */

/** Fewer than these tell of one charger's bad luck, not of pressure. */
const FEW = 20;

export class Waits {
  #open = 0;
  #answered = 0;
  #sum = 0;
  /** Of the last answer, or of the first question after none were open. */
  #heardAt = 0;

  /** Questions without an answer. */
  get open(): number {
    return this.#open;
  }

  /** Returns the time for {@link end}. */
  begin(now = performance.now()): number {
    if (this.#open === 0) this.#heardAt = now;
    this.#open++;
    return now;
  }

  /** Answered, or given up at its deadline. */
  end(begun: number, now = performance.now()): void {
    this.#open--;
    this.#answered++;
    this.#sum += now - begun;
    this.#heardAt = now;
  }

  /** Nobody waits for the answer any more. */
  drop(): void {
    this.#open--;
  }

  /** The mean wait since the last call, ms; where many wait and none was answered, how long that has been so. */
  take(now = performance.now()): number {
    const answered = this.#answered;
    const mean = answered === 0 ? 0 : this.#sum / answered;
    this.#answered = 0;
    this.#sum = 0;
    if (answered + this.#open < FEW) return 0;
    return answered > 0 ? mean : now - this.#heardAt;
  }
}
