// Tells a first visitor, step by step, what the parts of the page are for.

const YEAR_S = 365 * 24 * 3600
const views = new WeakMap() // parentElement -> where its visitor is

export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? open(parentElement, data)
  view.data = data
  view.report = () => setTriggerValue("close", true)
  show(view)
  return () => {
    views.delete(parentElement)
    view.style.remove()
  }
}

function open(parent, data) {
  const root = parent.querySelector(".layerscope-guide")
  const closed = !data.again && document.cookie.split("; ").includes(`${data.cookie}=${data.closed}`)
  const view = { root, closed, step: 0, style: document.createElement("style") }
  document.head.append(view.style)
  root.onclick = (event) => act(view, event.target.closest("button")?.dataset.action)
  root.onkeydown = (event) => {
    // A handler of this kind that returned false would keep Tab and Enter from working.
    if (event.key === "Escape") act(view, "close")
  }
  views.set(parent, view)
  return view
}

function act(view, action) {
  const last = view.data.steps.length - 1
  if (action === "close" || (action === "next" && view.step === last)) return close(view)
  if (action === "next") view.step += 1
  if (action === "back") view.step -= 1
  show(view)
}

function close(view) {
  const { cookie, closed, path } = view.data
  document.cookie = `${cookie}=${closed}; path=${path}; max-age=${YEAR_S}; SameSite=Lax`
  view.closed = true
  show(view)
  view.report()
}

function show({ root, data, step, closed, style }) {
  const { title, text, selector } = data.steps[step]
  const last = data.steps.length - 1
  root.hidden = closed
  root.dataset.step = step
  root.querySelector("strong").textContent = title
  root.querySelector(".layerscope-guide-told span").textContent = text
  root.querySelector(".layerscope-guide-place").textContent = step ? `${step} of ${last}` : ""
  root.querySelector("[data-action=back]").hidden = !step
  const next = { 0: "Show me", [last]: "Done" }[step] ?? "Next"
  root.querySelector("[data-action=next]").textContent = next
  style.textContent = closed || !selector ? "" : outline(selector, root)
}

function outline(selector, root) {
  const colour = getComputedStyle(root).getPropertyValue("--st-primary-color").trim()
  return `${selector} { outline: 2px solid ${colour}; outline-offset: 1px; border-radius: 8px; }`
}
