/** The room of the faults' hands: what each does to the real processes and links, and how it is undone. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpProxy } from '@sigec/testkit';
import type { StackProcess } from '../stack/process.js';
import type { Stack } from '../stack/stack.js';
import type { Charger } from './charger.js';
import type { Disk } from './disk.js';
import type { Fault } from './faults.js';
import { linkName } from './targets.js';

type Process = Pick<StackProcess, 'name' | 'alive' | 'kill' | 'stop' | 'start' | 'pause' | 'resume'>;

export interface InjectorOptions {
  readonly stack: Pick<Stack, 'edges' | 'workers' | 'control' | 'servers' | 'links'>;
  /** By their place: `chargers 1>edges` and so on. */
  readonly chargerLinks: readonly TcpProxy[];
  readonly chargers: readonly Charger[];
  readonly disk: Disk | null;
  /** Resolves where the database answers. */
  readonly database: () => Promise<void>;
  /** A process could not be started, or ended by itself while it came up. */
  readonly onTrouble: (text: string) => void;
}

/** A start that fails is tried again, as a supervisor does. */
const START_TRIES = 20;
const START_PAUSE_MS = 1000;
const ANSWER_POLL_MS = 200;

export class Injector {
  readonly #processes = new Map<string, Process>();
  readonly #links = new Map<string, TcpProxy>();

  constructor(private readonly options: InjectorOptions) {
    const { edges, workers, control, servers, links } = options.stack;
    const all = [...edges, ...workers, ...(control === null ? [] : [control]), ...Object.values(servers)];
    for (const one of all) this.#processes.set(one.name, one);
    for (const { from, to, proxy } of links) this.#links.set(linkName(from, to), proxy);
    for (const [k, proxy] of options.chargerLinks.entries())
      this.#links.set(linkName(`chargers ${k + 1}`, 'edges'), proxy);
  }

  /** Does it, waits its time, undoes it. Resolves when its target is whole again. */
  async inject(fault: Fault): Promise<void> {
    const { kind, target, durationMs } = fault;
    if (kind === 'clock') this.#jump(fault);
    else if (kind === 'disk-full') await this.#fill(durationMs);
    else if (kind === 'cut' || kind === 'slow' || kind === 'half-open') await this.#disturb(fault);
    else {
      const process = this.#process(target);
      if (kind === 'freeze') {
        process.pause();
        await sleep(durationMs);
        process.resume();
        return;
      }
      await (kind === 'kill' ? process.kill() : process.stop());
      await sleep(durationMs);
      await this.#start(process);
    }
  }

  /** Everything works again, whatever was done. */
  async heal(): Promise<void> {
    await this.options.disk?.free();
    await Promise.all([...this.#links.values()].map((proxy) => proxy.heal()));
    // Servers first: the roles wait for them.
    const { servers } = this.options.stack;
    for (const process of this.#processes.values()) process.resume();
    await Promise.all(Object.values(servers).map((server) => this.#start(server)));
    await Promise.all([...this.#processes.values()].map((process) => this.#start(process)));
  }

  async #disturb(fault: Fault): Promise<void> {
    const proxy = this.#links.get(fault.target);
    if (proxy === undefined) throw new Error(`there is no link ${fault.target}`);
    if (fault.kind === 'cut') await proxy.cut();
    else if (fault.kind === 'half-open') proxy.halfOpen(fault.lost ?? 'up');
    else proxy.slow({ latencyMs: fault.latencyMs ?? 100, bytesPerSecond: fault.bytesPerSecond ?? 100_000 });
    await sleep(fault.durationMs);
    await proxy.heal();
  }

  async #fill(durationMs: number): Promise<void> {
    const { disk, stack } = this.options;
    disk?.fill();
    await sleep(durationMs);
    disk?.free();
    // A server that could not write its log ends, sometimes only while it tries to recover: it is looked after until it answers.
    for (let answers = false; !answers; ) {
      await this.#start(stack.servers.postgres);
      answers = await this.options.database().then(
        () => true,
        () => false,
      );
      if (!answers) await sleep(ANSWER_POLL_MS);
    }
  }

  #jump({ jumpMs = 0, fifth }: Fault): void {
    for (const [k, charger] of this.options.chargers.entries()) if (k % 5 === fifth) charger.jump(jumpMs);
  }

  #process(name: string): Process {
    const process = this.#processes.get(name);
    if (process === undefined) throw new Error(`there is no process ${name}`);
    return process;
  }

  async #start(process: Process): Promise<void> {
    for (let tries = 1; !process.alive; tries++) {
      try {
        await process.start();
      } catch (error) {
        const [line = ''] = (error as Error).message.split('\n');
        this.options.onTrouble(`${process.name} did not start: ${line.slice(0, 300)}`);
        if (tries === START_TRIES) throw error;
        await sleep(START_PAUSE_MS);
      }
    }
  }
}
