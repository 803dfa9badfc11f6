/**
 * Stations for requests: all that one turn of the event loop asks for are read in one statement. A read begins after it
 * was asked for and nothing is kept, so whoever asks after a write sees it.
 */
import { type Actor, isTransient, type StationKey } from '@sigec/store';
import { ProblemError } from '../problem.js';

/** Keys of one statement. */
const MAX_BATCH = 256;
/** Statements under way; what comes while they are gathers for the next. */
const MAX_RUNNING = 2;
/** Who waits for a statement of theirs; more are refused. */
const MAX_WAITING = 8192;

/** Reads a set: what each key leads to, in the order of the keys. */
export type ReadStations<T> = (keys: readonly StationKey[]) => Promise<readonly (T | undefined)[]>;

/** Whoever stations are read for. */
type Reader = Pick<Actor, 'tenantId' | 'reach'>;
/** Whether somebody whom grants let in reaches a station: the read goes round the wall that stands around them. */
export type Reaches = (reader: Reader, id: number) => Promise<boolean>;
const NEVER: Reaches = () => Promise.resolve(false);

interface Waiter<T> extends StationKey {
  readonly resolve: (station: T | undefined) => void;
  readonly reject: (reason: unknown) => void;
}

export class StationLoader<T> {
  readonly #read: ReadStations<T>;
  readonly #reaches: Reaches;
  readonly #waiting: Waiter<T>[] = [];
  #running = 0;
  #planned = false;

  constructor(read: ReadStations<T>, reaches: Reaches = NEVER) {
    this.#read = read;
    this.#reaches = reaches;
  }

  /**
   * The station of the actor's tenant; undefined where it has none of this id, or grants that let the actor in lead elsewhere.
   * @throws {ProblemError} `overloaded` where too many wait
   */
  load(actor: Reader, id: number): Promise<T | undefined> {
    if (actor.reach === undefined) return this.#gather(actor, id);
    return this.#reaches(actor, id).then((there) => (there ? this.#gather(actor, id) : undefined));
  }

  #gather({ tenantId }: Reader, id: number): Promise<T | undefined> {
    if (this.#waiting.length >= MAX_WAITING)
      return Promise.reject(new ProblemError('overloaded', { headers: { 'retry-after': '2' } }));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ tenantId, id, resolve, reject });
      this.#plan();
    });
  }

  /** After the requests that lie in the sockets now: whoever is alone waits for nobody else. */
  #plan(): void {
    if (this.#planned || this.#running >= MAX_RUNNING || this.#waiting.length === 0) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      const batch = this.#waiting.splice(0, MAX_BATCH);
      this.#running += 1;
      void this.#run(batch).finally(() => {
        this.#running -= 1;
        this.#plan();
      });
      this.#plan();
    });
  }

  async #run(batch: readonly Waiter<T>[]): Promise<void> {
    let found: readonly (T | undefined)[];
    try {
      found = await this.#read(batch);
    } catch (error) {
      return this.#divide(batch, error);
    }
    for (let i = 0; i < batch.length; i++) batch[i]?.resolve(found[i]);
  }

  /** Halves a batch that failed until what fails it stands alone; where the database is away, all of it fails. */
  async #divide(batch: readonly Waiter<T>[], error: unknown): Promise<void> {
    if (batch.length === 1 || isTransient(error)) {
      for (const { reject } of batch) reject(error);
      return;
    }
    const half = batch.length >> 1;
    await this.#run(batch.slice(0, half));
    await this.#run(batch.slice(half));
  }
}
