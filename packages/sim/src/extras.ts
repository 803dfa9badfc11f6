/** The room of a large device model: power modules with what they measure and how they are set, until there are enough. */
import { type Setting, setting } from './settings.js';

const { int, bool, text } = setting;

const MODULE: readonly (readonly [name: string, make: (n: number) => Setting])[] = [
  ['Temperature', (n) => int(31 + (n % 9), 'ro', 'Celsius')],
  ['MaxTemperature', () => int(85, 'rw', 'Celsius')],
  ['DCVoltage', (n) => int(400 + n, 'ro', 'V')],
  ['DCCurrent', () => int(0, 'ro', 'A')],
  ['FanSpeed', (n) => int(1200 + 10 * n, 'ro', 'RPM')],
  ['OperatingTimes', (n) => int(3600 * n, 'ro', 's')],
  ['Problem', () => bool(false, 'ro')],
  ['Enabled', () => bool(true)],
  ['SerialNumber', (n) => text(`PM-${String(n).padStart(5, '0')}`, 'ro')],
  ['FirmwareVersion', () => text('2.4.1', 'ro')],
];

/**
 * Adds settings to a table until it has `wanted`. In 2.x a module is an instance of each variable of the component
 * PowerModule of an EVSE, in 1.6 a part of a vendor's keys.
 */
export function addModules(table: Record<string, Setting>, wanted: number, evses: number, version: string): void {
  let missing = wanted - Object.keys(table).length;
  for (let n = 1; missing > 0; n++) {
    for (const [name, make] of MODULE.slice(0, missing)) {
      const evse = ((n - 1) % evses) + 1;
      table[version === '1.6' ? `PowerModule${n}${name}` : `PowerModule@${evse}.${name}#${n}`] = make(n);
    }
    missing -= MODULE.length;
  }
}
