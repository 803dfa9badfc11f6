/** The room of what a run was made on. Nothing in it names a host or a folder. */
import { execFile } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly glibc: string | null;
  /** Versions of the servers; null where one does not say, or is not there. */
  readonly postgres: string | null;
  readonly nats: string | null;
  readonly redis: string | null;
}

/** Servers often live in folders that are only in the administrator's PATH. */
const PATH = [process.env.PATH ?? '', '/usr/sbin', '/usr/local/sbin'].join(delimiter);

async function versionOf(program: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { env: { PATH }, timeout: 5000 });
    return /\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? null;
  } catch {
    return null;
  }
}

function glibc(): string | null {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: unknown } };
  return typeof header?.glibcVersionRuntime === 'string' ? header.glibcVersionRuntime : null;
}

/** @param postgres what the database said of itself, where one was asked */
export async function machine(postgres: string | null = null): Promise<Machine> {
  const all = cpus();
  return {
    cores: availableParallelism(),
    cpu: all[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    glibc: glibc(),
    postgres: postgres ?? (await versionOf('postgres', ['--version'])) ?? (await versionOf('psql', ['--version'])),
    nats: await versionOf('nats-server', ['--version']),
    redis: await versionOf('redis-server', ['--version']),
  };
}
