/** The room of the station's own log, and of bringing it where the CSMS wants it (1.6 GetDiagnostics, 2.x N01). */
import type { JsonObject } from './json.js';
import type { Job, Tell } from './simulated.js';
import type { StationCore } from './station.js';
import { httpUrl, sendFile } from './transfer.js';

const MAX_LINES = 200;
const MAX_LINE = 1000;

/** What the station saw last, a line each. */
export class OwnLog {
  readonly #lines: string[] = [];

  constructor(private readonly station: StationCore) {
    station.on('frame', ({ direction, text }) => {
      if (this.#lines.length >= MAX_LINES) this.#lines.shift();
      this.#lines.push(`${new Date().toISOString()} ${direction} ${text.slice(0, MAX_LINE)}`);
    });
  }

  bytes(): Buffer {
    const { identity, version, firmwareVersion } = this.station;
    return Buffer.from(`${identity} OCPP ${version} firmware ${firmwareVersion}\n${this.#lines.join('\n')}\n`);
  }
}

export interface UploadOrder {
  location: string;
  fileName: string;
  /** The location is a folder: the name goes behind it (1.6 6.23). */
  folder: boolean;
  retries: number | undefined;
  /** s. */
  retryInterval: number | undefined;
  /** How the version says that it failed. */
  failed: 'UploadFailed' | 'UploadFailure';
}

/** Sends the log as it is now; other schemes than http are played. */
export function upload(job: Job, log: OwnLog, order: UploadOrder, extra: JsonObject = {}): void {
  const { station } = job;
  const bytes = log.bytes();
  job.run(extra, async (tell: Tell) => {
    await tell('Uploading');
    const url = httpUrl(order.location);
    if (url === null) return tell('Uploaded');
    if (order.folder) url.pathname = `${url.pathname.replace(/\/+$/, '')}/${encodeURIComponent(order.fileName)}`;
    for (let left = order.retries ?? 0; ; left--) {
      if (await sendFile(station, url, bytes)) {
        station.emit('uploaded', order.fileName, bytes);
        return tell('Uploaded');
      }
      if (left <= 0) return tell(order.failed);
      await station.timers.sleep((order.retryInterval ?? 1) * 1000);
    }
  });
}
