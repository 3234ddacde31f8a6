// Lanes of time: windows in front, events as ticks (cited, left out, only seen), and what is selected.

import { el, moment, visible, words } from "./dom.js";

export class Lane {
  constructor(lane, detail, selection) {
    this.lane = lane;
    this.detail = detail;
    this.selection = selection;
    this.extent = Math.max(lane.t1 - lane.t0, 1e-9);
    const name = lane.part ? `fragment ${lane.part}` : "";
    this.track = el("div", { class: "track", role: "toolbar", "aria-label": `Events${name ? ` of ${name}` : ""}, arrow keys move` });
    this.track.append(...lane.windows.map((w) => this.windowSpan(w)));
    this.ticks = lane.events.map((event) => this.tick(event));
    this.ticks.forEach((tick, i) => (tick.tabIndex = i ? -1 : 0));
    this.cues = el("div");
    this.track.append(...this.ticks, this.cues);
    this.track.addEventListener("click", (event) => this.pick(event));
    this.track.addEventListener("keydown", (event) => this.step(event));
    const unplaced = lane.unplaced ? `${lane.unplaced} more left out, time not known` : "";
    const ends = [moment(lane.t0, detail.stream.clock), [name, unplaced].filter(Boolean).join(": "), moment(lane.t1, detail.stream.clock)];
    this.node = el("div", { class: "lane" }, this.track, el("div", { class: "lane-head" }, ends.map((text) => el("span", {}, text))));
  }

  place(t) {
    return (100 * (t - this.lane.t0)) / this.extent;
  }

  windowSpan({ name, t0, t1 }) {
    const at = { left: this.place(t0), width: Math.max(this.place(t1) - this.place(t0), 0) };
    return el("span", { class: "span", title: visible(name), at }, at.width > 6 ? name : "");
  }

  tick(event) {
    const anchor = this.detail.anchors[event.id];
    const why = event.use === "left_out" ? `, left out: ${words(event.reason)}` : event.use === "seen" ? ", not cited" : "";
    const label = visible(`${event.id} at ${moment(event.t0, this.detail.stream.clock)}: ${anchor?.content ?? ""}${why}`);
    const inset = (t) => Math.min(Math.max(t, 0.4), 99.6);
    const at = { left: inset(this.place(event.t0)), width: Math.min(this.place(event.t1), 100) - this.place(event.t0) };
    return el("button", { type: "button", class: `tick ${event.use}`, "data-id": event.id, title: label, "aria-label": label, at });
  }

  /** A click takes the nearest tick: ticks are thin and fingers are not. */
  pick(event) {
    if (!this.ticks.length) return;
    const keyboard = event.detail === 0;
    const tick = keyboard ? event.target.closest(".tick") : this.nearest(event.clientX);
    if (tick) this.selection.pin([tick.dataset.id]);
  }

  nearest(x) {
    const gap = (tick) => {
      const box = tick.getBoundingClientRect();
      return Math.max(box.left - x, x - box.right, 0);
    };
    return this.ticks.reduce((best, tick) => (gap(tick) < gap(best) ? tick : best));
  }

  step(event) {
    const move = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    const here = this.ticks.indexOf(document.activeElement);
    if (!move || here < 0) return;
    event.preventDefault();
    const next = this.ticks[Math.min(Math.max(here + move, 0), this.ticks.length - 1)];
    this.ticks[here].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    this.selection.look([next.dataset.id]);
  }

  show(chosen, key, t) {
    for (const tick of this.ticks) tick.classList.toggle("lit", chosen.has(tick.dataset.id));
    const own = [...chosen].map((id) => this.detail.anchors[id]).filter((a) => a && a.kind !== "event" && (a.part ?? "") === this.lane.part);
    const marks = own.map((a) => el("i", { class: "cue", at: { left: Math.min(Math.max(this.place(a.t0), 0.5), 99.5) } }));
    const shown = t !== null && key.slice(0, key.lastIndexOf(":")) === this.lane.part;
    if (shown) marks.push(el("i", { class: "playhead", at: { left: Math.min(Math.max(this.place(t), 0), 100) } }));
    this.cues.replaceChildren(...marks);
  }
}

export function legend(lanes) {
  const uses = new Set(lanes.flatMap((lane) => lane.lane.events.map((event) => event.use)));
  const names = { cited: "cited", left_out: "left out", seen: "seen, not cited" };
  const keys = Object.entries(names).filter(([use]) => uses.has(use));
  return el("p", { class: "legend", hidden: !keys.length }, keys.map(([use, name]) => el("span", {}, el("i", { class: `tick ${use}` }), name)));
}
