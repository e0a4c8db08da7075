/**
 * The alignment view's time axis: which stretch of the recording is visible, and what lies where.
 * Times are in seconds.
 */

/** @typedef {{index: ?number, label: string, start: number, end: number}} Segment a word or phone */
/** @typedef {{start: number, end: number}} Stretch */

const SHORTEST_STRETCH_S = 0.02

export const clamp = (value, low, high) => Math.max(low, Math.min(high, value))

/** Index of the first entry of ascending `values` that is at least `value`. */
export function lowerBound(values, value) {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

/** @returns {?Segment} what is spoken at `time` */
export const segmentAt = (segments, time) => segments.findLast(({ start, end }) => start <= time && time < end) ?? null

/** The stretch of the recording on screen; never outside it, never shorter than one can use. */
export class VisibleTime {
  constructor(duration) {
    this.duration = duration
    this.set({ start: 0, end: duration })
  }

  get length() {
    return this.end - this.start
  }

  set(stretch) {
    Object.assign(this, this.allowed(stretch))
  }

  /** @returns {Stretch} the nearest one to `stretch` that may be shown */
  allowed({ start, end }) {
    const length = clamp(end - start, Math.min(SHORTEST_STRETCH_S, this.duration), this.duration)
    const first = clamp(start, 0, this.duration - length)
    return { start: first, end: first + length }
  }

  /** @returns {Stretch} `factor` times as long, with `time` where it was */
  zoomed(time, factor) {
    const length = clamp(this.length * factor, Math.min(SHORTEST_STRETCH_S, this.duration), this.duration)
    const start = time - ((time - this.start) / this.length) * length
    return this.allowed({ start, end: start + length })
  }

  /** @returns {Stretch} as long as now unless `inner` is longer, and holding all of it */
  holding(inner) {
    if (inner.start >= this.start && inner.end <= this.end) return this.allowed(this)
    const length = Math.max(this.length, (inner.end - inner.start) * 1.2)
    const start = (inner.start + inner.end - length) / 2
    return this.allowed({ start, end: start + length })
  }
}
