/**
 * The room of the power curve. A DC charge holds its power until the battery reaches the taper, then falls in a
 * straight line over the state of charge; an AC charge holds its power to the end. Both have a closed form, so the
 * energy between two instants is the exact integral, however the time between them is cut up.
 */

/** A car at an EVSE. */
export interface Curve {
  kind: 'dc' | 'ac';
  maxPowerW: number;
  batteryWh: number;
}

/** State of charge at which a DC charge starts to taper. */
const TAPER_FROM = 0.8;
/** Share of the power that is left at a full battery; above zero, so that the battery fills in finite time. */
const TAIL = 0.05;

const slope = (c: Curve): number => (c.maxPowerW * (1 - TAIL)) / (c.batteryWh * (1 - TAPER_FROM));

/** Power the car would take with `storedWh` in its battery, in W, no more than `limitW`. */
export function powerAt(curve: Curve, storedWh: number, limitW = Number.POSITIVE_INFINITY): number {
  if (storedWh >= curve.batteryWh) return 0;
  const taperWh = curve.batteryWh * TAPER_FROM;
  const wanted =
    curve.kind === 'ac' || storedWh <= taperWh
      ? curve.maxPowerW
      : curve.maxPowerW - slope(curve) * (storedWh - taperWh);
  return Math.max(0, Math.min(wanted, limitW));
}

/**
 * Energy in the battery after `seconds`, in Wh, starting from `storedWh`, with the power held at or under `limitW`.
 * Never below the start and never above the battery's size.
 */
export function advance(curve: Curve, storedWh: number, seconds: number, limitW = Number.POSITIVE_INFINITY): number {
  const flat = Math.max(0, Math.min(curve.maxPowerW, limitW));
  if (seconds <= 0 || flat === 0 || storedWh >= curve.batteryWh) return storedWh;
  const b = slope(curve);
  // Where the taper falls to the limit, the flat part ends.
  const flatUntilWh =
    curve.kind === 'ac'
      ? curve.batteryWh
      : Math.min(curve.batteryWh, curve.batteryWh * TAPER_FROM + (curve.maxPowerW - flat) / b);
  let stored = storedWh;
  let left = seconds;
  if (stored < flatUntilWh) {
    const needed = ((flatUntilWh - stored) / flat) * 3600;
    if (left <= needed) return Math.min(curve.batteryWh, stored + (flat * left) / 3600);
    stored = flatUntilWh;
    left -= needed;
  }
  if (stored >= curve.batteryWh) return curve.batteryWh;
  // Power falls by b watts per stored Wh: dE/dt = (top - E) * b, an exponential towards `top`.
  const top = curve.batteryWh * TAPER_FROM + curve.maxPowerW / b;
  return Math.min(curve.batteryWh, top - (top - stored) * Math.exp((-b * left) / 3600));
}
