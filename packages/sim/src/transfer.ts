/** The room of files that travel by HTTP: a log that is sent, an image that is fetched. Other schemes are only played. */
import { request as plain, type RequestOptions } from 'node:http';
import { request as secure } from 'node:https';
import type { StationCore } from './station.js';

const TIMEOUT_MS = 30_000;
/** Larger than any image this station could take. */
const MAX_BYTES = 256 * 1024 * 1024;

/** The address of a file, or null where it is not one that this station can reach. */
export function httpUrl(location: string): URL | null {
  try {
    const url = new URL(location);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
  } catch {
    return null;
  }
}

interface Exchange {
  method: 'GET' | 'PUT';
  body?: Buffer;
  onBytes?: (bytes: Buffer) => void;
}

/** The status of the answer; rejects where none came whole, or the station was closed first. */
function exchange(station: StationCore, url: URL, { method, body, onBytes }: Exchange): Promise<number> {
  return new Promise((resolve, reject) => {
    const ca = station.o.tls?.ca;
    const headers =
      body === undefined ? {} : { 'content-type': 'application/octet-stream', 'content-length': body.length };
    const auth =
      url.username === '' ? {} : { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` };
    const options: RequestOptions = { method, headers, timeout: TIMEOUT_MS, agent: false, ...auth };
    const request =
      url.protocol === 'https:'
        ? secure(url, { ...options, ...(ca === undefined ? {} : { ca }) })
        : plain(url, options);
    const stop = () => request.destroy(new Error('station closed'));
    station.once('closed', stop);
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('close', () => station.off('closed', stop));
    request.on('error', reject);
    request.on('response', (response) => {
      let length = 0;
      response.on('data', (bytes: Buffer) => {
        length += bytes.length;
        if (length > MAX_BYTES) request.destroy(new Error('too large'));
        else onBytes?.(bytes);
      });
      response.on('error', reject);
      response.on('end', () => resolve(response.complete ? (response.statusCode ?? 0) : 0));
    });
    request.end(body);
  });
}

const isGood = (status: number): boolean => status >= 200 && status <= 299;

/** Sends a file; whether it was taken. */
export async function sendFile(station: StationCore, url: URL, body: Buffer): Promise<boolean> {
  return isGood(await exchange(station, url, { method: 'PUT', body }).catch(() => 0));
}

/** Fetches a file, telling of each piece; whether all of it came. */
export async function fetchFile(station: StationCore, url: URL, onBytes: (bytes: Buffer) => void): Promise<boolean> {
  return isGood(await exchange(station, url, { method: 'GET', onBytes }).catch(() => 0));
}
