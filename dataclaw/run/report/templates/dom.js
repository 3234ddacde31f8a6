// Making elements. Everything shown was read off other people's screens: it enters the page as text only.

/** Characters that would hide text or turn its direction, which honest text needs so rarely that they are named. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

export function visible(text) {
  return String(text).replace(HIDDEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** An element: `on` are listeners, `at` percentages of left/top/width/height, other keys attributes. */
export function el(tag, { on = {}, at = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  fill(node, attributes, children);
  for (const [name, listener] of Object.entries(on)) node.addEventListener(name, listener);
  for (const [name, percent] of Object.entries(at)) node.style[name] = `${percent}%`;
  return node;
}

export function draw(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(node, attributes, children);
  return node;
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined).map((c) => (c instanceof Node ? c : visible(c))));
}

export function parse(id) {
  const block = document.getElementById(id);
  return block ? JSON.parse(block.textContent) : null;
}

/** Where pictures and clips come from, by the name that a record gives them; set by the page that shows them. */
export const urls = { picture: String, clip: String };

export function bar(value, low = false) {
  const box = { viewBox: "0 0 100 6", preserveAspectRatio: "none", class: low ? "bar low" : "bar", "aria-hidden": "true" };
  const rail = draw("rect", { class: "rail", width: 100, height: 6 });
  return draw("svg", box, rail, draw("rect", { class: "fill", width: 100 * value, height: 6 }));
}

export function number(value, digits = 2) {
  return value === null ? "none" : value.toFixed(digits);
}

export function plainNumber(value) {
  return String(Math.round(value * 1000) / 1000);
}

/** A time as people read it: 7.3 s, 2:05.3, or step 4 where the stream has no clock. */
export function moment(t, clock) {
  if (clock === "index") return `step ${plainNumber(t)}`;
  if (t < 60) return `${(Math.round(t * 10) / 10).toFixed(1)} s`;
  const tenths = Math.round(t * 10);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

export function words(name) {
  return String(name).replaceAll("_", " ");
}

/** Looking under the pointer is for mice beside a stage; above one, what it shows would push the text about. */
const LOOKS = window.matchMedia("(hover: hover) and (min-width: 761px)");

/** What is selected: ids of anchors, pinned by a click or only looked at under the pointer. */
export class Selection {
  constructor() {
    this.pinned = { ids: [], pointer: "" };
    this.watchers = [];
    this.looking = false; // under the pointer only: nothing that plays is moved by it
  }

  watch(watcher) {
    this.watchers.push(watcher);
  }

  pin(ids, pointer = "") {
    const same = this.pinned.pointer === pointer && this.pinned.ids.join() === ids.join();
    this.pinned = same ? { ids: [], pointer: "" } : { ids, pointer };
    this.tell(this.pinned);
  }

  look(ids, pointer = "") {
    this.looking = true;
    this.tell({ ids, pointer });
    this.looking = false;
  }

  leave() {
    this.look(this.pinned.ids, this.pinned.pointer);
  }

  tell({ ids, pointer }) {
    const chosen = new Set(ids);
    for (const watcher of this.watchers) watcher(chosen, pointer);
  }

  /** Listeners that select under the pointer and pin on a click. */
  listeners(ids, pointer = "") {
    return {
      mouseenter: () => LOOKS.matches && this.look(ids, pointer),
      mouseleave: () => LOOKS.matches && this.leave(),
      click: (event) => {
        if (String(window.getSelection())) return; // the reader marks text
        event.stopPropagation();
        this.pin(ids, pointer);
      },
    };
  }
}
