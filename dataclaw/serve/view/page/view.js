// The page: which view the address asks for, what all views share, and what is said when the server goes or changes.

import { el, urls } from "../report/dom.js";
import { rules } from "../report/sections.js";
import { Problem, addressOf, filtersOf, get, go, here } from "./api.js";
import { CompareView } from "./compare.js";
import { GalleryView } from "./gallery.js";
import { notice, problemBox, showDialog } from "./parts.js";
import { SampleView } from "./sample.js";

const POLL_MS = 2500;
const KEYS = [
  ["Everywhere", [["?", "this list"], ["/", "search"], ["g", "the list of samples"], ["Esc", "let go of a field; back"]]],
  ["List", [["j k", "next, previous"], ["↑ ↓", "next, previous"], ["Enter", "open"]]],
  ["Sample", [["j k", "next, previous sample"], ["a", "accept"], ["r", "reject"], ["f", "flag: run it again"], ["u", "take the review back"], ["c", "comment"], ["e", "edit"], ["s", "the agent's steps"], ["n p", "next, previous anchor"], [", .", "one frame back, on"], ["Space", "play, pause"], ["v", "video or frames"], ["Ctrl+Z Ctrl+Y", "undo, redo a review"]]],
  ["Edit", [["↑ ↓", "in a time or frame: one frame; Shift: ten"], ["arrows", "on a point or box: one pixel; Shift: ten; Alt: the far corner"], ["Ctrl+Z Ctrl+Y", "undo, redo"], ["Ctrl+S", "save"], ["Esc", "out of the field; then back"]]],
];

class Shell {
  constructor() {
    this.main = document.getElementById("main");
    this.runs = [];
    this.seen = null;
    this.view = null;
    urls.picture = urls.clip = (path) => `/media/${encodeURIComponent(here().run ?? this.runs[0]?.name)}/${path.split("/").slice(1).map(encodeURIComponent).join("/")}`;
    for (const name of ["popstate", "went"]) window.addEventListener(name, () => this.show());
    document.addEventListener("click", (event) => this.follow(event));
    document.addEventListener("keydown", (event) => this.key(event));
    document.getElementById("help").addEventListener("click", () => this.help());
    document.getElementById("run").addEventListener("change", (event) => go({ run: event.target.value }));
  }

  async start() {
    setInterval(() => this.poll(), POLL_MS);
    await this.open();
  }

  async open() {
    this.opening = true;
    try {
      const [{ reading: _, ...marks }] = await Promise.all([get("state"), this.load()]);
      this.seen = JSON.stringify(marks);
      this.show();
    } catch (error) {
      this.main.replaceChildren(problemBox(error));
    }
    this.opening = false;
  }

  async load() {
    const { runs, rules: docs } = await get("runs");
    this.runs = runs;
    rules.docs = docs;
    document.getElementById("run").replaceChildren(...runs.map((run) => el("option", { value: run.name }, run.name)));
    document.getElementById("run").parentElement.hidden = runs.length < 2;
    document.getElementById("to-compare").hidden = runs.length < 2;
  }

  /** Where nothing is asked for, two runs are compared. */
  fields() {
    const fields = here();
    if (!Object.keys(fields).length && this.runs.length === 2) return { view: "compare" };
    return fields.run || fields.view ? fields : { ...fields, run: this.runs[0]?.name ?? "" };
  }

  show() {
    const fields = this.fields();
    const run = this.runs.find((one) => one.name === fields.run);
    const compares = fields.view === "compare";
    if (run) document.getElementById("run").value = run.name;
    document.getElementById("to-gallery").href = addressOf({ run: fields.run ?? this.runs[0]?.name, ...filtersOf(fields) });
    for (const [id, on] of [["to-gallery", !compares], ["to-compare", compares]]) document.getElementById(id).setAttribute("aria-current", on ? "page" : "false");
    this.view?.close?.();
    if (compares) this.view = new CompareView(this, fields);
    else if (!run) return this.main.replaceChildren(problemBox(new Problem(404, { detail: `No run "${fields.run}" is open.`, remedy: `Open: ${this.runs.map((one) => one.name).join(", ")}.` })));
    else if (run.problem) return this.main.replaceChildren(el("div", { class: "pad" }, el("h1", {}, run.name), el("p", { class: "note", role: "alert" }, run.problem)));
    else this.view = fields.id ? new SampleView(this, run, fields) : new GalleryView(this, run, fields);
    document.title = `${fields.id ? `${fields.id} · ` : ""}${compares ? "Compare" : run.name} · DataClaw`;
    this.main.replaceChildren(this.view.node);
    this.view.begin?.();
  }

  /** Links inside the page change the address only. */
  follow(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || link.origin !== location.origin || link.hash || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    this.show();
    this.main.focus({ preventScroll: true });
  }

  key(event) {
    if (document.querySelector("dialog[open]")) return;
    const writes = event.target.closest?.("input, textarea, select") !== null;
    if (this.view?.key?.(event, writes) || writes || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "?") this.help();
    else if (event.key === "g") go({ run: this.fields().run, ...filtersOf(here()) });
    else if (event.key === "/" && document.getElementById("text")) document.getElementById("text").focus();
    else return;
    event.preventDefault();
  }

  help() {
    const groups = KEYS.map(([title, rows]) => el("section", {}, el("h3", {}, title), el("dl", {}, rows.flatMap(([key, what]) => [el("dt", {}, key.split(" ").map((one) => el("kbd", {}, one))), el("dd", {}, what)]))));
    showDialog("Keys", el("div", { class: "keys" }, groups));
  }

  /** The first time that a large run is looked at it is read once, which takes a while. */
  tellReading(reading) {
    const [name, rows] = Object.entries(reading)[0] ?? [];
    if (name) this.main.replaceChildren(el("p", { class: "quiet pad", role: "status" }, `Reading ${name} for the first time: ${rows.toLocaleString("en")} rows so far …`));
  }

  /** Ask whether something changed; one question at a time, however slow the server is. */
  async poll() {
    if (this.polling) return;
    this.polling = true;
    try {
      await this.look(await get("state"));
    } catch (error) {
      if (error.status === 0) notice("server", "bad", "The server is gone. What you wrote is kept in this page, which goes on by itself when the server is back.");
      else if (!(error instanceof Problem)) throw error;
    } finally {
      this.polling = false;
    }
  }

  async look({ reading, ...marks }) {
    const before = this.seen;
    this.seen = JSON.stringify(marks);
    if (!this.runs.length) return this.opening ? this.tellReading(reading) : this.open();
    if (document.querySelector("#notices .server")) {
      notice("server", "good", "The server is back.");
      setTimeout(() => notice("server", "", ""), 4000);
      await this.view?.returned?.();
    }
    if (before && before !== this.seen) {
      await this.load();
      if (this.view?.changed) this.view.changed(this.runs.find((one) => one.name === this.fields().run));
      else this.show();
    }
  }
}

new Shell().start();
