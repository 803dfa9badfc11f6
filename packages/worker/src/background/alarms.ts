/**
 * Looks for what is wrong: each kind of alarm has its pause, and of all workers one takes the turn. A look costs what there is
 * now, never what there ever was; nothing of it touches what messages of chargers wait for.
 */
import type { Logger } from '@sigec/runtime';
import { type Repeating, repeat } from '@sigec/runtime';
import { type Database, keepAlarms, type LookedFor, lookFor, type Turn, takeTurns, watchCharging } from '@sigec/store';

const HOUR_MS = 3_600_000;
/** Alarms that are over are kept so long, for whoever looks back at a year. */
const KEEP_DAYS = 400;

interface Look extends Turn {
  /** @returns true where there is more to do at once */
  run(db: Database, logger: Logger): Promise<boolean>;
}

const look = (kind: LookedFor): Look['run'] => {
  return async (db, logger) => {
    const { raised, gone, more } = await lookFor(db, kind);
    if (raised > 0 || gone > 0) logger.info({ kind, raised, gone }, 'alarms: a look found news');
    return more;
  };
};

const charging: Look['run'] = async (db, logger) => {
  await watchCharging(db);
  const more = [await look('no_progress')(db, logger), await look('meter_gap')(db, logger)];
  return more.includes(true);
};

const upkeep: Look['run'] = async (db) => (await keepAlarms(db, KEEP_DAYS)).more;

const LOOKS: readonly Look[] = [
  { name: 'offline', everyMs: 30_000, run: look('offline') },
  { name: 'flapping', everyMs: 60_000, run: look('flapping') },
  { name: 'faulted', everyMs: 60_000, run: look('faulted') },
  { name: 'charging', everyMs: 60_000, run: charging },
  { name: 'certificate_expiry', everyMs: HOUR_MS, run: look('certificate_expiry') },
  { name: 'upkeep', everyMs: 15_000, run: upkeep },
];

/** Between two questions which turns have come: one statement. */
const ASK_MS = 5_000;

/** Portions of one turn: the rest is the next one's, so that no turn goes on while another begins. */
const MOST_PORTIONS = 20;

/** @param share of the pauses, for tests */
export function startAlarms(db: Database, logger: Logger, share = 1): Repeating {
  const turns = LOOKS.map(({ name, everyMs }) => ({ name, everyMs: everyMs * share }));
  return repeat('alarms', ASK_MS * share, logger, async () => {
    const mine = await takeTurns(db, turns);
    for (const { name, run } of LOOKS) {
      let more = mine.has(name);
      for (let n = 0; more && n < MOST_PORTIONS; n++) more = await run(db, logger);
    }
    return false;
  });
}
