/** The room of the energy register of one EVSE: whole watt-hours to the outside, never lower than it has been. */

/** An Energy.Active.Import.Register. */
export class Meter {
  #exactWh: number;

  /** @param startWh what the register shows when the station is built, an integer of Wh, zero or more. */
  constructor(startWh: number) {
    if (!Number.isSafeInteger(startWh) || startWh < 0) throw new RangeError('meterStartWh: integer of Wh >= 0 wanted');
    this.#exactWh = startWh;
  }

  /** What has flowed, with the part of a watt-hour the register does not show yet. */
  get exactWh(): number {
    return this.#exactWh;
  }

  /** What the register shows, in whole Wh. */
  get registerWh(): number {
    return Math.floor(this.#exactWh);
  }

  /** Moves the register up to `exactWh`; a value under the present one is refused, as a real meter cannot run back. */
  advanceTo(exactWh: number): void {
    if (!Number.isFinite(exactWh)) throw new RangeError('meter: finite Wh wanted');
    if (exactWh > this.#exactWh) this.#exactWh = exactWh;
  }
}
