/** The room of what a run is made on. */
import { cpus, totalmem } from 'node:os';

export interface Machine {
  readonly node: string;
  readonly cpus: number;
  readonly cpu: string;
  readonly memoryBytes: number;
}

export function thisMachine(): Machine {
  const all = cpus();
  return { node: process.version, cpus: all.length, cpu: all[0]?.model ?? '', memoryBytes: totalmem() };
}
