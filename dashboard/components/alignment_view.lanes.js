/** The alignment view's lanes: what is drawn where, from the overview down to the ruler. */

import { clamp, lowerBound } from "./alignment_view.time.js"
import { loudest } from "./alignment_view.sound.js"

export const GAP = 7
/** Matplotlib's magma in nine equal steps. */
const MAGMA = ["#000004", "#180f3d", "#440f76", "#721f81", "#9e2f7f", "#cd4071", "#f1605d", "#fd9668", "#feca8d", "#fcfdbf"]
const TICKS_HZ = [500, 1000, 2000, 4000, 8000, 16000]

/** @returns the lanes from top to bottom, each with its place and what paints it */
export function lanesOf(data) {
  const lanes = [
    { kind: "overview", name: "Overview", height: 28, paint: paintOverview },
    { kind: "waveform", name: "Waveform", height: 80, paint: paintWaveform },
    { kind: "spectrogram", name: "Spectrogram", height: 136, paint: paintSpectrogram },
    { kind: "words", name: "Words", height: 30, paint: paintWords },
    { kind: "phones", name: "Phones", height: 24, paint: paintPhones },
    ...data.tracks.map(track => ({ kind: "frames", name: track.name, height: 22, paint: paintFrames, ...framesOf(track) })),
    { kind: "ruler", name: "Seconds", height: 24, paint: paintRuler },
  ]
  lanes.reduce((top, lane) => (lane.top = top) + lane.height + GAP, 2)
  return lanes
}

/** @returns {number[]} times that were sent one by one, or as the first and the last of equally far ones */
function timesOf(sent) {
  if (Array.isArray(sent)) return sent
  const { first, last, count } = sent
  return Array.from({ length: count }, (_, at) => first + ((last - first) * at) / (count - 1))
}

/**
 * A model's frames ready to draw: their centres, the cells around these (frames that overlap meet
 * half-way), and of which word each is (0 none, then 1 and 2 in turn).
 */
function framesOf({ start_s, end_s, spans }) {
  const [starts, ends] = [start_s, end_s].map(timesOf)
  const centres = starts.map((start, row) => (start + ends[row]) / 2)
  const meeting = row => clamp((centres[row - 1] + centres[row]) / 2, starts[row], ends[row - 1])
  const lefts = starts.map((start, row) => (row && start <= ends[row - 1] ? meeting(row) : start))
  const rights = ends.map((end, row) => (starts[row + 1] <= end ? meeting(row + 1) : end))
  const pooled = new Uint8Array(starts.length)
  spans.filter(Boolean).forEach(([first, last], order) => pooled.fill(1 + (order % 2), first, last))
  return { starts, ends, centres, lefts, rights, spans, pooled }
}

/** Interleaved lowest and highest amplitudes as a waveform. */
export function waveformOf(peaks, duration) {
  if (!peaks) return null
  const lows = peaks.filter((_, at) => at % 2 === 0)
  const highs = peaks.filter((_, at) => at % 2 === 1)
  return { lows, highs, perSecond: lows.length / duration, loudest: loudest(peaks) }
}

/** @returns {Uint8Array} the levels that were sent as text, row by row */
export const levelsOf = ({ levels }) => Uint8Array.from(atob(levels), character => character.charCodeAt(0))

/** The spectrogram as a picture, one pixel a level, low frequencies at the bottom. */
export function pictureOf({ mels, frames }, bytes) {
  const colours = magmaTable()
  const pixels = new Uint32Array(mels * frames)
  for (let mel = 0; mel < mels; mel++) {
    const row = (mels - 1 - mel) * frames
    for (let frame = 0; frame < frames; frame++) pixels[row + frame] = colours[bytes[mel * frames + frame]]
  }
  const picture = new OffscreenCanvas(frames, mels)
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), frames, mels)
  picture.getContext("2d").putImageData(image, 0, 0)
  return picture
}

/** @returns {Uint32Array} the colours of 256 levels, their bytes in the order of ImageData */
function magmaTable() {
  const bytes = new Uint8ClampedArray(256 * 4).fill(255)
  const steps = MAGMA.map(colour => [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16)))
  for (let level = 0; level < 256; level++) {
    const place = (level / 255) * (steps.length - 1)
    const below = Math.min(Math.floor(place), steps.length - 2)
    const mixed = steps[below].map((from, channel) => from + (steps[below + 1][channel] - from) * (place - below))
    bytes.set(mixed, level * 4)
  }
  return new Uint32Array(bytes.buffer)
}

/** Where a frequency lies between the bottom (0) and the top (1) of rows of these frequencies. */
function heightOf(hz, rows) {
  const above = clamp(lowerBound(rows, hz), 1, rows.length - 1)
  const row = above - 1 + (hz - rows[above - 1]) / (rows[above] - rows[above - 1])
  return (row + 0.5) / rows.length
}

/** The pen, the colours, and where a time lies: what the painters share. */
export class Scene {
  constructor(view, pen, width) {
    Object.assign(this, { view, pen, width, data: view.data, visible: view.visible, colours: view.colours() })
    pen.textAlign = "center"
    pen.textBaseline = "middle"
  }

  x(time) {
    return ((time - this.visible.start) / this.visible.length) * this.width
  }

  fill(colour, alpha, left, top, width, height) {
    this.pen.globalAlpha = alpha
    this.pen.fillStyle = colour
    this.pen.fillRect(left, top, width, height)
    this.pen.globalAlpha = 1
  }

  /** Length of `label`; the pen keeps this size of letters. */
  measure(label, size) {
    this.pen.font = `${size}px ${this.colours.font}`
    return this.pen.measureText(label).width
  }

  /** Write as much of `label` as fits into `room`, if need be smaller; nothing if no letter fits. */
  write(label, centre, middle, room, { colour = this.colours.ink, size = 13, alpha = 1 } = {}) {
    const { pen } = this
    if (this.measure(label, size) > room) this.measure(label, Math.max(10, size - 2))
    const letters = Array.from(label)
    let text = label
    while (text && pen.measureText(text).width > room) {
      letters.pop()
      text = letters.length ? `${letters.join("")}…` : ""
    }
    pen.globalAlpha = alpha
    pen.fillStyle = colour
    pen.fillText(text, centre, middle)
    pen.globalAlpha = 1
  }

  /** A calm sentence where a lane has nothing to show. */
  note(text, { top, height }) {
    this.fill(this.colours.panel, 0.7, 0, top, this.width, height) // the column shines through
    this.write(text, this.width / 2, top + height / 2, this.width, { alpha: 0.62, size: 12 })
  }
}

/** Fill a waveform's outline, between its lowest and highest value in every column of pixels. */
function paintAmplitudes({ pen, width, colours }, waveform, { start, end }, { top, height }, colour, alpha) {
  const { lows, highs, perSecond, loudest: most } = waveform
  const item = column => Math.floor((start + ((end - start) * column) / width) * perSecond)
  const [middle, scale] = [top + height / 2, height / 2 / most]
  pen.globalAlpha = alpha
  pen.fillStyle = colour
  for (let column = 0; column < width; column++) {
    const [first, last] = [item(column), Math.min(Math.max(item(column) + 1, item(column + 1)), lows.length)]
    let [low, high] = [Infinity, -Infinity]
    for (let at = first; at < last; at++) {
      low = Math.min(low, lows[at])
      high = Math.max(high, highs[at])
    }
    if (low <= high) pen.fillRect(column, middle - high * scale - 0.5, 1, (high - low) * scale + 1)
  }
  pen.globalAlpha = 1
}

function paintOverview(scene, lane) {
  const { view, width, colours, visible } = scene
  scene.fill(colours.panel, 1, 0, lane.top, width, lane.height)
  const whole = { start: 0, end: visible.duration }
  if (view.waveform) paintAmplitudes(scene, view.waveform, whole, lane, colours.ink, 0.45)
  const [left, right] = [visible.start, visible.end].map(time => (time / visible.duration) * width)
  scene.fill(colours.paper, 0.6, 0, lane.top, left, lane.height)
  scene.fill(colours.paper, 0.6, right, lane.top, width - right, lane.height)
  scene.pen.strokeStyle = colours.accent
  scene.pen.lineWidth = 1.5
  scene.pen.strokeRect(left + 0.75, lane.top + 0.75, Math.max(1, right - left - 1.5), lane.height - 1.5)
}

/** The stored amplitudes or, where these are coarser than the screen, the decoded samples. */
function paintWaveform(scene, lane) {
  const { view, pen, width, visible, colours } = scene
  if (!view.waveform) return scene.note(view.absence("waveform"), lane)
  const coarse = view.waveform.perSecond * visible.length < width
  const waveform = (coarse && view.sound.waveform) || view.waveform
  paintAmplitudes(scene, waveform, visible, lane, colours.ink, 0.6)
  if (!view.selected) return
  const left = scene.x(view.selected.start)
  pen.save()
  pen.beginPath()
  pen.rect(left, lane.top, scene.x(view.selected.end) - left, lane.height)
  pen.clip()
  paintAmplitudes(scene, waveform, visible, lane, colours.accent, 1)
  pen.restore()
}

function paintSpectrogram(scene, lane) {
  const { view, pen, width, visible } = scene
  if (!view.picture) return scene.note(view.absence("spectrogram"), lane)
  const { hop_s: hop, frames, mels } = scene.data.spectrogram
  const left = scene.x(-hop / 2)
  const right = scene.x((frames - 0.5) * hop)
  scene.fill(MAGMA[0], 1, 0, lane.top, width, lane.height)
  pen.drawImage(view.picture, 0, 0, frames, mels, left, lane.top, right - left, lane.height)
  if (!view.selected) return
  const [from, to] = [scene.x(view.selected.start), scene.x(view.selected.end)]
  scene.fill("#000", 0.28, 0, lane.top, from, lane.height)
  scene.fill("#000", 0.28, to, lane.top, width - to, lane.height)
}

/** A tier of boxes, the one being spoken lit; the selected word is left to paintSelected. */
function paintTier(scene, lane, segments, size) {
  const { view, visible, width, colours } = scene
  const spoken = view.sound.position
  for (const segment of segments) {
    if (segment === view.selected || segment.end <= visible.start || segment.start >= visible.end) continue
    const [left, right] = [Math.max(0, scene.x(segment.start)), Math.min(width, scene.x(segment.end))]
    const lit = spoken !== null && segment.start <= spoken && spoken < segment.end
    const box = [left + 0.5, lane.top, Math.max(1, right - left - 1), lane.height]
    scene.fill(colours.panel, 1, ...box)
    if (lit) scene.fill(colours.accent, 0.3, ...box)
    scene.write(segment.label, (left + right) / 2, lane.top + lane.height / 2 + 1, right - left - 4, { size })
  }
}

/** The selected word over its neighbours: its name is always whole. */
function paintSelected(scene, lane, { label, start, end }) {
  const { visible, width, colours } = scene
  if (end <= visible.start || start >= visible.end) return
  const [left, right] = [Math.max(0, scene.x(start)), Math.min(width, scene.x(end))]
  const room = Math.min(width, Math.max(right - left - 1, scene.measure(label, 13) + 10))
  const from = clamp((left + right - room) / 2, 0, width - room)
  scene.fill(colours.accent, 1, from, lane.top, room, lane.height)
  scene.write(label, from + room / 2, lane.top + lane.height / 2 + 1, room, { colour: colours.paper })
}

function paintWords(scene, lane) {
  if (!scene.view.words.length) return scene.note("No word has a time in this recording", lane)
  paintTier(scene, lane, scene.view.words, 13)
  if (scene.view.selected) paintSelected(scene, lane, scene.view.selected)
}

function paintPhones(scene, lane) {
  const { phones } = scene.view
  if (!phones) return scene.note("Computing the phones…", lane)
  if (!phones.length) return scene.note("This alignment has no phones", lane)
  paintTier(scene, lane, phones, 11)
}

/**
 * One model's frames. From afar each is a cell around its centre, no wider than what it heard;
 * close up a bar over all it heard (overlapping ones below each other) and a tick at its centre.
 */
function paintFrames(scene, lane) {
  const { starts, ends, centres, lefts, rights, spans, pooled } = lane
  const { view, visible, width } = scene
  if (!centres.length) return scene.note("No frames yet", lane)
  const stride = (centres.at(-1) - centres[0]) / (centres.length - 1) || ends[0] - starts[0]
  const spacing = (stride / visible.length) * width
  const depth = clamp(Math.ceil((ends[0] - starts[0]) / stride - 0.01), 1, 3)
  const [first, last] = spans[view.selected?.index] ?? [0, 0]
  const from = Math.max(0, lowerBound(centres, visible.start) - 3)
  const to = Math.min(centres.length, lowerBound(centres, visible.end) + 3)
  for (let row = from; row < to; row++) {
    const [colour, alpha] = frameColour(scene.colours, row >= first && row < last, pooled[row])
    if (spacing > 18) {
      const height = lane.height / depth
      const left = scene.x(starts[row])
      scene.fill(colour, alpha * 0.4, left, lane.top + (row % depth) * height, scene.x(ends[row]) - left - 1, height - 1)
      scene.fill(colour, alpha, scene.x(centres[row]) - 1, lane.top, 2, lane.height)
    } else {
      const edges = [scene.x(lefts[row]), scene.x(rights[row])]
      const [left, right] = spacing > 4 ? edges : edges.map(Math.round) // no seams between thin cells
      scene.fill(colour, alpha, left, lane.top + 3, right - left - (spacing > 4 ? 1 : 0), lane.height - 6)
    }
  }
}

/** @returns {[string, number]} colour and opacity; neighbouring words' frames differ a little */
function frameColour({ accent, ink }, chosen, pooled) {
  return chosen ? [accent, 1] : [ink, [0.12, 0.6, 0.42][pooled]]
}

function paintRuler(scene, lane) {
  const { visible, width, colours } = scene
  const rough = (visible.length * 80) / width
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].find(times => times * power >= rough) * power
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  scene.fill(colours.line, 1, 0, lane.top, width, 1)
  for (let tick = Math.ceil(visible.start / step); tick * step <= visible.end; tick++) {
    const x = scene.x(tick * step)
    scene.fill(colours.ink, 0.5, x - 0.5, lane.top, 1, 5)
    if (x > 14 && x < width - 14) scene.write((tick * step).toFixed(digits), x, lane.top + lane.height / 2 + 1, 80, { alpha: 0.7, size: 11 })
  }
}

/** A frequency as a person writes it. */
export const frequencyText = hz => (hz < 1000 ? `${Math.round(hz)} Hz` : `${+(hz / 1000).toFixed(1)} kHz`)

/** @returns {{hz: number, height: number}[]} the frequencies to name, far enough apart to be read */
export function frequencyTicks(rows, height) {
  const ticks = TICKS_HZ.filter(hz => hz >= rows[0] && hz <= rows.at(-1)).map(hz => ({ hz, height: heightOf(hz, rows) * height }))
  return ticks.filter((tick, at) => at === ticks.length - 1 || ticks[at + 1].height - tick.height > 14)
}
