// Draws a Plotly figure in a node that stays, and reports clicks and arrow keys as cells.

const SELECTED_CELL = "selected cell" // the frame's shapes, as dashboard.charts names them
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] }
const KEY_REST_MS = 150 // the page runs when a held arrow key rests, not at every step
const LABEL_PX = { xaxis: 18, yaxis: 14 } // what a tick's label needs along its axis
const ECHO_MS = 5000 // how late the page may still answer an earlier step

const views = new WeakMap() // parentElement -> what is drawn there
const failed = new Set() // views that wait for another try
let library // a promise of plotly.js, shared by all charts of the page

export default function ({ data, parentElement, setTriggerValue }) {
  if (!views.has(parentElement)) views.set(parentElement, open(parentElement))
  const view = views.get(parentElement)
  view.report = (cell) => setTriggerValue("cell", cell)
  accept(view, data)
  refresh(view)
  return () => close(parentElement)
}

function open(parent) {
  const root = parent.querySelector(".layerscope-chart")
  const view = {
    root,
    plot: root.querySelector(".layerscope-chart-plot"),
    reading: root.querySelector(".layerscope-chart-reading"),
    drawn: Promise.resolve(),
    draws: 0,
    left: [], // cells that the frame has left, and when
  }
  root.querySelector("button").onclick = () => [...failed].forEach(refresh)
  root.onkeydown = (event) => step(view, event)
  view.sizes = new ResizeObserver(() => resize(view))
  view.sizes.observe(root)
  return view
}

function close(parent) {
  const view = views.get(parent)
  views.delete(parent)
  failed.delete(view)
  view.closed = true
  view.sizes.disconnect()
  clearTimeout(view.timer)
  window.Plotly?.purge(view.plot)
}

function accept(view, data) {
  view.data = data
  if (!isEcho(view, data.selected)) {
    view.selected = data.selected
    view.left = []
  }
  const { root } = view
  root.style.height = `${data.height}px`
  sketch(view, data.preview)
  root.setAttribute("aria-label", data.alt)
  root.setAttribute("role", data.shape ? "application" : "group")
  data.shape ? root.setAttribute("tabindex", "0") : root.removeAttribute("tabindex")
  root.toggleAttribute("data-clickable", data.clickable)
}

// plotly.js takes a second or two to arrive and start; until then a picture stands for the cells.
function sketch({ root, draws }, preview) {
  if (draws) return
  const skeleton = root.querySelector(".layerscope-chart-skeleton")
  skeleton.toggleAttribute("data-preview", Boolean(preview))
  skeleton.style.backgroundImage = preview ? `url(data:image/png;base64,${preview})` : ""
}

// An answer to an earlier step must not pull the frame back while later steps are on their way.
function isEcho(view, cell) {
  const since = performance.now() - ECHO_MS
  const past = view.left.some((step) => step.at > since && same(step.cell, cell))
  return past && !same(cell, view.selected)
}

const same = (a, b) => a?.[0] === b?.[0] && a?.[1] === b?.[1]

function refresh(view) {
  const { root } = view
  if (failed.delete(view)) root.dataset.state = "loading"
  view.drawn = view.drawn
    .then(() => load(view.data.source))
    .then((Plotly) => draw(view, Plotly))
    .catch((error) => fail(view, error))
    .finally(() => root.setAttribute("aria-busy", String(root.dataset.state === "loading")))
}

function fail(view, error) {
  console.error("layerscope chart:", error)
  failed.add(view)
  const message = view.root.querySelector(".layerscope-chart-failure span")
  message.textContent = `The chart could not be drawn: ${error.message}.`
  view.root.dataset.state = "failed"
}

function load(source) {
  if (window.Plotly) return Promise.resolve(window.Plotly)
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script")
    const giveUp = () => {
      script.remove()
      library = undefined
      reject(new Error("plotly.js did not load"))
    }
    script.src = source
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : giveUp())
    script.onerror = giveUp
    document.head.append(script)
  })
  return library
}

async function draw(view, Plotly) {
  if (view.closed) return
  const { root } = view
  const figure = themed(JSON.parse(view.data.figure), theme(root))
  const shapes = framed(figure.layout.shapes, [0, 0])
  const apart = JSON.stringify([figure.data, { ...figure.layout, shapes }])
  // After a click only the frame differs and has moved already; to draw again would lose clicks.
  if (apart === view.apartFromFrame) await place(view)
  else await react(view, Plotly, figure)
  view.apartFromFrame = apart
  view.draws += 1
  root.dataset.state = "ready"
  root.dataset.ready = view.draws
  tell(view)
}

async function react(view, Plotly, { data, layout }) {
  layout.shapes = framed(layout.shapes, view.selected)
  view.ticks = { xaxis: layout.xaxis?.tickvals, yaxis: layout.yaxis?.tickvals }
  for (const [name, ticks] of Object.entries(thinned(view))) layout[name].tickvals = ticks
  view.config ??= config(Plotly, view, layout) // another config would be another plot
  await Plotly.react(view.plot, data, layout, view.config)
  if (!view.draws) {
    view.plot.removeAllListeners("plotly_click") // of a first try that failed further on
    view.plot.on("plotly_click", (event) => choose(view, event.points[0]))
    view.plot.removeAllListeners("plotly_hover")
    view.plot.on("plotly_hover", (event) => hoverTwins(view, event.points))
  }
  await thin(view)
}

function config(Plotly, view, layout) {
  const download = (format, icon) => ({
    name: `Download as ${format.toUpperCase()}`,
    icon,
    click: (plot) => save(Plotly, view, plot, format),
  })
  const buttons = [[download("png", Plotly.Icons.camera), download("svg", Plotly.Icons.disk)]]
  if (layout.dragmode !== false) buttons.push(["zoom2d", "pan2d", "resetScale2d"])
  const modeBar = { displaylogo: false, displayModeBar: "hover", modeBarButtons: buttons }
  return { ...modeBar, doubleClick: "reset" }
}

// As on the screen, but on the page's background: light text on nothing cannot be read elsewhere.
function save(Plotly, view, plot, format) {
  const { clientWidth: width, clientHeight: height } = plot
  const layout = { ...plot.layout, paper_bgcolor: theme(view.root).background }
  const filename = layout.meta?.file_name ?? "chart"
  const scale = format === "png" ? 2 : 1
  Plotly.downloadImage({ data: plot.data, layout }, { format, filename, width, height, scale })
}

function resize(view) {
  cancelAnimationFrame(view.frame)
  view.frame = requestAnimationFrame(() => {
    if (!view.draws || view.closed || !view.root.clientWidth) return
    window.Plotly.Plots.resize(view.plot).then(() => thin(view))
  })
}

// Leave out labels that would run into each other: the figure does not know its width.
async function thin(view) {
  const area = view.plot.querySelector(".nsewdrag")?.getBoundingClientRect()
  if (!area) return
  view.room = { xaxis: area.width / LABEL_PX.xaxis, yaxis: area.height / LABEL_PX.yaxis }
  for (const [name, ticks] of Object.entries(thinned(view))) {
    if (view.plot.layout[name].tickvals.length !== ticks.length)
      await window.Plotly.relayout(view.plot, { [`${name}.tickvals`]: ticks })
  }
}

// Of each axis' ticks, as many as there was room for when the chart was last measured.
function thinned({ ticks, room }) {
  const thinner = ([name, all]) => {
    const every = room ? Math.ceil(all.length / room[name]) : 1
    return [name, all.filter((_, index) => index % every === 0)]
  }
  return Object.fromEntries(Object.entries(ticks).filter(([, all]) => all).map(thinner))
}

function theme(element) {
  const style = getComputedStyle(element)
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim()
  return {
    text: read("text-color"),
    faint: read("gray-text-color"),
    line: read("border-color"),
    background: read("background-color"),
    font: read("font"),
    series: read("chart-categorical-colors").split(/,(?![^(]*\))/),
  }
}

function themed({ data, layout }, colours) {
  const { text, faint, line, background, font, series } = colours
  const dressed = { ...layout, autosize: true }
  if (series[0]) dressed.colorway = series
  dressed.font = { ...layout.font, color: text, family: font }
  const label = { bgcolor: background, bordercolor: line, font: { ...dressed.font, size: 12 } }
  dressed.hoverlabel = { ...layout.hoverlabel, ...label }
  dressed.modebar = { bgcolor: background, color: faint, activecolor: text }
  for (const name of Object.keys(layout).filter((name) => /^[xy]axis/.test(name))) {
    const tickfont = { ...layout[name].tickfont, color: faint }
    dressed[name] = { ...layout[name], gridcolor: line, tickcolor: line, tickfont }
  }
  return { data, layout: dressed }
}

function framed(shapes = [], cell) {
  if (!cell) return shapes
  const [row, column] = cell
  const sides = { x0: column - 0.5, x1: column + 0.5, y0: row - 0.5, y1: row + 0.5 }
  return shapes.map((shape) => (shape.name === SELECTED_CELL ? { ...shape, ...sides } : shape))
}

function choose(view, point) {
  const cell = Array.from(point.customdata ?? point.pointIndex ?? [])
  if (!view.data.clickable || cell.length !== 2) return
  if (view.data.shape) view.root.focus({ preventScroll: true })
  select(view, cell)
  clearTimeout(view.timer)
  view.report(cell)
}

// Label a point in each subplot that shows the same rows. Several labels are our own doing.
function hoverTwins({ plot }, points) {
  if (!plot.layout.meta?.linked || points.length > 1) return
  const pointNumber = points[0].pointNumber
  const twins = plot.data
    .map(({ customdata, xaxis, yaxis }, curveNumber) => ({ customdata, xaxis, yaxis, curveNumber }))
    .filter(({ customdata }) => customdata)
  const labelled = twins.map(({ curveNumber }) => ({ curveNumber, pointNumber }))
  window.Plotly.Fx.hover(plot, labelled, twins.map(({ xaxis, yaxis }) => xaxis + yaxis))
}

function step(view, event) {
  const move = STEPS[event.key]
  const { shape, clickable } = view.data
  if (!move || !shape || !clickable || !view.selected || !view.draws) return
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  const [bottom, top] = view.plot.layout.yaxis.range
  const within = (index, count) => Math.min(count - 1, Math.max(0, index))
  const row = within(view.selected[0] + (bottom < top ? move[0] : -move[0]), shape[0])
  const column = within(view.selected[1] + move[1], shape[1])
  if (same([row, column], view.selected)) return
  select(view, [row, column])
  clearTimeout(view.timer)
  view.timer = setTimeout(() => view.report(view.selected), KEY_REST_MS)
}

// The frame moves at once; the page follows.
function select(view, cell) {
  view.left.push({ cell: view.selected, at: performance.now() })
  view.selected = cell
  place(view)
  tell(view)
}

async function place({ plot, selected }) {
  const shapes = framed(plot.layout.shapes, selected)
  const moved = JSON.stringify(shapes) !== JSON.stringify(plot.layout.shapes ?? [])
  if (moved) await window.Plotly.relayout(plot, { shapes })
}

function tell(view) {
  const { root, plot, reading, selected } = view
  if (!selected) return
  root.dataset.selected = selected.join(",")
  const [row, column] = selected
  const heatmap = plot.data.find((trace) => trace.type === "heatmap")
  const markup = (heatmap?.hovertext?.[row]?.[column] ?? "").replaceAll("<br>", ", ")
  const text = new DOMParser().parseFromString(markup, "text/html").body.textContent
  if (reading.textContent !== text) reading.textContent = text
}
