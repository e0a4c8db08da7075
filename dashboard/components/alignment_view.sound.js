/** The alignment view's sound: one recording, played stretch by stretch. */

import { clamp } from "./alignment_view.time.js"

const DECODING_RATE_HZ = 48000

/** Largest magnitude, for scaling; 1 where there is only silence. */
export const loudest = values => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1

/** @returns {Promise<?AudioBuffer>} null where the browser cannot decode what it got */
async function decoded(response) {
  const decoder = new OfflineAudioContext(1, 1, DECODING_RATE_HZ)
  return response && response.arrayBuffer().then(bytes => decoder.decodeAudioData(bytes)).catch(() => null)
}

/** @returns {Promise<?HTMLAudioElement>} null where this cannot be played either */
function openElement(url) {
  return new Promise(resolve => {
    const element = new Audio()
    element.onloadedmetadata = () => resolve(element)
    element.onerror = () => resolve(null)
    element.src = url
  })
}

/**
 * Plays stretches of one recording: exact to the sample where the browser can decode the file,
 * else through an <audio> element that is stopped on the first picture after the end.
 */
export class Sound {
  /** @param {() => void} onChange called when playing starts or ends, or the state changes */
  constructor(onChange) {
    this.onChange = onChange
    this.state = "loading" // then "ready" or "failed"
    this.turn = 0
  }

  load(url) {
    this.stop()
    this.buffer = this.waveform = this.element = this.played = null
    this.state = "loading"
    this.loading?.abort()
    this.loading = new AbortController()
    this.ready = this.#load(url, this.loading.signal)
    this.onChange()
  }

  async #load(url, signal) {
    const response = await fetch(url, { signal }).catch(() => null)
    const refused = response !== null && !response.ok
    const buffer = refused ? null : await decoded(response)
    const element = refused || buffer || signal.aborted ? null : await openElement(url)
    if (signal.aborted) return
    if (buffer) this.#keep(buffer)
    this.element = element
    this.state = buffer || element ? "ready" : "failed"
    this.onChange()
  }

  /** Keep the decoded samples, also as a waveform for close looks. */
  #keep(buffer) {
    this.buffer = buffer
    const samples = buffer.getChannelData(0)
    this.waveform = { lows: samples, highs: samples, perSecond: buffer.sampleRate, loudest: loudest(samples) }
  }

  /** Play one stretch as soon as the recording is there; a later call replaces it. */
  async play(stretch) {
    this.stop()
    const turn = this.turn
    await this.ready
    if (turn !== this.turn || this.state !== "ready") return
    if (this.buffer) await this.#playBuffer(stretch, turn)
    else await this.#playElement(stretch, turn)
    if (this.playing) this.onChange()
  }

  async #playBuffer(stretch, turn) {
    this.context ??= new AudioContext()
    await this.context.resume()
    if (turn !== this.turn) return
    const source = new AudioBufferSourceNode(this.context, { buffer: this.buffer })
    source.connect(this.context.destination)
    source.onended = () => turn === this.turn && this.#end(stretch.end)
    const began = this.context.currentTime
    source.start(began, stretch.start, stretch.end - stretch.start)
    const heard = () => this.context.currentTime - began - (this.context.outputLatency || 0)
    this.playing = { ...stretch, position: () => stretch.start + heard(), halt: () => source.stop() }
  }

  async #playElement(stretch, turn) {
    const element = this.element
    element.currentTime = stretch.start
    const started = await element.play().then(() => true, () => false)
    if (turn !== this.turn || !started) return
    this.playing = { ...stretch, position: () => element.currentTime, halt: () => element.pause() }
    element.ontimeupdate = element.onended = () => this.check() // also where no pictures are drawn
  }

  /** @returns {?number} the time being heard */
  get position() {
    return this.playing && clamp(this.playing.position(), this.playing.start, this.playing.end)
  }

  /** Stop an <audio> element that has reached the end of its stretch. */
  check() {
    if (!this.playing || !this.element) return
    if (this.element.ended || this.element.currentTime >= this.playing.end) this.stop()
  }

  stop() {
    this.turn += 1
    if (this.playing) this.#end(this.position)
  }

  #end(time) {
    const { start, halt } = this.playing
    this.playing = null
    this.played = { start, end: time }
    halt()
    this.onChange()
  }

  close() {
    this.onChange = () => {}
    this.stop()
    this.loading?.abort()
    this.context?.close()
  }
}
