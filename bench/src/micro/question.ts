/** The room of what a question is: groups of rows that are compared with the first row of their group. */
import type { RealServerName } from '@sigec/testkit';

export interface Row {
  readonly name: string;
  /** What one call deals with; figures are per item. Default 1. */
  readonly items?: number;
  /** Said beside the figures, e.g. bytes per item. */
  readonly note?: string;
  /** @param turn counts up, so that inputs can vary. What it returns is kept, lest it be optimised away. */
  readonly run: (turn: number) => unknown;
}

export interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface Prepared {
  readonly groups: readonly Group[];
  close?(): Promise<void>;
}

export interface Question {
  /** Word of the command line. */
  readonly name: string;
  readonly question: string;
  /** Real servers without which it cannot be asked. */
  readonly needs?: readonly RealServerName[];
  prepare(): Promise<Prepared> | Prepared;
}
