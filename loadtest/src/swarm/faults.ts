/** The room of faults: all are counted, and a few of each kind are kept to be looked at. */
import { FAULTS, type Fault, type FaultExample, type FaultReport } from './plan.js';

const MAX_DETAIL = 300;

export class Faults {
  readonly #counts = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  readonly #examples: FaultExample[] = [];

  /** @param maxExamples of each kind */
  constructor(private readonly maxExamples: number) {}

  get total(): number {
    return FAULTS.reduce((sum, fault) => sum + this.#counts[fault], 0);
  }

  add(fault: Fault, identity: string, detail: string): void {
    this.#counts[fault]++;
    if (this.#counts[fault] > this.maxExamples) return;
    this.#examples.push({ fault, identity, at: new Date().toISOString(), detail: detail.slice(0, MAX_DETAIL) });
  }

  /** Takes what another process has counted. */
  merge(other: FaultReport): void {
    for (const fault of FAULTS) this.#counts[fault] += other.counts[fault];
    for (const example of other.examples) {
      const kept = this.#examples.filter(({ fault }) => fault === example.fault).length;
      if (kept < this.maxExamples) this.#examples.push(example);
    }
  }

  report(): FaultReport {
    return { counts: { ...this.#counts }, examples: [...this.#examples] };
  }
}
