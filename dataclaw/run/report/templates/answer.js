// The answer as a structure whose every field leads to its evidence.

import { draw, el, moment, plainNumber, urls, visible, words } from "./dom.js";
import { withMedia } from "./media.js";
import { boxOf, frameKey } from "./stage.js";

const NAMES = ["target", "title", "name", "instruction", "action", "goal", "text"];

export class Answer {
  constructor(detail, selection) {
    this.detail = detail;
    this.selection = selection;
    this.parts = []; // [element, pointer, ids]
    this.later = new IntersectionObserver((seen) => this.load(seen), { rootMargin: "400px" });
    selection.watch((chosen, pointer) => this.light(chosen, pointer));
  }

  /** Ids that prove the field at `pointer`: as the sample says, or those cited beside it in a draft. */
  proof(pointer, cite) {
    return this.detail.evidence?.[pointer] ?? cite;
  }

  /** The answer: told in parts, or as one text or object; placeholders in it show their media. */
  answer() {
    this.taken = { count: 0 };
    const { answer, answer_parts: parts } = this.detail;
    const shown = parts ? this.render(parts, "/answer_parts") : this.render(answer, "/answer");
    this.taken = null;
    return shown;
  }

  render(value, pointer, cite = []) {
    if (Array.isArray(value) && value.some((v, i) => typeof v === "string" && this.detail.evidence?.[`${pointer}/${i}`])) {
      return el("ol", { class: "list" }, value.map((text, i) => el("li", {}, this.field("", text, `${pointer}/${i}`, cite))));
    }
    if (Array.isArray(value) && value.some(isObject)) {
      return el("ol", { class: "list" }, value.map((item, i) => el("li", {}, this.item(item, `${pointer}/${i}`, i, cite))));
    }
    return isObject(value) ? el("div", { class: "fields" }, this.fields(value, pointer, Object.keys(value))) : this.field("", value, pointer, cite);
  }

  item(value, pointer, index, cite) {
    return isObject(value) ? this.card(value, pointer, index) : this.render(value, pointer, cite);
  }

  fields(value, pointer, keys) {
    const cite = strings(value.cite);
    const rows = keys.filter((key) => key !== "cite").map((key) => this.entry(key, value[key], child(pointer, key), cite));
    const ids = this.direct(value, pointer);
    return ids.length ? [...rows, this.chips(ids)] : rows;
  }

  entry(key, value, pointer, cite) {
    if (!isNested(value)) return this.field(key, value, pointer, cite);
    const only = soleField(value);
    if (only) return [this.field(key, value[only], child(pointer, only), strings(value.cite)), this.chips(this.direct(value, pointer))];
    const group = el("div", { class: "group", "data-pointer": pointer }, el("span", { class: "label" }, words(key)), this.render(value, pointer, cite));
    return group;
  }

  field(key, value, pointer, cite) {
    const ids = this.proof(pointer, cite);
    if (!key && typeof value === "string") return this.prose(value, pointer, ids);
    const shown = el("span", { class: isCode(key) ? "value code mono" : "value" }, this.text(key, value));
    const title = ids.length ? `rests on ${ids.join(", ")}` : "cites nothing";
    const label = ids.length ? el("button", { type: "button", class: "label", title }, words(key) || "value") : el("span", { class: "label", title }, words(key));
    const kind = ["field", ids.length ? "proved" : "", isBrief(value) && !isCode(key) ? "brief" : ""].filter(Boolean).join(" ");
    const row = el("div", { class: kind, "data-pointer": pointer, on: ids.length ? this.selection.listeners(ids, pointer) : {} }, label, shown);
    this.parts.push([row, pointer, ids]);
    return row;
  }

  /** A text without a name: all of the width, its evidence below. */
  prose(value, pointer, ids) {
    const row = el("div", { class: ids.length ? "prose proved" : "prose", "data-pointer": pointer, on: ids.length ? this.selection.listeners(ids, pointer) : {} }, el("p", { class: "value" }, this.text("", value)));
    this.parts.push([row, pointer, ids]);
    return el("div", {}, row, ids.length ? this.chips(ids) : null);
  }

  text(key, value) {
    if (value === null) return el("span", { class: "bare" }, "null");
    if (key === "time" && typeof value === "number") return moment(value, this.detail.stream.clock);
    if (key === "frame" && typeof value === "number") return `f${value}`;
    if (typeof value === "number") return plainNumber(value);
    if (typeof value === "string" && this.taken) return el("span", {}, withMedia(value, this.detail, this.taken));
    if (isNumbers(value)) return el("span", { class: "mono" }, `(${value.map(plainNumber).join(", ")})`);
    if (Array.isArray(value)) return value.length ? value.join(", ") : el("span", { class: "bare" }, "none");
    return String(value);
  }

  card(value, pointer, index) {
    const name = NAMES.find((key) => typeof value[key] === "string" && value[key]);
    const used = [name, "verb", "time"].filter((key) => key && !isNested(value[key]) && value[key] !== undefined);
    const rest = Object.keys(value).filter((key) => !used.includes(key));
    const fields = el("div", { class: "fields tight" }, this.fields(value, pointer, rest));
    const body = el("div", { class: "body" }, this.headline(value, pointer, index, used), fields);
    const ids = this.direct(value, pointer);
    const card = el("div", { class: "card", "data-pointer": pointer }, body, pointer.startsWith("/answer") ? this.thumb(ids, pointer) : null);
    this.parts.push([card, pointer, []]);
    return card;
  }

  headline(value, pointer, index, used) {
    const cite = strings(value.cite);
    const piece = (key) => {
      const place = child(pointer, key);
      const ids = this.proof(place, cite);
      const kind = { verb: "verb", time: "time" }[key] ?? "name";
      const node = el(ids.length ? "button" : "span", { type: ids.length ? "button" : null, class: kind, "data-pointer": place, title: words(key), on: ids.length ? this.selection.listeners(ids, place) : {} }, key === "verb" ? words(value[key]) : this.text(key, value[key]));
      this.parts.push([node, place, ids]);
      return node;
    };
    const order = ["verb", ...used.filter((key) => key !== "verb" && key !== "time"), "time"].filter((key) => used.includes(key));
    const prose = used.includes("text") || used.includes("instruction") || used.includes("action");
    return el("div", { class: prose ? "headline prose" : "headline" }, el("span", { class: "ordinal" }, index + 1), order.map(piece));
  }

  /** Ids cited by the object itself, not by what is nested in it. */
  direct(value, pointer) {
    const cite = strings(value.cite);
    const keys = Object.keys(value).filter((key) => key !== "cite" && !isNested(value[key]));
    const found = keys.flatMap((key) => this.proof(child(pointer, key), cite));
    return [...new Set(keys.length ? found : cite)];
  }

  chips(ids) {
    return el("div", { class: "chips" }, ids.map((id) => this.chip(id)));
  }

  chip(id) {
    const anchor = this.detail.anchors[id];
    const text = anchor ? anchor.content : "not known";
    const chip = el("button", { type: "button", class: anchor ? "chip" : "chip unknown", title: visible(text), on: this.selection.listeners([id]) }, el("b", {}, id), short(text, 48));
    this.parts.push([chip, "", [id]]);
    return chip;
  }

  /** A chip without words, for where they stand beside it. */
  mark(id) {
    const chip = this.chip(id);
    chip.lastChild.remove();
    return chip;
  }

  /** The place on the screenshot before the action, enlarged. */
  thumb(ids, pointer) {
    const id = ids.find((name) => {
      const anchor = this.detail.anchors[name];
      return anchor && (anchor.point || anchor.box) && this.detail.pictures[frameKey(anchor)]?.picture;
    });
    if (!id) return null;
    const anchor = this.detail.anchors[id];
    const picture = this.detail.pictures[frameKey(anchor)];
    const [width, height] = picture.size;
    const [x, y] = anchor.point ?? [(anchor.box[0] + anchor.box[2]) / 2, (anchor.box[1] + anchor.box[3]) / 2];
    const w = Math.min(width, Math.max(width * 0.36, anchor.box ? (anchor.box[2] - anchor.box[0]) * 1.2 : 0));
    const h = Math.min(height, w * 0.58);
    const [left, top] = [clamp(x - w / 2, 0, width - w), clamp(y - h / 2, 0, height - h)];
    const image = draw("image", { width, height, "data-picture": picture.picture, preserveAspectRatio: "none" });
    const shapes = anchor.box ? outlined("rect", boxOf(anchor.box), w) : outlined("circle", { cx: x, cy: y, r: w / 24 }, w);
    if (anchor.box && anchor.point) shapes.push(draw("circle", { cx: x, cy: y, r: w / 60, fill: "#ff4d12", stroke: "#fff", "stroke-width": w / 150 }));
    const view = draw("svg", { viewBox: `${left} ${top} ${w} ${h}`, "aria-hidden": "true" }, image, ...shapes);
    this.later.observe(view);
    return el("button", { type: "button", class: "thumb", "aria-label": `Show ${id} on the screenshot`, on: this.selection.listeners(ids, pointer) }, view);
  }

  load(seen) {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      const image = target.querySelector("image");
      image.setAttribute("href", urls.picture(image.dataset.picture));
      this.later.unobserve(target);
    }
  }

  light(chosen, pointer) {
    for (const [node, place, ids] of this.parts) {
      const lit = pointer ? place === pointer || (node.classList.contains("chip") && chosen.has(ids[0])) : ids.some((id) => chosen.has(id));
      node.classList.toggle("lit", lit);
      const button = node.matches("button") ? node : node.querySelector(":scope > button.label");
      if (button) button.setAttribute("aria-pressed", String(lit));
    }
  }
}

/** A shape with a light rim, seen on dark and on light screens; `w` is the width of the view in its own units. */
function outlined(tag, place, w) {
  const rim = draw(tag, { ...place, fill: "none", stroke: "#fff", "stroke-width": w / 34, opacity: 0.85 });
  return [rim, draw(tag, { ...place, fill: "none", stroke: "#ff4d12", "stroke-width": w / 75 })];
}

/** The one plain field of an object that holds nothing else: it needs no group of its own. */
function soleField(value) {
  const keys = isObject(value) ? Object.keys(value).filter((key) => key !== "cite") : [];
  return keys.length === 1 && !isNested(value[keys[0]]) ? keys[0] : null;
}

export function child(pointer, key) {
  return `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function strings(value) {
  return Array.isArray(value) ? value.filter((v) => typeof v === "string") : [];
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isNested(value) {
  return isObject(value) || (Array.isArray(value) && value.some((v) => typeof v === "object" && v !== null && !isNumbers(v)));
}

export function isNumbers(value) {
  return Array.isArray(value) && value.length > 0 && value.every((v) => typeof v === "number");
}

/** Whether a value is so short that several fit on a line. */
function isBrief(value) {
  return isNumbers(value) || (typeof value === "string" ? value.length <= 36 && !value.includes("\n") : !Array.isArray(value) || value.join(", ").length <= 36);
}

function isCode(key) {
  return key === "code";
}

export function short(text, limit) {
  const all = [...text];
  return all.length > limit ? `${all.slice(0, limit - 1).join("")}\u2026` : text;
}

export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
