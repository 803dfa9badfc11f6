/** Watches the files of TLS: what changes is read, checked and taken over; what runs out is told in time. */
import type { Logger, Metrics } from '@sigec/runtime';
import { type Expiry, fingerprint, type Material, readMaterial, type TlsFiles } from './material.js';

export interface TlsWatch {
  /** What runs out soon or has, in a line for who looks at the process; undefined where nothing does. */
  expiring(): string | undefined;
  close(): void;
}

export interface WatchOptions {
  readonly files: TlsFiles;
  /** What the listeners began with, and {@link fingerprint} of before it was read. */
  readonly first: Material;
  readonly mark: string;
  /** The listeners that share the files, by name. */
  readonly listeners: readonly string[];
  /** Takes new material over, or throws and leaves all as it was. */
  readonly apply: (material: Material) => void | Promise<void>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Time between two looks, ms; every file system can be asked so, those of other machines and containers included. */
  readonly everyMs?: number;
}

const EVERY_MS = 5_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Time enough to have a certificate renewed by hand. Lists are made anew all the time: those of our own live for a week. */
const WARN_DAYS: Readonly<Record<Expiry['of'], number>> = { certificate: 30, client_ca: 30, client_crl: 2 };

const isNear = ({ of, at }: Expiry, now: number): boolean => at - now <= WARN_DAYS[of] * DAY_MS;

/** Begins to watch; an expiry that is near is told at once, and daily. */
export function watchTls(options: WatchOptions): TlsWatch {
  const { files, listeners, apply, logger, metrics, everyMs = EVERY_MS } = options;
  const gauge = metrics.gauge({
    name: 'sigec_edge_certificate_expiry_seconds',
    help: 'Time until what a TLS listener goes by runs out; below 0 it has',
    labels: ['listener', 'of'],
  });
  const failures = metrics.counter({
    name: 'sigec_edge_tls_reload_failures_total',
    help: 'Files of TLS not taken over',
  });
  let { expiries } = options.first;
  /** What was taken, or refused, last; and what was seen last. */
  let done = options.mark;
  let seen = done;
  let warnedAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const tell = () => {
    const now = Date.now();
    for (const { of, at } of expiries)
      for (const listener of listeners)
        if (of === 'certificate' || listener === 'mtls') gauge.with({ listener, of }).set((at - now) / 1000);
    if (now - warnedAt < DAY_MS) return;
    warnedAt = now;
    for (const expiry of expiries) warn(logger, expiry, now);
  };

  const look = async () => {
    const mark = await fingerprint(files);
    // Two looks alike: a certificate and its key are rarely written in one instant.
    if (mark !== done && mark === seen) {
      done = mark;
      try {
        const material = await readMaterial(files);
        if (closed) return;
        await apply(material);
        expiries = material.expiries;
        warnedAt = Number.NEGATIVE_INFINITY;
        logger.info('the files of TLS changed: new connections go by them');
      } catch (error) {
        failures.inc();
        logger.error({ err: error }, 'the files of TLS changed, but cannot be used: all stays as it was');
      }
    }
    seen = mark;
    tell();
  };
  const again = () => {
    timer = setTimeout(() => void look().finally(() => closed || again()), everyMs);
    timer.unref();
  };
  tell();
  again();
  return {
    expiring() {
      const now = Date.now();
      const near = expiries.filter((expiry) => isNear(expiry, now));
      const texts = near.map(
        ({ of, at }) => `${of} ${at <= now ? 'expired' : 'expires'} ${new Date(at).toISOString()}`,
      );
      return texts.length === 0 ? undefined : texts.join(', ');
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

function warn(logger: Logger, expiry: Expiry, now: number): void {
  if (!isNear(expiry, now)) return;
  const { of, at } = expiry;
  const until = { of, until: new Date(at).toISOString() };
  if (at <= now) logger.error(until, 'TLS: it has expired, and chargers will not go by it');
  else logger.warn(until, 'TLS: it expires soon');
}
