// The list of samples and rejections: filters that stand in the address, and rows that are fetched as they are seen.

import { el, number, words } from "../report/dom.js";
import { addressOf, filtersOf, get, go } from "./api.js";
import { badge, problemBox, showDialog } from "./parts.js";

const ROW = 62; // height of a row [px], as in view.css
const PAGE = 60;
const AHEAD = 8;

export class GalleryView {
  constructor(shell, run, fields) {
    this.shell = shell;
    this.run = run;
    this.filters = filtersOf(fields);
    this.pages = new Map();
    this.total = 0;
    this.loaded = false;
    this.active = Number(history.state?.active ?? 0);
    this.count = el("p", { class: "count", role: "status" });
    this.spacer = el("div", { class: "spacer" });
    this.list = el("div", { class: "rows", role: "listbox", tabindex: 0, "aria-label": "Samples and rejections", on: { scroll: () => this.paint(), keydown: (event) => this.move(event) } }, this.spacer);
    this.side = el("form", { class: "filters", "aria-label": "Filters", on: { submit: (event) => event.preventDefault() } });
    this.fill();
    const notes = (run.broken ?? []).map((line) => el("p", { class: "note" }, `Left out: ${line}`));
    this.node = el("div", { class: "gallery" }, el("aside", { class: "side" }, el("h1", { class: "small" }, run.intent || run.name), el("p", { class: "path" }, run.path), notes, this.side), el("section", { class: "listing", "aria-label": "Samples" }, this.count, this.list));
  }

  begin() {
    this.watch = new ResizeObserver(() => this.paint());
    this.watch.observe(this.list);
    this.renew();
  }

  /** Ask for the rows anew; those that are seen stay until others are there. */
  renew() {
    this.pages = new Map();
    this.loaded = false;
    this.fetch(Math.floor(this.active / PAGE));
  }

  close() {
    this.watch?.disconnect();
  }

  /** Reviews or the run have changed: the figures are new, and the rows are asked for again. */
  changed(run) {
    this.run = run;
    this.fill();
    this.renew();
  }

  fill() {
    const { kinds = [], domains = [], tasks = [], rules = [], sources = [], reviews = {}, totals = [] } = this.run;
    const wanted = (name, label, values, all = "all", least = 2) => (values.length >= least || this.filters[name] ? this.choice(name, label, values, all) : null);
    const states = ["accepted", "edited", "rejected", "flagged", "outdated"].filter((state) => reviews[state]).map((state) => [state, reviews[state]]);
    const text = el("input", { id: "text", type: "search", name: "text", placeholder: "Search", "aria-label": "Search", autocomplete: "off", on: { input: (event) => this.later(() => this.set("text", event.target.value)) } });
    text.value = this.filters.text ?? "";
    const had = document.activeElement?.id;
    const at = document.activeElement?.selectionStart;
    this.side.replaceChildren(
      ...[
        text,
        wanted("kind", "Verdict", kinds.map(([kind, n]) => [kind, n, kind === "sample" ? "accepted by the rules" : "rejected by the rules"])),
        wanted("domain", "Domain", domains),
        wanted("task", "Task", tasks),
        wanted("rule", "Rule that costs points", rules, "any", 1),
        wanted("source", "Source", sources),
        this.choice("review", "Review", [["none", null, "not reviewed"], ...states]),
        this.range(totals),
        this.choice("sort", "Order", [["order", null, "as in the run"], ["worst", null, "lowest total first"], ["best", null, "highest total first"], ["name", null, "name of the stream"]], null),
        this.filters.stream ? el("p", { class: "chosen" }, `Only ${this.filters.stream} `, this.button("clear", () => this.set("stream", ""))) : null,
        this.again(),
        Object.keys(this.filters).length ? this.button("Clear all filters", () => go({ run: this.run.name })) : null,
      ].filter(Boolean),
    );
    if (had === "text") {
      text.focus();
      text.setSelectionRange(at, at);
    }
  }

  button(text, click) {
    return el("button", { type: "button", class: "link", on: { click } }, text);
  }

  choice(name, label, values, all = "all") {
    const options = values.map(([value, n, text]) => el("option", { value }, `${text ?? words(value)}${n ? ` (${n.toLocaleString("en")})` : ""}`));
    const select = el("select", { name, on: { change: (event) => this.set(name, event.target.value) } }, all === null ? null : el("option", { value: "" }, all), options);
    select.value = this.filters[name] ?? (all === null ? values[0][0] : "");
    return el("label", { class: "choice" }, el("span", {}, label), select);
  }

  range(totals) {
    const most = Math.max(1, ...totals);
    const bars = totals.map((n, i) => el("i", { at: { height: n ? Math.max(6, (100 * n) / most) : 0 }, title: `${(i / 20).toFixed(2)} to ${((i + 1) / 20).toFixed(2)}: ${n}` }));
    const input = (name, label) => {
      const node = el("input", { type: "number", name, min: 0, max: 1, step: 0.05, "aria-label": `${label} total`, placeholder: label, on: { input: (event) => event.target.validity.valid && this.later(() => this.set(name, event.target.value)) } });
      node.value = this.filters[name] ?? "";
      return node;
    };
    return el("div", { class: "choice" }, el("span", {}, "Total"), el("div", { class: "histogram", "aria-hidden": "true" }, bars), el("div", { class: "range" }, input("low", "least"), "to", input("high", "most")));
  }

  later(act) {
    clearTimeout(this.timer);
    this.timer = setTimeout(act, 180);
  }

  /** Set a filter: the address changes, the list is another one; what is being typed stays. */
  set(name, value) {
    if (value) this.filters[name] = value;
    else delete this.filters[name];
    history.replaceState({ active: 0 }, "", addressOf({ run: this.run.name, ...this.filters }));
    this.active = 0;
    this.list.scrollTop = 0;
    document.getElementById("to-gallery").href = location.href;
    if (name !== "text" && name !== "low" && name !== "high") this.fill();
    this.renew();
  }

  async fetch(page) {
    const pages = this.pages;
    if (pages.has(page)) return;
    pages.set(page, null);
    try {
      const found = await get("rows", { run: this.run.name, ...this.filters, start: page * PAGE, count: PAGE });
      if (pages !== this.pages) return;
      pages.set(page, found.rows);
      this.total = found.total;
      const first = !this.loaded;
      this.loaded = true;
      this.paint();
      if (first) this.choose(this.active);
    } catch (error) {
      pages.delete(page);
      this.count.textContent = "";
      this.list.replaceChildren(problemBox(error));
    }
  }

  row(index) {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE] ?? null;
  }

  paint() {
    if (!this.loaded) return;
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW) - AHEAD);
    const last = Math.min(this.total, Math.ceil((this.list.scrollTop + this.list.clientHeight) / ROW) + AHEAD);
    for (let page = Math.floor(first / PAGE); page * PAGE < last; page++) this.fetch(page);
    this.count.textContent = `${this.total.toLocaleString("en")} ${this.total === 1 ? "row" : "rows"}`;
    this.spacer.style.height = `${this.total * ROW}px`;
    const shown = [];
    for (let i = first; i < last; i++) shown.push(this.rowNode(i));
    this.list.replaceChildren(this.spacer, ...shown, ...(this.total ? [] : [el("p", { class: "quiet pad" }, "Nothing matches these filters.")]));
    this.list.setAttribute("aria-activedescendant", `row-${this.active}`);
  }

  rowNode(index) {
    const row = this.row(index);
    const place = { id: `row-${index}`, role: "option", tabindex: -1, "aria-setsize": this.total, "aria-posinset": index + 1, "aria-selected": String(index === this.active) };
    const node = row ? el("a", { ...place, class: "row", href: this.address(row) }, rowContent(row)) : el("div", { ...place, class: "row waits" }, "…");
    node.addEventListener("click", () => this.remember(index));
    node.style.top = `${index * ROW}px`;
    return node;
  }

  address(row) {
    return addressOf({ run: this.run.name, ...this.filters, id: row.id });
  }

  move(event) {
    const page = Math.max(1, Math.floor(this.list.clientHeight / ROW) - 1);
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step) this.choose(this.active + step);
    else if (event.key === "Enter") this.open();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Whoever comes back finds the row where it was. */
  remember(index) {
    this.active = index;
    history.replaceState({ active: index }, "");
  }

  choose(index) {
    this.remember(Math.min(Math.max(index, 0), Math.max(this.total - 1, 0)));
    const top = this.active * ROW;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    else if (top + ROW > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = top + ROW - this.list.clientHeight;
    this.paint();
  }

  open() {
    const row = this.row(this.active);
    if (row) go({ run: this.run.name, ...this.filters, id: row.id });
  }

  key(event, writes) {
    if (writes && event.key === "Escape") return this.list.focus(), true;
    if (writes || event.ctrlKey || event.metaKey || event.altKey || !["j", "k", "ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return false;
    if (event.target !== document.body && event.target.id !== "main") return false;
    this.list.focus();
    this.move(event);
    return true;
  }

  /** The command that runs flagged streams again. */
  again() {
    if (!this.run.reviews?.flagged) return null;
    return el("button", { type: "button", class: "button", on: { click: () => showCommand(this.run.name) } }, `Run ${this.run.reviews.flagged} flagged again …`);
  }
}

export async function showCommand(run) {
  const { command } = await get("rerun", { run });
  const copied = el("span", { role: "status", class: "quiet" });
  const copy = async () => {
    await navigator.clipboard.writeText(command);
    copied.textContent = "copied";
  };
  showDialog("Run flagged streams again", el("p", {}, "This command runs exactly the streams of what is flagged, as the run was asked to, into a folder beside it."), el("pre", { class: "command", tabindex: 0 }, command), el("p", { class: "actions" }, el("button", { type: "button", class: "button", on: { click: copy } }, "Copy"), copied));
}

function rowContent(row) {
  const rejected = row.kind === "rejected";
  const verdict = rejected ? "rejected" : row.repairs ? "repaired" : "accepted";
  const total = row.total === null ? null : el("span", { class: "total" }, number(row.total));
  const task = row.task ? `${row.domain} · ${words(row.task)}` : "not opened";
  const marks = [badge(row.review), verdict === "accepted" ? null : el("span", { class: `state ${verdict}` }, verdict), total];
  return [
    el("span", { class: "line" }, el("b", {}, row.name), el("span", { class: "task" }, task)),
    el("span", { class: "line" }, el("span", { class: "said-short" }, row.headline), el("span", { class: "marks" }, marks)),
  ];
}

