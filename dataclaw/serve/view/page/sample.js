// One sample beside its stream: its fields and what proves them, the agent's steps, its review, its edit.

import { Answer } from "../report/answer.js";
import { Selection, el, moment, number, words } from "../report/dom.js";
import { rejectionSections, sampleSections } from "../report/sections.js";
import { Lane } from "../report/timeline.js";
import { filtersOf, get, go } from "./api.js";
import { Editor } from "./editor.js";
import { problemBox, say } from "./parts.js";
import { PlayerStage } from "./player.js";
import { ReviewBar } from "./review.js";
import { stepsSection } from "./steps.js";

const TABS = [["", "Sample"], ["steps", "Steps"], ["edit", "Edit"]];

export class SampleView {
  constructor(shell, run, fields) {
    Object.assign(this, { shell, run, fields });
    this.node = el("div", { class: "sample wide" }, el("p", { class: "quiet" }, "Reading the sample …"));
  }

  async begin() {
    try {
      this.detail = await this.fresh();
    } catch (error) {
      this.node.replaceChildren(problemBox(error));
      return;
    }
    this.draw();
    const found = await get("recording", { run: this.run.name, id: this.fields.id });
    if (this.closed) return;
    this.stage.offer(found);
    this.showStage();
    if (this.selection.pinned.ids.length) this.stage.show(new Set(this.selection.pinned.ids));
  }

  close() {
    this.closed = true;
    this.stage?.video.pause();
  }

  fresh() {
    return get("sample", { run: this.run.name, ...filtersOf(this.fields), id: this.fields.id });
  }

  /** Read it anew, as it is now. */
  renew() {
    this.shell.show();
  }

  /** Another tab has reviewed, or the run has written: say so, take nothing away. */
  async changed(run) {
    this.run = run ?? this.run;
    if (!this.detail || this.closed) return;
    const now = await this.fresh().catch(() => null);
    if (!now || (now.hash === this.detail.hash && now.review.last === this.detail.review.last)) return;
    const what = now.hash === this.detail.hash ? "This sample was reviewed elsewhere." : "The run has written this sample anew.";
    this.news.replaceChildren(el("p", { class: "note", role: "status" }, `${what} `, el("button", { type: "button", class: "link", on: { click: () => this.renew() } }, "Show it")));
  }

  returned() {
    return this.review?.again();
  }

  draw() {
    const { detail, fields } = this;
    this.selection = new Selection();
    this.answer = new Answer(detail, this.selection);
    const place = { media: (path) => `/media/${encodeURIComponent(this.run.name)}/${path.split("/").slice(1).map(encodeURIComponent).join("/")}`, recording: () => `/recording/${encodeURIComponent(this.run.name)}/${encodeURIComponent(fields.id)}` };
    this.stage = new PlayerStage(detail, this.selection, detail.lanes.map((lane) => new Lane(lane, detail, this.selection)), place);
    this.review = new ReviewBar(this);
    this.news = el("div", {});
    this.column = el("div", { class: "column" });
    this.tabs = el("div", { class: "tabs", role: "tablist", "aria-label": "Parts of the sample" });
    this.split = el("div", { class: "split" }, el("div", { class: "left" }, this.tabs, this.column), this.stage.node);
    this.showStage();
    this.node.replaceChildren(this.title(), this.review.node, this.news, this.split);
    this.fill();
    this.selection.watch(() => this.remember());
    this.pick(fields.pick);
  }

  showStage() {
    this.split.classList.toggle("blind", !this.stage.useful);
    this.stage.node.hidden = !this.stage.useful;
  }

  title() {
    const { detail } = this;
    const { name, path, format, window: at, clock } = detail.stream;
    const verdict = detail.kind === "rejected" ? "rejected" : detail.made_by.repairs ? "repaired" : "accepted";
    const { before, after } = detail.near;
    const turn = (id, text, key) => (id ? el("a", { href: this.address({ id }), "aria-keyshortcuts": key }, text) : null);
    const where = [detail.task ? `${detail.domain} · ${words(detail.task)}` : "", format, at ? `${moment(at[0], clock)} to ${moment(at[1], clock)}` : ""].filter(Boolean).join(" · ");
    const only = el("a", { href: this.address({ id: "", tab: "", stream: path }), title: "All samples of this stream" }, path);
    return el(
      "header",
      {},
      el("div", { class: "title" }, el("h1", { class: "small" }, name), el("span", { class: `state ${verdict}` }, verdict), detail.verdict ? el("span", { class: "quiet" }, `total ${number(detail.verdict.total, 3)}`) : null, el("span", { class: "turn" }, turn(before, "Previous", "k"), turn(after, "Next", "j"))),
      el("p", { class: "path" }, `${where} · `, only),
    );
  }

  address(change) {
    const fields = { ...this.fields, pick: "", ...change };
    return `/?${new URLSearchParams(Object.entries(fields).filter(([, value]) => value))}`;
  }

  fill() {
    const { detail, fields } = this;
    const tab = fields.tab ?? "";
    const shown = TABS.filter(([name]) => name !== "edit" || detail.kind === "sample");
    this.tabs.replaceChildren(...shown.map(([name, text]) => el("button", { type: "button", role: "tab", "aria-selected": String(name === tab), on: { click: () => this.tab(name) } }, text)));
    this.editor = tab === "edit" && detail.kind === "sample" ? new Editor(this) : null;
    this.stage.sketch(null);
    if (this.editor) {
      this.column.replaceChildren(this.editor.node);
      this.editor.begin();
    } else if (tab === "steps") this.column.replaceChildren(stepsSection(detail.steps));
    else this.column.replaceChildren(...(detail.kind === "sample" ? sampleSections(detail, this.answer) : rejectionSections(detail, this.answer)));
  }

  tab(name) {
    this.fields = { ...this.fields, tab: name };
    go(this.fields, { stay: true });
    this.fill();
    if (name !== "edit") this.tabs.querySelector("[aria-selected=true]")?.focus({ preventScroll: true });
  }

  /** What is selected stands in the address, so that it can be shared. */
  remember() {
    const { ids, pointer } = this.selection.pinned;
    const pick = pointer || ids[0] || "";
    if (pick === (this.fields.pick ?? "")) return;
    this.fields = { ...this.fields, pick };
    go(this.fields, { stay: true });
  }

  pick(name) {
    if (!name) return;
    const ids = name.startsWith("/") ? (this.detail.evidence?.[name] ?? []) : [name];
    this.selection.pin(ids, name.startsWith("/") ? name : "");
    this.column.querySelector(".lit")?.scrollIntoView({ block: "center" });
  }

  /** A review was written: the list and the other tabs will show it. */
  reviewed() {
    this.news.replaceChildren();
  }

  turn(id) {
    if (!id) return say("No more in this list.");
    go({ ...this.fields, id, pick: "", tab: this.fields.tab === "edit" ? "" : this.fields.tab });
  }

  key(event, writes) {
    if (!this.detail) return false;
    if (this.editor?.onKey(event, writes)) return true;
    const ctrl = event.ctrlKey || event.metaKey;
    const name = event.key.toLowerCase();
    if (!this.editor && !writes && ctrl && (name === "z" || name === "y")) {
      event.preventDefault();
      this.review.undo(name === "y" || event.shiftKey ? 1 : -1);
      return true;
    }
    if (writes && event.key === "Escape") return document.activeElement.blur(), true;
    if (writes || ctrl || event.altKey) return false;
    if (event.key === " " && event.target.closest("button, a, summary, video, [tabindex='0']")) return false;
    const act = this.actions()[event.key];
    if (!act) return false;
    event.preventDefault();
    act();
    return true;
  }

  actions() {
    const { stage, review, detail } = this;
    const isSample = detail.kind === "sample";
    return {
      j: () => this.turn(detail.near.after),
      k: () => this.turn(detail.near.before),
      n: () => stage.jump(1),
      p: () => stage.jump(-1),
      ",": () => stage.step(-1),
      ".": () => stage.step(1),
      " ": () => stage.play(),
      v: () => stage.toggle(),
      s: () => this.tab(this.fields.tab === "steps" ? "" : "steps"),
      c: () => review.comment.focus(),
      r: () => review.decide("reject"),
      f: () => review.decide("flag"),
      u: () => review.given.review && review.decide("clear"),
      Escape: () => (this.selection.pinned.ids.length ? this.selection.pin([]) : this.fields.tab ? this.tab("") : go({ run: this.run.name, ...filtersOf(this.fields) })),
      ...(isSample ? { a: () => review.decide("accept"), e: () => this.tab("edit") } : {}),
    };
  }
}
