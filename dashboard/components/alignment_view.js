/**
 * LayerScope's alignment view: one recording's sound, its words and phones, and the frames that
 * each model pooled for them, on one time axis. A Streamlit components-v2 module in plain
 * JavaScript; alignment_view.py joins it with the modules it imports.
 */

import { GAP, Scene, frequencyText, frequencyTicks, lanesOf, levelsOf, pictureOf, waveformOf } from "./alignment_view.lanes.js"
import { Sound } from "./alignment_view.sound.js"
import { VisibleTime, clamp, lowerBound, segmentAt } from "./alignment_view.time.js"

const GLIDE_MS = 160
const CLICK_PX = 4
const HINT = "← → word by word · Space play · Ctrl + wheel zoom · drag to move"

const stretchText = ({ start, end }) => `${start.toFixed(3)}-${end.toFixed(3)}`
const isolated = label => `\u2068${label}\u2069` // a right-to-left label must not turn its neighbours

/** One mounted component: what it shows, and what the person does with it. */
class AlignmentView {
  /** @param {Element} root the component's outermost element */
  constructor(root) {
    this.root = root
    this.canvas = root.querySelector("canvas")
    this.sound = new Sound(() => this.#soundChanged())
    this.selected = this.pointer = null
    this.picks = [] // sent to Python, not yet confirmed by it
    this.listening = new AbortController()
    this.resizing = new ResizeObserver(() => this.data && this.#paint())
    this.resizing.observe(this.canvas)
    this.#listen()
  }

  close() {
    cancelAnimationFrame(this.request)
    this.listening.abort()
    this.resizing.disconnect()
    this.sound.close()
    this.fetching?.abort()
  }

  // -- what Python says

  /** Show `data`; what is the same as before is neither loaded again nor moved. */
  update(data) {
    const before = this.data ?? {}
    this.data = data
    if (before.utterance_id !== data.utterance_id || before.duration_s !== data.duration_s) this.#start()
    if (before.audio_url !== data.audio_url) this.sound.load(data.audio_url)
    if (before.picture_url !== data.picture_url) this.fetching?.abort()
    if (data.picture_url) this.#fetchPicture(before.picture_url)
    else this.#takePicture(data.spectrogram && levelsOf(data.spectrogram), data.peaks, before.spectrogram?.levels)
    this.words = data.words.map(([index, label, start, end]) => ({ index, label, start, end }))
    this.phones = data.phones?.map(([label, start, end]) => ({ label, start, end }))
    this.lanes = lanesOf(data)
    this.#adopt(data.selected_word)
    this.#nameLanes()
    this.#paint()
    this.root.dataset.ready = "1"
  }

  /** Take what was sent along; the picture is painted anew only where its levels changed. */
  #takePicture(levels, peaks, levelsBefore) {
    const { spectrogram, duration_s: duration } = this.data
    if (!levels) this.picture = null
    else if (levelsBefore === undefined || levelsBefore !== spectrogram.levels) this.picture = pictureOf(spectrogram, levels)
    this.waveform = waveformOf(peaks, duration)
  }

  /** Fetch what is drawn of the sound unless it is on its way or here. */
  async #fetchPicture(urlBefore) {
    const { picture_url: url, spectrogram } = this.data
    if (urlBefore === url) return
    this.fetching = new AbortController()
    const { signal } = this.fetching
    this.picture = this.waveform = null
    this.root.dataset.picture = "loading"
    const response = await fetch(url, { signal }).catch(() => null)
    const bytes = response?.ok ? await response.arrayBuffer().catch(() => null) : null
    if (signal.aborted) return
    this.root.dataset.picture = bytes ? "ready" : "failed"
    const count = spectrogram.mels * spectrogram.frames
    if (bytes) this.#takePicture(new Uint8Array(bytes, 0, count), new Float32Array(bytes.slice(count)))
    this.invalidate()
  }

  #start() {
    this.visible = new VisibleTime(this.data.duration_s)
    this.glide = this.sent = null
    this.picks = []
    this.selected = null
    this.sound.stop()
    this.canvas.setAttribute("aria-label", `Alignment of ${this.data.utterance_id}. Arrow keys: from word to word. Space: play what is shown.`)
  }

  /** Take Python's selection unless it merely confirms, perhaps late, what was picked here. */
  #adopt(index) {
    const confirmed = this.picks.indexOf(index)
    const news = index !== this.sent && confirmed < 0
    if (index !== this.sent) this.picks = this.picks.slice(confirmed + 1)
    this.sent = index
    const wanted = news ? index : this.selected?.index
    this.#select(this.words.find(word => word.index === wanted) ?? null, news)
  }

  // -- what is selected and heard

  #select(word, show = true) {
    this.selected = word
    if (word) this.root.dataset.selected = word.index
    else delete this.root.dataset.selected
    if (word && show) this.#glideTo(this.visible.holding(word))
    const milliseconds = word && Math.round((word.end - word.start) * 1000)
    this.#say(".chosen", word ? `${isolated(word.label)} · ${word.start.toFixed(3)}–${word.end.toFixed(3)} s · ${milliseconds} ms` : "No word selected")
    this.#button("play-word").disabled = !word
    this.#countFrames()
    this.invalidate()
  }

  /** Select a word as the person's choice: Python hears of it, the person hears it. */
  pick(word) {
    if (word !== this.selected) this.picks.push(word.index)
    this.#select(word)
    this.onWord(word.index)
    this.sound.play(word)
  }

  /** Pick the word `step` further on; with none selected, the first or last on screen. */
  #pickNext(step) {
    const { words, visible, selected } = this
    if (!words.length) return
    const shown = words.filter(word => word.end > visible.start && word.start < visible.end)
    const next = selected ? words[clamp(words.indexOf(selected) + step, 0, words.length - 1)] : shown.at(step > 0 ? 0 : -1)
    if (next) this.pick(next)
  }

  /** Stop what is heard or, in silence, play `stretch`. */
  #toggle(stretch) {
    if (this.sound.playing) this.sound.stop()
    else this.sound.play({ start: stretch.start, end: stretch.end })
  }

  #soundChanged() {
    const { playing, played, state } = this.sound
    const { dataset } = this.root
    dataset.sound = state
    delete dataset.playing
    delete dataset.played
    if (playing) dataset.playing = stretchText(playing)
    else if (played) dataset.played = stretchText(played)
    const playAll = this.#button("play-all")
    playAll.querySelector("span").textContent = playing ? "Stop" : "Play all"
    playAll.setAttribute("aria-label", playing ? "Stop" : "Play all")
    this.#say(".message", state === "failed" ? "The sound could not be loaded; the rest works without it." : "")
    this.heard = null
    this.invalidate()
  }

  // -- what is visible

  #show(stretch) {
    this.glide = null
    this.visible.set(stretch)
    this.invalidate()
  }

  /** Move there smoothly, or at once for those who prefer no motion. */
  #glideTo({ start, end }) {
    const { visible } = this
    if (start === visible.start && end === visible.end) return
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.#show({ start, end })
    this.glide = { from: { ...visible }, to: { start, end }, began: performance.now() }
    this.invalidate()
  }

  #glideOn(now) {
    const { from, to, began } = this.glide
    const part = clamp((now - began) / GLIDE_MS, 0, 1)
    const eased = part * (2 - part)
    const between = edge => from[edge] + (to[edge] - from[edge]) * eased
    this.visible.set({ start: between("start"), end: between("end") })
    if (part === 1) this.glide = null
  }

  /** Zoom around the selected word, or around the middle where it is out of sight. */
  #zoom(factor) {
    const { start, end, length } = this.visible
    const middle = this.selected && (this.selected.start + this.selected.end) / 2
    const inSight = middle !== null && middle > start && middle < end
    this.#glideTo(this.visible.zoomed(inSight ? middle : start + length / 2, factor))
  }

  #fit() {
    this.#glideTo({ start: 0, end: this.visible.duration })
  }

  /** Turn the page when the cursor of the sound runs out of what is visible. */
  #follow() {
    const { position } = this.sound
    const { end, length } = this.visible
    if (position !== null && this.heard !== null && this.heard <= end && position > end) {
      this.#show({ start: position, end: position + length })
    }
    this.heard = position
  }

  // -- what is drawn

  /** Ask for one picture; only a gliding view or a playing sound asks for the next by itself. */
  invalidate() {
    this.request ||= requestAnimationFrame(now => {
      this.request = 0
      this.sound.check()
      if (this.glide) this.#glideOn(now)
      this.#follow()
      this.#paint()
      if (this.glide || this.sound.playing) this.invalidate()
    })
  }

  #paint() {
    const { canvas, lanes } = this
    const width = canvas.clientWidth
    if (!width) return // in a closed tab; the observer paints when it opens
    const last = lanes.at(-1)
    const height = last.top + last.height
    const ratio = devicePixelRatio || 1
    const pixels = [width, height].map(length => Math.round(length * ratio))
    if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels
    canvas.style.height = `${height}px`
    const pen = canvas.getContext("2d")
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    pen.clearRect(0, 0, width, height)
    const scene = new Scene(this, pen, width)
    this.#paintColumn(scene, last.top)
    for (const lane of lanes) lane.paint(scene, lane)
    this.#paintCursors(scene, last.top)
    this.#describePointer()
    const { start, end } = this.visible
    this.root.dataset.window = stretchText({ start, end })
  }

  /** The selected word's column, behind all lanes. */
  #paintColumn(scene, bottom) {
    if (!this.selected) return
    const left = scene.x(this.selected.start)
    const { top } = this.lanes[1]
    scene.fill(scene.colours.accent, 0.16, left, top, scene.x(this.selected.end) - left, bottom - top)
  }

  /** Thin lines before all lanes: where the pointer is, what is heard. */
  #paintCursors(scene, bottom) {
    const [, waveform, spectrogram] = this.lanes
    const line = (time, width, alpha) => {
      const left = scene.x(time) - width / 2
      scene.fill(scene.colours.ink, alpha, left, waveform.top, width, bottom - waveform.top)
      if (this.picture) scene.fill("#fff", alpha, left, spectrogram.top, width, spectrogram.height)
    }
    if (this.pointer) line(this.#timeAt(this.pointer), 1, 0.35)
    if (this.sound.position !== null) line(this.sound.position, 2, 0.9)
  }

  /** Streamlit's theme as it is now. */
  colours() {
    const style = getComputedStyle(this.root)
    const read = (name, fallback) => style.getPropertyValue(`--st-${name}`).trim().replace(/^unset$/, "") || fallback
    return {
      ink: read("text-color", "#222"),
      line: read("border-color", "#ccc"),
      accent: read("primary-color", "#36c"),
      panel: read("secondary-background-color", "#eee"),
      paper: read("background-color", "#fff"),
      font: read("font", "sans-serif"),
    }
  }

  /** Why a picture of the sound is not there. */
  absence(name) {
    if (!this.data.picture_url) return `Computing the ${name}…`
    return this.root.dataset.picture === "failed" ? `The ${name} could not be loaded` : `Loading the ${name}…`
  }

  /** Put the lanes' names, and the spectrogram's frequencies, at the left. */
  #nameLanes() {
    const names = this.lanes.map(lane => this.#name(lane.name, lane.kind, lane.top + lane.height / 2))
    const { top, height } = this.lanes[2]
    const { frequencies_hz: rows } = this.data.spectrogram ?? {}
    const ticks = rows ? frequencyTicks(rows, height).map(tick => this.#name(frequencyText(tick.hz), "tick", top + height - tick.height)) : []
    this.root.querySelector(".names").replaceChildren(...names, ...ticks)
    this.#countFrames()
  }

  #name(text, kind, middle) {
    const element = document.createElement("div")
    element.className = kind
    element.style.top = `${middle}px`
    element.append(document.createElement("span"))
    element.firstChild.textContent = element.title = text
    return element
  }

  /** Beside each model, how many of its frames the selected word pooled. */
  #countFrames() {
    const tracks = this.lanes.filter(lane => lane.kind === "frames")
    this.root.querySelectorAll(".names .frames").forEach((element, at) => {
      element.querySelector(".count")?.remove()
      const [first, last] = tracks[at].spans[this.selected?.index] ?? []
      if (first === undefined) return
      const count = document.createElement("span")
      count.className = "count"
      count.textContent = last - first
      count.title = `The selected word pools ${last - first} frames of ${tracks[at].name}`
      element.append(count)
    })
  }

  #say(selector, text) {
    const element = this.root.querySelector(selector)
    if (element.textContent !== text) element.textContent = element.title = text
  }

  #button(action) {
    return this.root.querySelector(`[data-action=${action}]`)
  }

  // -- what the person does

  #listen() {
    const { canvas } = this
    const on = (element, type, act) => element.addEventListener(type, act, { signal: this.listening.signal, passive: false })
    const actions = {
      "play-all": () => this.#toggle({ start: 0, end: this.visible.duration }),
      "play-word": () => this.sound.play(this.selected),
      "zoom-in": () => this.#zoom(0.5),
      "zoom-out": () => this.#zoom(2),
      fit: () => this.#fit(),
    }
    for (const [action, act] of Object.entries(actions)) on(this.#button(action), "click", act)
    on(canvas, "keydown", event => this.#key(event))
    on(canvas, "wheel", event => this.#wheel(event))
    on(canvas, "pointerdown", event => this.#press(event))
    on(canvas, "pointermove", event => this.#move(event))
    on(canvas, "pointerup", event => this.#release(event))
    on(canvas, "pointercancel", () => (this.drag = null))
    on(canvas, "pointerleave", () => this.#point(null))
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const acts = {
      ArrowRight: () => this.#pickNext(1),
      ArrowLeft: () => this.#pickNext(-1),
      Enter: () => this.selected && this.sound.play(this.selected),
      " ": () => this.#toggle(this.visible),
      "+": () => this.#zoom(0.5),
      "=": () => this.#zoom(0.5),
      "-": () => this.#zoom(2),
      Home: () => this.#fit(),
    }
    if (!Object.hasOwn(acts, event.key)) return
    event.preventDefault()
    acts[event.key]()
  }

  /** Pinching or Ctrl zooms, sideways moves; the plain wheel is left to the page. */
  #wheel(event) {
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX
    const { visible, canvas } = this
    if (event.ctrlKey || event.metaKey) {
      this.#show(visible.zoomed(this.#timeAt(event), Math.exp(clamp(event.deltaY, -100, 100) * 0.004)))
    } else if (event.shiftKey || Math.abs(sideways) > Math.abs(event.deltaY)) {
      const shift = (sideways / canvas.clientWidth) * visible.length
      this.#show({ start: visible.start + shift, end: visible.end + shift })
    } else return
    event.preventDefault()
    this.#point(event)
  }

  #press(event) {
    if (event.button) return
    this.canvas.setPointerCapture(event.pointerId)
    const { start, end, length, duration } = this.visible
    const overview = this.#laneAt(event).kind === "overview"
    const pressed = (event.offsetX / this.canvas.clientWidth) * duration
    const grip = pressed > start && pressed < end ? pressed - start : length / 2
    this.drag = { x: event.offsetX, start, overview, grip, moved: overview }
    if (overview) this.#move(event)
  }

  #move(event) {
    const { drag, visible, canvas } = this
    if (!drag) return this.#point(event)
    const part = (event.offsetX - (drag.overview ? 0 : drag.x)) / canvas.clientWidth
    drag.moved ||= Math.abs(event.offsetX - drag.x) > CLICK_PX
    const start = drag.overview ? part * visible.duration - drag.grip : drag.start - part * visible.length
    if (drag.moved) this.#show({ start, end: start + visible.length })
    this.#point(event)
  }

  #release(event) {
    if (this.drag && !this.drag.moved) this.#click(event)
    this.drag = null
  }

  #click(event) {
    const time = this.#timeAt(event)
    const phone = this.#laneAt(event).kind === "phones" && segmentAt(this.phones ?? [], time)
    const word = segmentAt(this.words, time)
    if (phone) this.sound.play(phone)
    else if (word) this.pick(word)
  }

  /** Keep where the pointer is; null: it has left. */
  #point(event) {
    const lane = event && this.#laneAt(event)
    this.pointer = lane && lane.kind !== "overview" ? { offsetX: event.offsetX, offsetY: event.offsetY } : null
    const word = this.pointer && segmentAt(this.words, this.#timeAt(event))
    this.canvas.style.cursor = lane?.kind === "overview" ? "ew-resize" : word ? "pointer" : "default"
    this.invalidate()
  }

  /** Say what lies under the pointer, which may rest while the picture moves. */
  #describePointer() {
    this.#say(".pointed", this.pointer ? this.#describe(this.#timeAt(this.pointer), this.pointer.offsetY, this.#laneAt(this.pointer)) : HINT)
  }

  #describe(time, y, lane) {
    const spoken = [this.words, this.phones ?? []].map(segments => segmentAt(segments, time)?.label)
    const parts = [`${time.toFixed(3)} s`, ...spoken.filter(Boolean).map(isolated)]
    if (lane.kind === "spectrogram" && this.data.spectrogram) {
      const { frequencies_hz: rows } = this.data.spectrogram
      const row = Math.floor((1 - (y - lane.top) / lane.height) * rows.length)
      parts.push(frequencyText(rows[clamp(row, 0, rows.length - 1)]))
    }
    if (lane.kind === "frames" && lane.centres.length) {
      const above = clamp(lowerBound(lane.centres, time), 1, lane.centres.length - 1)
      const row = time - lane.centres[above - 1] < lane.centres[above] - time ? above - 1 : above
      parts.push(`frame ${row}, ${lane.starts[row].toFixed(3)}–${lane.ends[row].toFixed(3)} s`)
    }
    return parts.join(" · ")
  }

  #timeAt({ offsetX }) {
    const { start, length, duration } = this.visible
    return clamp(start + (offsetX / this.canvas.clientWidth) * length, 0, duration)
  }

  #laneAt({ offsetY }) {
    return this.lanes.find(lane => offsetY < lane.top + lane.height + GAP / 2) ?? this.lanes.at(-1)
  }
}

// ---- The entry point ----------------------------------------------------------------------------

/** @type {WeakMap<Node, AlignmentView>} the views on this page, so that a rerun finds its own */
const views = new WeakMap()

/** Called by Streamlit when the component is mounted, and whenever its data or the theme change. */
export default function ({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement)
  if (!view) {
    view = new AlignmentView(parentElement.querySelector(".alignment-view"))
    views.set(parentElement, view)
  }
  view.onWord = index => setTriggerValue("word", index)
  view.update(data)
  return () => {
    view.close()
    views.delete(parentElement)
  }
}
