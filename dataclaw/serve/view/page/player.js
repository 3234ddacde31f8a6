// The stage of the report with a player: what is selected is jumped to in time, and drawn over the moving picture.

import { draw, el, moment } from "../report/dom.js";
import { Stage, boxOf, mark } from "../report/stage.js";

const NEAR = 0.6; // how long before and after an anchor its place is drawn [s]

export class PlayerStage extends Stage {
  constructor(detail, selection, lanes, place) {
    super(detail, selection, lanes);
    this.place = place;
    this.time = detail.stream.window?.[0] ?? 0;
    this.ghost = null;
    this.films = detail.clips.filter((clip) => clip.clip).map((clip) => filmOf(clip, detail.frames, place.media(clip.path)));
    this.film = null;
    this.video = el("video", { controls: true, muted: true, playsinline: true, preload: "auto", "aria-label": "Recording" });
    for (const name of ["timeupdate", "seeked", "loadedmetadata"]) this.video.addEventListener(name, () => this.tick());
    this.video.addEventListener("error", () => this.fail());
    this.overlay = draw("svg", { preserveAspectRatio: "none" });
    this.marks = el("div", { class: "marks-over" });
    this.film_screen = el("div", { class: "screen film", hidden: true }, this.video, this.overlay, this.marks);
    this.screen.before(this.film_screen);
    this.mode = el("button", { type: "button", class: "link", on: { click: () => this.toggle() } });
    this.clock_text = el("span", { class: "mono" });
    this.note = el("span", { class: "quiet" });
    this.bar = el("p", { class: "caption film-bar" }, this.clock_text, this.mode, this.note);
    this.film_screen.after(this.bar);
    this.node.classList.add("player");
    this.lines = this.textLines();
    if (this.lines) this.node.prepend(this.lines);
    this.proof.before(this.jumps()); // above what changes in height under the pointer
    this.ready = true;
    this.choose(true);
  }

  get useful() {
    return super.useful || this.films.length > 0 || Boolean(this.lines) || this.detail.cited.length > 0;
  }

  /** The recording itself may be played: it comes before the clips. */
  offer(recording) {
    if (recording.why) {
      this.note.textContent = recording.why;
      this.bar.hidden = false;
    }
    if (recording.missing) return;
    this.rate = recording.rate;
    const whole = { src: this.place.recording(), t0: 0, t1: Infinity, rate: recording.rate, shift: (t) => t, back: (t) => t, name: "recording" };
    this.films.unshift(whole);
    this.choose(true);
  }

  /** Length of one recorded frame [s]; null where the stream does not say. */
  get frameSeconds() {
    const rate = this.rate ?? this.films.find((film) => film.rate)?.rate;
    return rate ? 1 / rate : null;
  }

  choose(on) {
    this.moving = on && this.films.length > 0;
    this.film_screen.hidden = !this.moving;
    this.bar.hidden = !this.films.length && !this.note.textContent;
    this.mode.textContent = this.moving ? "show frames" : "show the video";
    if (this.moving) this.seek(this.time);
    this.paint();
  }

  toggle() {
    this.choose(!this.moving);
  }

  /** Go to a time of the stream [s]. */
  seek(t) {
    this.time = Math.max(t, 0);
    if (!this.moving) return this.clockTick();
    const film = this.films.find((one) => one.t0 - 1e-3 <= t && t <= one.t1 + 1e-3) ?? this.films[0];
    const at = film.shift(Math.min(Math.max(t, film.t0), film.t1));
    if (film !== this.film) {
      this.film = film;
      this.wanted = at;
      this.video.src = film.src;
      this.note.textContent = film.name;
    }
    if (this.video.readyState) this.video.currentTime = at;
    else this.wanted = at;
    this.clockTick();
  }

  tick() {
    if (this.wanted !== undefined && this.video.readyState) {
      const at = this.wanted;
      this.wanted = undefined;
      this.video.currentTime = at;
      return;
    }
    if (this.video.videoWidth) this.film_screen.style.aspectRatio = `${this.video.videoWidth} / ${this.video.videoHeight}`;
    if (!this.film || this.video.seeking) return;
    this.time = this.film.back(this.video.currentTime);
    this.clockTick();
  }

  clockTick() {
    this.clock_text.textContent = moment(this.time, this.clock);
    this.over();
    for (const lane of this.lanes) lane.show(this.chosen, ":", this.time);
  }

  fail() {
    const film = this.films.indexOf(this.film);
    if (film < 0) return;
    this.films.splice(film, 1);
    this.note.textContent = `This browser cannot play the ${this.film.name}.`;
    this.film = null;
    this.choose(true);
  }

  step(frames) {
    const length = this.frameSeconds;
    if (this.moving && length) {
      this.video.pause();
      return this.seek(this.time + frames * length);
    }
    const at = Math.min(Math.max(this.keys.indexOf(this.key) + frames, 0), this.keys.length - 1);
    this.showFrame(this.keys[at]);
  }

  play() {
    if (!this.moving) return;
    if (this.video.paused) this.video.play();
    else this.video.pause();
  }

  showFrame(key) {
    if (key === undefined) return;
    this.key = key;
    this.paint();
  }

  show(chosen) {
    super.show(chosen);
    if (!this.ready) return;
    const anchors = [...chosen].map((id) => this.detail.anchors[id]).filter(Boolean);
    if (anchors.length && !this.selection.looking) this.seek(Math.min(...anchors.map((anchor) => anchor.t0)));
    this.lightLines(anchors);
    for (const button of this.node.querySelectorAll(".jumps button")) {
      const lit = chosen.has(button.dataset.id);
      button.classList.toggle("lit", lit);
      button.setAttribute("aria-pressed", String(lit));
    }
  }

  paint() {
    super.paint();
    if (!this.ready) return;
    this.screen.hidden = this.screen.hidden || this.moving;
    this.node.querySelector(".caption:not(.film-bar)").hidden = this.moving || !this.keys.length;
    this.strip.hidden = this.moving || this.keys.length < 2;
    this.over();
  }

  paintScreen(picture, size) {
    super.paintScreen(picture, size);
    if (this.ghost && (this.ghost.frame === undefined || `:${this.ghost.frame}` === this.key)) drawGhost(this.ghost, this.screen.querySelector("svg"), size);
  }

  /** Draw what is selected, and what is being edited, over the video. */
  over() {
    if (!this.ready || !this.moving) return;
    const size = [this.video.videoWidth || 16, this.video.videoHeight || 9];
    const stream = Object.values(this.detail.pictures)[0]?.size ?? size;
    this.overlay.setAttribute("viewBox", `0 0 ${stream[0]} ${stream[1]}`);
    this.overlay.replaceChildren();
    const marks = [];
    for (const id of this.chosen) {
      const anchor = this.detail.anchors[id];
      const place = anchor && (anchor.box || anchor.point);
      if (place && anchor.t0 - NEAR <= this.time && this.time <= anchor.t1 + NEAR) mark(anchor, id, stream, this.overlay, marks);
    }
    this.marks.replaceChildren(...marks);
    if (this.ghost) drawGhost(this.ghost, this.overlay, stream);
  }

  /** Show a box or a point that is being edited, `{box?, point?, frame?}`; null takes it away. */
  sketch(ghost) {
    this.ghost = ghost;
    if (ghost?.frame !== undefined && this.keys.includes(`:${ghost.frame}`)) this.key = `:${ghost.frame}`;
    this.paint();
  }

  /** The cited anchors in the order of time, each a jump. */
  jumps() {
    const known = this.detail.cited.map((id) => [id, this.detail.anchors[id]]).filter(([, anchor]) => anchor);
    known.sort(([, a], [, b]) => a.t0 - b.t0);
    this.order = known.map(([id]) => id);
    const rows = known.map(([id, anchor]) => el("li", {}, el("button", { type: "button", "data-id": id, "aria-pressed": "false", on: this.selection.listeners([id]) }, el("b", { class: "mono" }, id), el("span", { class: "when" }, moment(anchor.t0, this.clock)), el("span", { class: "what" }, anchor.content || anchor.kind))));
    return el("details", { class: "jumps", hidden: !known.length, open: !window.matchMedia("(max-width: 760px)").matches }, el("summary", {}, `${known.length} cited anchors`), el("ol", {}, rows));
  }

  /** Select the next cited anchor, or the one before. */
  jump(step) {
    if (!this.order.length) return;
    const at = this.order.findIndex((id) => this.chosen.has(id));
    const next = this.order[at < 0 ? (step > 0 ? 0 : this.order.length - 1) : Math.min(Math.max(at + step, 0), this.order.length - 1)];
    this.selection.pinned = { ids: [], pointer: "" };
    this.selection.pin([next]);
    keepRow(this.node.querySelector(`.jumps button[data-id="${CSS.escape(next)}"]`));
  }

  textLines() {
    const { lines, input_text: text } = this.detail;
    if (!text) return null;
    const rows = lines.length ? lines : text.split("\n").map((line) => [null, line]);
    return el("ol", { class: "lines", tabindex: 0, "aria-label": "The stream as text" }, rows.map(([t, line]) => el("li", { "data-t": t }, line)));
  }

  lightLines(anchors) {
    if (!this.lines) return;
    let first = null;
    const rows = [...this.lines.children];
    const meant = new Set(anchors.flatMap((anchor) => linesOf(anchor, rows)));
    for (const row of rows) {
      const lit = meant.has(row);
      row.classList.toggle("lit", lit);
      first ??= lit ? row : null;
    }
    if (first) this.lines.scrollTop = first.offsetTop - this.lines.offsetTop - this.lines.clientHeight / 3;
  }
}

/** Lines of the stream's text that an anchor is about: those at its time, and of these the ones that have its words. */
function linesOf(anchor, rows) {
  const timed = rows.filter((row) => row.dataset.t !== undefined);
  const inside = anchor.kind === "event" ? (t) => Math.abs(anchor.t0 - t) < 2e-3 : (t) => anchor.t0 <= t && t <= anchor.t1;
  const near = timed.filter((row) => inside(Number(row.dataset.t)));
  const words = anchor.attrs?.text;
  const saying = typeof words === "string" && words ? near.filter((row) => row.textContent.includes(words)) : [];
  return saying.length ? saying : near;
}

function keepRow(row) {
  const list = row?.closest("ol");
  if (!list) return;
  const top = row.offsetTop - list.offsetTop;
  if (top < list.scrollTop || top + row.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top - list.clientHeight / 2;
}

function drawGhost({ box, point }, svg, [width]) {
  if (box?.every?.(Number.isFinite)) svg.append(draw("rect", { ...boxOf(box), class: "halo" }), draw("rect", { ...boxOf(box), class: "ghost" }));
  if (point?.every?.(Number.isFinite)) svg.append(draw("circle", { cx: point[0], cy: point[1], r: width / 90, class: "halo" }), draw("circle", { cx: point[0], cy: point[1], r: width / 90, class: "ghost" }));
}

/** A clip as a film: its times in the stream, and the way from them to its own clock, past a freeze. */
function filmOf(clip, frames, src) {
  const [t0, t1] = clip.span;
  const still = clip.freeze_frame === null ? Infinity : (frames[clip.freeze_frame] ?? Infinity);
  const pause = clip.freeze_repeat_count / clip.rate;
  const shift = (t) => t - t0 + (t > still ? pause : 0);
  const back = (at) => (at + t0 <= still ? at + t0 : Math.max(still, at + t0 - pause));
  return { src, t0, t1, rate: clip.rate, shift, back, name: `clip: ${clip.role.replace("_", " ")}` };
}

