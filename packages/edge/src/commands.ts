/** Commands to the charger of one session: one CALL in flight, the others in order, each ended by its deadline. */
import type { CommandEnvelope, CommandReply } from '@sigec/contract';

export interface Command {
  readonly envelope: CommandEnvelope;
  readonly deadline: number;
  readonly answer: (reply: CommandReply) => void;
}

/** Commands that wait for one charger; beyond it they are refused as busy. */
const QUEUE_MAX = 32;

export class Commands {
  #current: Command | null = null;
  #queue: Command[] = [];

  get current(): Command | null {
    return this.#current;
  }

  get empty(): boolean {
    return this.#current === null && this.#queue.length === 0;
  }

  /** Refuses where the queue is full. */
  add(command: Command): void {
    if (this.#queue.length >= QUEUE_MAX) command.answer({ status: 'busy' });
    else this.#queue.push(command);
  }

  /**
   * The next to send, if none is in flight. Before the boot was accepted only what asks for that boot may go
   * (2.x B02.FR.02; field.md 23).
   */
  next(booted: boolean): Command | null {
    if (this.#current !== null) return null;
    const index = booted ? 0 : this.#queue.findIndex((command) => asksForBoot(command.envelope));
    if (index < 0 || index >= this.#queue.length) return null;
    [this.#current = null] = this.#queue.splice(index, 1);
    return this.#current;
  }

  /** The charger's answer to the command in flight; null where it is none of ours, or late. */
  settle(id: string, reply: CommandReply): Command | null {
    const command = this.#current;
    if (command === null || command.envelope.id !== id) return null;
    this.#current = null;
    command.answer(reply);
    return command;
  }

  /** Ends what is past its deadline. */
  expire(now: number): void {
    if (this.#current !== null && now >= this.#current.deadline) {
      this.#current.answer({ status: 'timeout' });
      this.#current = null;
    }
    if (this.#queue.length === 0) return;
    const late = this.#queue.filter((command) => now >= command.deadline);
    if (late.length === 0) return;
    this.#queue = this.#queue.filter((command) => now < command.deadline);
    for (const command of late) command.answer({ status: 'timeout' });
  }

  /** The socket is gone: what was sent may have been done, what was not can be sent elsewhere. */
  abandon(): void {
    this.#current?.answer({ status: 'lost' });
    this.#current = null;
    for (const command of this.#queue.splice(0)) command.answer({ status: 'moved' });
  }
}

function asksForBoot({ action, payload }: CommandEnvelope): boolean {
  return action === 'TriggerMessage' && payload.includes('"BootNotification"');
}
