// A draft as a form: every field by its kind, times and frames and places moved by keys, items added and taken away.

import { clamp, child, isNumbers, isObject } from "../report/answer.js";
import { el, words } from "../report/dom.js";

const PLACE = /(^|_)(point|box)$/;
const CORNERS = ["left", "top", "right", "bottom"];

export function valueAt(draft, pointer) {
  return tokens(pointer).reduce((value, token) => value?.[token], draft);
}

/** A copy of a draft with another value at a place; without a value the place is taken out. */
export function withValue(draft, pointer, value) {
  const copy = structuredClone(draft);
  const path = tokens(pointer);
  const last = path.pop();
  const owner = path.reduce((inner, token) => inner[token], copy);
  if (value !== undefined) owner[last] = value;
  else if (Array.isArray(owner)) owner.splice(Number(last), 1);
  else delete owner[last];
  return copy;
}

function tokens(pointer) {
  return pointer.split("/").slice(1).map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export class DraftForm {
  /**
   * `says` has: hints (by pointer), anchors (ids that may be cited), seconds (of one frame, null where not known),
   * frames (times of the sampled frames), clock; change(pointer, value, whole) and look(pointer, kind, value).
   */
  constructor(draft, says) {
    this.draft = draft;
    this.says = says;
    this.node = el("div", { class: "form", on: { focusin: (event) => this.look(event.target) } });
    this.render();
  }

  show(draft) {
    const at = document.activeElement?.closest?.("[data-at]")?.dataset.at;
    this.draft = draft;
    this.render();
    if (at) this.focus(at);
  }

  render() {
    const keys = Object.keys(this.draft).filter((key) => key !== "left_out");
    this.node.replaceChildren(...keys.map((key) => this.entry(key, this.draft[key], child("", key))));
  }

  /** Put the cursor into a field, or into the first one below a place. */
  focus(pointer) {
    for (let place = pointer; place; place = place.slice(0, place.lastIndexOf("/"))) {
      const found = [...this.node.querySelectorAll("[data-at]")].find((node) => node.dataset.at === place || node.dataset.at.startsWith(`${place}/`));
      if (!found) continue;
      found.focus();
      found.scrollIntoView({ block: "nearest" });
      return;
    }
  }

  entry(key, value, pointer) {
    if (key === "cite") return this.row("cites", this.cites(value, pointer));
    if (isNumbers(value) && PLACE.test(key)) return this.row(words(key), this.place(key, value, pointer));
    if (Array.isArray(value)) return el("fieldset", {}, el("legend", {}, words(key)), this.items(key, value, pointer));
    if (!isObject(value)) return this.row(words(key), this.leaf(key, value, pointer));
    return el("fieldset", {}, el("legend", {}, words(key)), Object.keys(value).map((inner) => this.entry(inner, value[inner], child(pointer, inner))));
  }

  row(label, input) {
    return el("label", { class: "entry" }, el("span", { class: "label" }, label), input);
  }

  items(key, value, pointer) {
    const rows = value.map((item, i) => {
      const place = child(pointer, String(i));
      const name = `${words(key)} ${i + 1}`;
      const body = isObject(item) ? Object.keys(item).map((inner) => this.entry(inner, item[inner], child(place, inner))) : this.leaf(key, item, place, name);
      const tools = [
        this.tool(`Copy ${name}`, "copy", () => this.whole(pointer, value.toSpliced(i + 1, 0, structuredClone(item)), child(pointer, String(i + 1)))),
        i ? this.tool(`Move ${name} up`, "up", () => this.whole(pointer, value.toSpliced(i - 1, 2, item, value[i - 1]), child(pointer, String(i - 1)))) : null,
        this.tool(`Remove ${name}`, "remove", () => this.whole(pointer, value.toSpliced(i, 1), pointer)),
      ];
      return el("li", { "data-item": place }, el("div", { class: "item-head" }, el("b", {}, name), el("span", { class: "tools" }, tools)), body);
    });
    return rows.length ? el("ol", { class: "items" }, rows) : el("p", { class: "quiet" }, "none");
  }

  tool(label, text, click) {
    return el("button", { type: "button", class: "link", "aria-label": label, on: { click } }, text);
  }

  whole(pointer, value, then) {
    this.says.change(pointer, value, true);
    this.focus(then);
  }

  change(pointer, value) {
    this.draft = withValue(this.draft, pointer, value);
    this.says.change(pointer, value, false);
  }

  leaf(key, value, pointer, name = null) {
    const hint = this.says.hints[pointer] ?? {};
    const at = { "data-at": pointer, "aria-label": name };
    if (hint.choices) return this.select(hint.choices, value, pointer, at);
    if (typeof value === "boolean") return this.select(["true", "false"], String(value), pointer, at, (text) => text === "true");
    if (typeof value === "number") return this.number(value, pointer, hint, at);
    if (value === null) return el("input", { ...at, disabled: true, placeholder: "null: change it as JSON" });
    const node = el("textarea", { ...at, rows: Math.min(8, Math.max(1, Math.ceil(value.length / 70), value.split("\n").length)), spellcheck: false, on: { input: () => this.change(pointer, node.value) } });
    node.value = value;
    return node;
  }

  select(choices, value, pointer, at, read = String) {
    const node = el("select", { ...at, on: { change: () => this.change(pointer, read(node.value)) } }, [...new Set([...choices, value])].map((choice) => el("option", {}, choice)));
    node.value = value;
    return node;
  }

  number(value, pointer, hint, at) {
    const node = el("input", { ...at, type: "number", step: "any", class: "number-in", "data-kind": hint.ref ?? "number" });
    const take = (next) => {
      this.change(pointer, next);
      this.says.look(pointer, hint.ref ?? "number", next);
    };
    node.value = value;
    node.addEventListener("input", () => Number.isFinite(node.valueAsNumber) && take(node.valueAsNumber));
    node.addEventListener("keydown", (event) => {
      const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const next = this.nudge(valueAt(this.draft, pointer), hint, step * (event.shiftKey ? 10 : 1));
      node.value = next;
      take(next);
    });
    return node;
  }

  /** One frame on or back for times and frames; one for whole numbers, a hundredth for others. */
  nudge(value, { ref, number }, steps) {
    const { frames, seconds, clock } = this.says;
    if (ref === "frame") return clamp(value + steps, 0, Math.max(frames.length - 1, 0));
    if (ref !== "time") return round(value + steps * (number === "integer" || Number.isInteger(value) ? 1 : 0.01));
    if (clock === "index") return Math.max(0, round(value + steps));
    const length = seconds();
    if (length) return Math.max(0, round(value + steps * length));
    const near = steps > 0 ? frames.filter((t) => t > value + 5e-4) : frames.filter((t) => t < value - 5e-4).reverse();
    return round(near[Math.abs(steps) - 1] ?? near.at(-1) ?? Math.max(0, value + steps * 0.04));
  }

  /** A point or a box: its numbers, and a handle that arrow keys move by a pixel. */
  place(key, value, pointer) {
    const names = value.length === 2 ? ["x", "y"] : CORNERS;
    const inputs = value.map((number, i) => {
      const node = el("input", { type: "number", step: 1, class: "number-in pixel", "aria-label": `${words(key)} ${names[i]}`, "data-at": child(pointer, String(i)) });
      node.value = number;
      node.addEventListener("input", () => Number.isFinite(node.valueAsNumber) && move(valueAt(this.draft, pointer).with(i, node.valueAsNumber)));
      return node;
    });
    const move = (next) => {
      next.forEach((number, i) => (inputs[i].value = number));
      this.change(pointer, next);
      this.says.look(pointer, key, next);
    };
    const handle = el("span", { class: "handle", tabindex: 0, role: "application", "data-at": pointer, "data-kind": "place", "aria-label": `${words(key)}: arrow keys move it by a pixel${value.length > 2 ? ", with Alt its far corner" : ""}`, title: "arrow keys move it" }, "✥");
    handle.addEventListener("keydown", (event) => {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
      if (!(dx || dy) || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const by = event.shiftKey ? 10 : 1;
      const old = valueAt(this.draft, pointer);
      move(old.map((number, i) => (event.altKey && old.length > 2 && i < 2 ? number : Math.max(0, round(number + by * (i % 2 ? dy : dx))))));
    });
    return el("span", { class: "place" }, handle, inputs);
  }

  cites(value, pointer) {
    const node = el("input", { "data-at": pointer, class: "mono", spellcheck: false, "aria-label": "cited anchors, with spaces between" });
    node.value = (value ?? []).join(" ");
    node.addEventListener("input", () => {
      const ids = node.value.split(/[\s,]+/).filter(Boolean);
      const unknown = ids.filter((id) => !this.says.anchors.has(id));
      node.setCustomValidity(unknown.length ? `not seen by the agent: ${unknown.join(", ")}` : "");
      node.title = node.validationMessage;
      this.change(pointer, ids);
    });
    return node;
  }

  look(target) {
    const pointer = target.closest("[data-at]")?.dataset.at;
    if (pointer === undefined) return;
    const isCorner = target.classList.contains("pixel");
    const place = isCorner || target.dataset.kind === "place" ? (isCorner ? pointer.slice(0, pointer.lastIndexOf("/")) : pointer) : null;
    const at = place ?? pointer;
    this.says.look(at, place ? at.slice(at.lastIndexOf("/") + 1) : (this.says.hints[at]?.ref ?? "text"), valueAt(this.draft, at));
  }
}

function round(value) {
  return Math.round(value * 1000) / 1000;
}
