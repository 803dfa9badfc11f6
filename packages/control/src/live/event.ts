/**
 * An event of the stream as it is told: read once, and turned into text once for each way of telling it, however many listen.
 * The event itself travels as the text that the relay wrote.
 */
import type { StreamEvent } from '@sigec/bus';
import { readEventSubject } from '@sigec/contract';
import type { Permission } from '../auth/permissions.js';
import { writePosition } from './position.js';
import { neededFor } from './reach.js';
import { DRIVER_STATION_FIELDS, type EventTopic, topicOf } from './topics.js';

interface Told {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly time?: unknown;
  readonly data?: Readonly<Record<string, unknown>>;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The ways an event is told: whole, or with what drivers may know of a station. */
export type Shape = 'whole' | 'driver';

export class LiveEvent {
  readonly sequence: number;
  readonly tenantId: number;
  /** `noun.verb`. */
  readonly kind: string;
  readonly topic: EventTopic;
  /** What whoever is told of it must hold, beside what its topic asks for. */
  readonly needs: Permission | undefined;
  readonly position: string;
  readonly stationId: string | undefined;
  /** Whose transaction it is about. */
  readonly userId: string | undefined;
  readonly #raw: string;
  readonly #told: Told;
  readonly #json: { [S in Shape]?: string } = {};
  readonly #frames: { [S in Shape]?: Buffer } = {};
  readonly #chunks: { [S in Shape]?: Buffer } = {};

  private constructor(
    event: StreamEvent,
    made: number,
    of: { tenantId: number; kind: string },
    raw: string,
    told: Told,
  ) {
    this.sequence = event.sequence;
    this.tenantId = of.tenantId;
    this.kind = of.kind;
    this.position = writePosition(made, event.sequence);
    this.stationId = textOf(told.data?.device_id);
    this.userId = textOf(told.data?.user_id);
    this.topic = topicOf(of.kind, this.stationId !== undefined);
    this.needs = neededFor(of.kind);
    this.#raw = raw;
    this.#told = told;
  }

  /** Undefined where it is no event of ours: nobody could be told what it says. */
  static read(event: StreamEvent, made: number): LiveEvent | undefined {
    const of = readEventSubject(event.subject);
    if (of === undefined) return undefined;
    const raw = Buffer.from(event.data.buffer, event.data.byteOffset, event.data.byteLength).toString('utf8');
    try {
      const told = JSON.parse(raw) as Told | null;
      return typeof told === 'object' && told !== null ? new LiveEvent(event, made, of, raw, told) : undefined;
    } catch {
      return undefined;
    }
  }

  /** In UTF-16 characters, as memory is counted. */
  get size(): number {
    return this.#raw.length;
  }

  /** The document: position, sequence, topic, event. */
  json(shape: Shape = 'whole'): string {
    this.#json[shape] ??=
      `{"position":"${this.position}","sequence":${this.sequence},"topic":"${this.topic}","event":` +
      `${shape === 'whole' ? this.#raw : this.#forDrivers()}}`;
    return this.#json[shape];
  }

  /** As a message of the WebSocket. */
  frame(shape: Shape): Buffer {
    this.#frames[shape] ??= Buffer.from(`{"type":"event",${this.json(shape).slice(1)}`);
    return this.#frames[shape];
  }

  /** As a Server-Sent Event. */
  chunk(shape: Shape): Buffer {
    this.#chunks[shape] ??= Buffer.from(`id: ${this.position}\nevent: ${this.kind}\ndata: ${this.json(shape)}\n\n`);
    return this.#chunks[shape];
  }

  #forDrivers(): string {
    const { id, type, time, data = {} } = this.#told;
    const shown = DRIVER_STATION_FIELDS.filter((name) => Object.hasOwn(data, name)).map((name) => [name, data[name]]);
    return JSON.stringify({ id, type, time, data: Object.fromEntries(shown) });
  }
}
