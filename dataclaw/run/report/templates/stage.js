// The stage: the screenshot with what is selected drawn on it, the lanes of time, and the selected facts in words.

import { draw, el, moment, number, urls, words } from "./dom.js";
import { legend } from "./timeline.js";

export class Stage {
  constructor(detail, selection, lanes) {
    this.detail = detail;
    this.selection = selection;
    this.lanes = lanes;
    this.clock = detail.stream.clock;
    this.keys = Object.keys(detail.pictures).sort(byPartAndFrame);
    const cited = new Set(detail.cited.map((id) => frameKey(detail.anchors[id])));
    this.key = this.keys.find((key) => cited.has(key)) ?? this.keys[0] ?? "";
    this.chosen = new Set();
    this.screen = el("div", { class: "screen", role: "img" });
    this.caption = el("p", { class: "caption" });
    this.strip = el("div", { class: "frames", role: "group", "aria-label": "Frames" });
    this.proof = el("ul", { class: "proof", "aria-live": "polite" });
    const under = el("div", { class: "under" }, this.caption, this.strip, ...lanes.map((l) => l.node), legend(lanes), this.proof);
    this.node = el("aside", { class: "stage", "aria-label": "Evidence" }, this.screen, under);
    this.strip.append(...this.keys.map((key) => this.frameButton(key)));
    this.strip.hidden = this.keys.length < 2;
    selection.watch((chosen) => this.show(chosen));
    this.show(new Set());
  }

  get useful() {
    return this.keys.length > 0 || this.lanes.length > 0;
  }

  frameButton(key) {
    const button = el("button", { type: "button", "data-key": key }, frameName(key));
    button.addEventListener("click", () => {
      this.key = key;
      this.paint();
    });
    return button;
  }

  show(chosen) {
    this.chosen = chosen;
    const keys = [...chosen].map((id) => frameKey(this.detail.anchors[id])).filter(Boolean);
    if (keys.length && !keys.includes(this.key)) this.key = keys.find((key) => key in this.detail.pictures) ?? keys[0];
    this.holds = new Set(keys);
    this.paint();
    this.proof.replaceChildren(...[...chosen].map((id) => this.fact(id)));
    if (!chosen.size) this.proof.append(el("li", {}, el("span", { class: "quiet" }, "Select a field, a step or a tick to see what it rests on."), ""));
  }

  paint() {
    const picture = this.detail.pictures[this.key];
    const size = picture?.size ?? this.detail.pictures[this.keys[0]]?.size ?? null;
    this.screen.hidden = !size;
    if (size) this.paintScreen(picture, size);
    for (const button of this.strip.children) {
      const here = button.dataset.key === this.key;
      button.setAttribute("aria-current", String(here));
      button.classList.toggle("holds", this.holds.has(button.dataset.key));
      if (here) keepInView(this.strip, button);
    }
    for (const lane of this.lanes) lane.show(this.chosen, this.key, picture ? picture.t : null);
  }

  paintScreen(picture, [width, height]) {
    const here = [...this.chosen].filter((id) => frameKey(this.detail.anchors[id]) === this.key);
    const shapes = draw("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none" });
    const marks = [];
    for (const id of here) mark(this.detail.anchors[id], id, [width, height], shapes, marks);
    const shot = picture?.picture ? el("img", { src: urls.picture(picture.picture), alt: "" }) : el("p", { class: "absent" }, whyAbsent(picture, this.key));
    this.screen.style.aspectRatio = `${width} / ${height}`;
    this.screen.style.maxWidth = `${(62 * width) / height}vh`;
    this.screen.setAttribute("aria-label", `Screenshot ${frameName(this.key)}${here.length ? `, marked: ${here.join(", ")}` : ""}`);
    this.screen.replaceChildren(shot, shapes, ...marks);
    this.caption.replaceChildren(
      el("span", {}, `frame ${frameName(this.key)}`),
      ...(picture ? [el("span", {}, moment(picture.t, this.clock)), el("span", {}, `${width} x ${height} px`)] : []),
    );
  }

  fact(id) {
    const anchor = this.detail.anchors[id];
    if (!anchor) return el("li", {}, el("b", { class: "mono" }, id), el("span", { class: "bad" }, "not known: the rollout never saw it"));
    const left = this.detail.left_out?.named.find((row) => row.event === id);
    const meta = [anchor.kind, span(anchor, this.clock), anchor.source ? `by ${anchor.source}` : ""];
    if (anchor.confidence !== undefined) meta.push(`confidence ${number(anchor.confidence)}`);
    if (left) meta.push(`left out: ${words(left.reason)}`);
    return el("li", {}, el("b", { class: "mono" }, id), el("span", { class: "what" }, anchor.content || left?.what || anchor.kind), el("span", { class: "meta" }, meta.filter(Boolean).join(", ")));
  }
}

export function mark(anchor, id, [width, height], shapes, marks) {
  const end = anchor.attrs?.end_point;
  if (anchor.box) {
    const place = boxOf(anchor.box);
    shapes.append(draw("rect", { ...place, class: "halo" }), draw("rect", { ...place, class: anchor.kind === "change" ? "change" : "" }));
  }
  if (anchor.point && isPair(end)) {
    const line = { x1: anchor.point[0], y1: anchor.point[1], x2: end[0], y2: end[1] };
    shapes.append(draw("line", { ...line, class: "halo" }), draw("line", line));
  }
  if (anchor.point) marks.push(el("i", { class: anchor.box ? "spot dot" : "spot", at: { left: (100 * anchor.point[0]) / width, top: (100 * anchor.point[1]) / height } }));
  const corner = anchor.box ? [anchor.box[0], anchor.box[1]] : anchor.point;
  if (!corner) return;
  const tag = el("span", { class: "tag", at: { left: (100 * corner[0]) / width, top: (100 * corner[1]) / height } }, id);
  const [low, far] = [corner[1] < height * 0.06, corner[0] > width * 0.9];
  tag.style.transform = `translate(${far ? "-100%" : anchor.box ? "0" : "12px"}, ${low ? "4px" : "-100%"})`;
  marks.push(tag);
}

export function boxOf([x0, y0, x1, y1]) {
  return { x: x0, y: y0, width: Math.max(x1 - x0, 1), height: Math.max(y1 - y0, 1) };
}

function isPair(value) {
  return Array.isArray(value) && value.length === 2 && value.every((v) => typeof v === "number");
}

export function span(anchor, clock) {
  return anchor.t1 - anchor.t0 > 1 ? `${moment(anchor.t0, clock)} to ${moment(anchor.t1, clock)}` : moment(anchor.t0, clock);
}

export function frameKey(anchor) {
  return anchor && anchor.frame !== undefined && anchor.frame !== null ? `${anchor.part ?? ""}:${anchor.frame}` : "";
}

export function frameName(key) {
  const cut = key.lastIndexOf(":");
  return cut > 0 ? `${key.slice(0, cut)}.f${key.slice(cut + 1)}` : `f${key.slice(cut + 1)}`;
}

function byPartAndFrame(a, b) {
  const [i, j] = [a.lastIndexOf(":"), b.lastIndexOf(":")];
  return a.slice(0, i).localeCompare(b.slice(0, j)) || Number(a.slice(i + 1)) - Number(b.slice(j + 1));
}

function whyAbsent(picture, key) {
  if (!picture) return `The sample shows no picture of ${frameName(key)}.`;
  const why = { missing: "is not in the run's folder", unreadable: "is no readable picture", "left out": "is left out to keep this page small" };
  return `${picture.path} ${why[picture.fate]}.`;
}

/** Scroll a strip, and nothing else, until the button is seen. */
function keepInView(strip, button) {
  const [start, end] = [button.offsetLeft - strip.offsetLeft, button.offsetLeft - strip.offsetLeft + button.offsetWidth];
  if (start < strip.scrollLeft) strip.scrollLeft = start;
  else if (end > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = end - strip.clientWidth;
}
