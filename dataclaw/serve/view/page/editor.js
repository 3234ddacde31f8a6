// Editing a sample: its draft is changed, judged by the rules while one works, and saved as a review.

import { isObject } from "../report/answer.js";
import { el, number, words } from "../report/dom.js";
import { get, kept, post } from "./api.js";
import { DraftForm, valueAt, withValue } from "./form.js";
import { problemBox, say } from "./parts.js";
import { changeList, findingList } from "./steps.js";

const WAIT_MS = 250;
const BURST_MS = 1200;

export class Editor {
  constructor(view) {
    this.view = view;
    this.key = `edit:${view.run.name}/${view.fields.id}`;
    this.judged = el("div", { class: "judged", role: "status", "aria-live": "polite" });
    this.body = el("div", {}, el("p", { class: "quiet" }, "Reading the draft …"));
    this.buttons = {
      save: this.button("Save", "Ctrl+S", () => this.save(), "primary"),
      undo: this.button("Undo", "Ctrl+Z", () => this.undo(-1)),
      redo: this.button("Redo", "Ctrl+Y", () => this.undo(1)),
      json: this.button("As JSON", "", () => this.toggleJson()),
      drop: this.button("Drop changes", "", () => this.drop()),
      close: this.button("Close", "Esc", () => view.tab("")),
    };
    for (const name of ["save", "undo", "redo", "json", "drop"]) this.buttons[name].disabled = true;
    this.back = el("p", { class: "note", hidden: true });
    this.node = el("section", { class: "editor", "aria-label": "Edit" }, el("div", { class: "edit-bar" }, el("p", { class: "actions" }, Object.values(this.buttons)), this.judged), this.back, this.body);
  }

  button(text, keys, click, kind = "") {
    return el("button", { type: "button", class: `button ${kind}`, "aria-keyshortcuts": keys.replace("Ctrl", "Control") || null, on: { click } }, text, keys ? el("kbd", {}, keys) : null);
  }

  async begin() {
    try {
      this.form_data = await get("form", { run: this.view.run.name, id: this.view.fields.id });
    } catch (error) {
      this.body.replaceChildren(problemBox(error));
      return;
    }
    this.buttons.json.disabled = false;
    const unsaved = kept.read(this.key);
    const start = JSON.stringify(this.form_data.draft);
    this.history = [{ text: start, pointer: "" }];
    if (unsaved && unsaved !== start) this.history.push({ text: unsaved, pointer: "" });
    this.at = this.history.length - 1;
    this.back.hidden = this.at === 0;
    this.back.textContent = "What you changed and did not save is here again; undo or drop it to have the draft as it was.";
    const { detail, stage } = this.view;
    const says = { hints: this.form_data.hints, anchors: new Set(this.form_data.anchors), seconds: () => stage.frameSeconds, frames: detail.frames, clock: detail.stream.clock, change: (...args) => this.change(...args), look: (...args) => this.look(...args) };
    this.form = new DraftForm(this.draft, says);
    this.body.replaceChildren(this.form.node);
    this.judge();
    this.form.focus(`/${Object.keys(this.draft)[0]}`);
  }

  get draft() {
    return JSON.parse(this.history[this.at].text);
  }

  get isChanged() {
    return this.history && this.history[this.at].text !== this.history[0].text;
  }

  /** Take a change in; quick changes of one field are one step to undo. */
  change(pointer, value, whole) {
    const draft = whole ? withValue(this.form.draft, pointer, value) : this.form.draft;
    const step = { text: JSON.stringify(draft), pointer, time: Date.now() };
    const last = this.history[this.at];
    const burst = !whole && this.at > 0 && last.pointer === pointer && step.time - (last.time ?? 0) < BURST_MS;
    this.history.splice(burst ? this.at : this.at + 1, Infinity, step);
    this.at = this.history.length - 1;
    if (whole) this.form.show(this.draft);
    this.after();
  }

  after() {
    if (this.isChanged) kept.write(this.key, this.history[this.at].text);
    else kept.drop(this.key);
    this.verdict = null;
    this.refreshButtons();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.judge(), WAIT_MS);
  }

  undo(step) {
    const next = this.at + step;
    if (!this.history?.[next]) return say(step < 0 ? "Nothing to undo." : "Nothing to redo.");
    const { pointer } = this.history[Math.max(this.at, next)];
    this.at = next;
    this.form.show(this.draft);
    if (pointer) this.form.focus(pointer);
    if (this.json) this.json.value = JSON.stringify(this.draft, null, 1);
    this.after();
  }

  drop() {
    this.history = [this.history[0]];
    this.at = 0;
    this.back.hidden = true;
    this.form.show(this.draft);
    if (this.json) this.json.value = JSON.stringify(this.draft, null, 1);
    this.after();
  }

  async judge() {
    const text = this.history[this.at].text;
    try {
      const found = await post("preview", { run: this.view.run.name, id: this.view.fields.id, draft: JSON.parse(text) });
      if (text !== this.history[this.at].text) return;
      this.verdict = found.verdict;
      Object.assign(this.form.says.hints, found.hints);
      this.showVerdict(found);
    } catch (error) {
      if (text !== this.history[this.at].text) return;
      this.judged.replaceChildren(problemBox(error));
    }
    this.refreshButtons();
  }

  showVerdict({ verdict: now, changes }) {
    const before = this.view.detail.verdict;
    const moved = (now.total ?? 0) - (before.total ?? 0);
    const sent = now.held.length ? el("span", { class: "state rejected" }, `the rules would send it back: ${now.held.map(words).join(", ")}`) : el("span", { class: "state accepted" }, "the rules accept it");
    const total = el("span", {}, "total ", el("b", { class: "total-before" }, number(before.total, 3)), " → ", el("b", { class: `total-now ${Math.abs(moved) < 5e-4 ? "" : moved > 0 ? "good" : "bad"}` }, number(now.total, 3)));
    const fold = (title, content, open) => (content ? el("details", { open }, el("summary", {}, title), content) : null);
    const open = (path) => this.form.focus(path);
    const had = [...this.judged.querySelectorAll("details")].map((one) => one.open);
    this.judged.replaceChildren(el("p", { class: "headline" }, total, sent), ...[fold(`${now.findings.length} findings`, findingList(now.findings, open), had[0] ?? false), fold(`${changes.length} place${changes.length === 1 ? "" : "s"} of the sample differ${changes.length === 1 ? "s" : ""}`, changeList(changes), had[1] ?? false)].filter(Boolean));
  }

  refreshButtons() {
    this.buttons.undo.disabled = this.at === 0;
    this.buttons.redo.disabled = this.at >= this.history.length - 1;
    this.buttons.drop.disabled = !this.isChanged;
    this.buttons.save.disabled = !this.verdict;
  }

  async save() {
    if (!this.verdict) return say("The draft is not judged yet, or does not fit.");
    if (await this.view.review.decide("edit", this.draft)) {
      kept.drop(this.key);
      this.history = [this.history[this.at]];
      this.at = 0;
      this.back.hidden = true;
      this.refreshButtons();
    }
  }

  toggleJson() {
    if (this.json) {
      this.json = null;
      this.buttons.json.setAttribute("aria-pressed", "false");
      return this.body.replaceChildren(this.form.node);
    }
    const wrong = el("p", { class: "bad", role: "alert" });
    this.json = el("textarea", { class: "mono raw", rows: 30, spellcheck: false, "aria-label": "The draft as JSON" });
    this.json.value = JSON.stringify(this.draft, null, 1);
    this.json.addEventListener("input", () => {
      let draft;
      try {
        draft = JSON.parse(this.json.value);
      } catch (error) {
        wrong.textContent = `Not JSON yet: ${error.message}`;
        return;
      }
      wrong.textContent = isObject(draft) ? "" : "A draft is an object.";
      if (!isObject(draft)) return;
      this.form.show(draft);
      this.change("", null, false);
    });
    this.buttons.json.setAttribute("aria-pressed", "true");
    this.body.replaceChildren(wrong, this.json);
    this.json.focus();
  }

  /** What the stage shows of the field that is being edited. */
  look(pointer, kind, value) {
    const { stage, detail, selection } = this.view;
    const owner = valueAt(this.form.draft, pointer.slice(0, pointer.lastIndexOf("/"))) ?? {};
    const cite = Array.isArray(owner.cite) ? owner.cite : [];
    if (cite.length) selection.tell({ ids: cite, pointer: "" });
    if (kind === "time") {
      stage.sketch(null);
      return stage.seek(value);
    }
    if (kind === "frame") {
      stage.sketch({ frame: value });
      return stage.seek(detail.frames[value] ?? 0);
    }
    if (Array.isArray(value) && value.length && value.every((one) => typeof one === "number")) {
      const { frame } = owner;
      if (frame !== undefined && stage.moving) stage.seek(detail.frames[frame] ?? 0);
      return stage.sketch({ [value.length > 2 ? "box" : "point"]: value, frame });
    }
    stage.sketch(null);
  }

  onKey(event, writes) {
    const ctrl = event.ctrlKey || event.metaKey;
    const name = event.key.toLowerCase();
    if (ctrl && name === "z") this.undo(event.shiftKey ? 1 : -1);
    else if (ctrl && name === "y") this.undo(1);
    else if (ctrl && name === "s") this.save();
    else if (event.key === "Escape" && writes) this.node.querySelector(".button").focus();
    else if (event.key === "Escape") this.view.tab("");
    else return false;
    event.preventDefault();
    return true;
  }
}
