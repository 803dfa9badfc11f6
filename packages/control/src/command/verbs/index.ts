/** The table of verbs, by name. */
import { deleteCertificate, installCertificate } from './certificates.js';
import { clearChargingProfile, setChargingProfile } from './charging-profiles.js';
import { clearCache } from './clear-cache.js';
import { readConfiguration, writeConfiguration } from './configuration.js';
import { displayMessage } from './display-message.js';
import { getLogs } from './get-logs.js';
import { cancelReservation, reserve } from './reservations.js';
import { reset } from './reset.js';
import { sendLocalList } from './send-local-list.js';
import { setAvailability } from './set-availability.js';
import { start, stop } from './transactions.js';
import { trigger } from './trigger.js';
import { unlock } from './unlock.js';
import { updateFirmware } from './update-firmware.js';
import type { Verb } from './verb.js';

export const VERBS: readonly Verb[] = [
  ...[cancelReservation, clearCache, clearChargingProfile, deleteCertificate, displayMessage, getLogs],
  ...[installCertificate, readConfiguration, reserve, reset, sendLocalList, setAvailability, setChargingProfile],
  ...[start, stop, trigger, unlock, updateFirmware, writeConfiguration],
];

const BY_NAME: ReadonlyMap<string, Verb> = new Map(VERBS.map((verb) => [verb.name, verb]));

/** The verb of a name, undefined where there is none. */
export const findVerb = (name: string): Verb | undefined => BY_NAME.get(name);
