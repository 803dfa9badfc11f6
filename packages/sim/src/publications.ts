/** The room of a local controller that fetches firmware once and offers it to those behind it (2.x L03, L04). */
import { createHash } from 'node:crypto';
import { type JsonObject, read } from './json.js';
import { say } from './operations.js';
import { Job } from './simulated.js';
import type { Handler, StationCore } from './station.js';
import { fetchFile, httpUrl } from './transfer.js';

export function publications(station: StationCore): { handlers: Record<string, Handler>; trigger: () => void } {
  const job = new Job(station, 'PublishFirmwareStatusNotification', station.o.firmware.delayMs);
  const published = new Set<string>();

  const publish = (p: JsonObject): void => {
    const requestId = read.int(p, 'requestId');
    const checksum = read.str(p, 'checksum').toLowerCase();
    const url = httpUrl(read.str(p, 'location'));
    let left = read.optInt(p, 'retries') ?? 0;
    const pauseMs = (read.optInt(p, 'retryInterval') ?? 1) * 1000;
    job.run({ requestId }, async (tell) => {
      await tell('Downloading');
      let sum = checksum;
      while (url !== null) {
        const hash = createHash('md5');
        if (await fetchFile(station, url, (bytes) => hash.update(bytes))) {
          sum = hash.digest('hex');
          break;
        }
        if (left-- <= 0) return tell('DownloadFailed');
        await station.timers.sleep(pauseMs);
      }
      await tell('Downloaded');
      if (sum !== checksum) return tell('InvalidChecksum');
      await tell('ChecksumVerified');
      published.add(checksum);
      await tell('Published', {
        location: [`http://${encodeURIComponent(station.identity)}.local/firmware/${checksum}`],
      });
    });
  };

  return {
    trigger: () => job.trigger(),
    handlers: {
      PublishFirmware: (p) => say('Accepted', () => publish(p)),
      UnpublishFirmware: (p) => {
        if (published.delete(read.str(p, 'checksum').toLowerCase())) return say('Unpublished');
        return say(job.isRunning ? 'DownloadOngoing' : 'NoFirmware');
      },
    },
  };
}
