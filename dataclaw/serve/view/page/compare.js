// Two runs side by side: what each rule said, which fields differ, and the samples that moved.

import { bar, el, number } from "../report/dom.js";
import { addressOf, get, go } from "./api.js";
import { problemBox } from "./parts.js";
import { changeList } from "./steps.js";

export class CompareView {
  constructor(shell, fields) {
    this.names = shell.runs.map((run) => run.name);
    this.a = fields.a ?? this.names[0];
    this.b = fields.b ?? this.names[1] ?? this.names[0];
    this.body = el("div", {}, el("p", { class: "quiet" }, "Comparing …"));
    const pick = (side, label) => {
      const select = el("select", { on: { change: (event) => go({ view: "compare", a: this.a, b: this.b, [side]: event.target.value }) } }, this.names.map((name) => el("option", { value: name }, name)));
      select.value = this[side];
      return el("label", { class: "choice" }, el("span", {}, label), select);
    };
    this.node = el("div", { class: "compare wide" }, el("h1", { class: "small" }, "Two runs side by side"), el("div", { class: "sides" }, pick("a", "First"), pick("b", "Second")), this.body);
  }

  async begin() {
    try {
      this.fill(await get("compare", { a: this.a, b: this.b }));
    } catch (error) {
      this.body.replaceChildren(problemBox(error));
    }
  }

  changed() {
    this.begin();
  }

  fill(found) {
    const figures = { "in both": found.count, "the same in every field": found.same, "now accepted": Object.keys(found.accepted).length, "now rejected": Object.keys(found.rejected).length, [`only in ${this.a}`]: found.only_a.length, [`only in ${this.b}`]: found.only_b.length };
    this.body.replaceChildren(
      el("dl", { class: "figures" }, Object.entries(figures).map(([name, n]) => el("div", {}, el("dt", {}, name), el("dd", {}, n.toLocaleString("en"))))),
      el("div", { class: "panels" }, this.rules(found.rules), this.fieldCounts(found.fields)),
      ...this.moves(found),
      el("section", {}, el("h2", {}, "Samples in both, those that moved most first"), el("ol", { class: "list pairs" }, found.pairs.map((pair) => this.pair(pair)))),
      found.count > found.pairs.length ? el("p", { class: "quiet" }, `${found.count - found.pairs.length} more are not listed; dataclaw diff --json has all.`) : "",
    );
  }

  rules(rules) {
    const plain = Object.entries(rules).filter(([, { before, after }]) => before === 1 && after === 1);
    const told = Object.entries(rules).filter(([, { before, after }]) => before !== 1 || after !== 1);
    told.sort(([, a], [, b]) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
    const rows = told.map(([name, { before, after, samples }]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, bar(before)), el("td", { class: "number" }, number(before, 3)), el("td", {}, bar(after)), el("td", { class: "number" }, number(after, 3)), el("td", { class: `number ${tone(after - before)}` }, signed(after - before)), el("td", { class: "number quiet" }, samples)));
    const head = ["rule", "", this.a, "", this.b, "change", "samples"].map((name) => el("th", { scope: "col" }, name));
    return el("section", { class: "panel" }, el("h2", {}, "Mean of each rule"), rows.length ? el("div", { class: "scroll" }, el("table", { class: "grid" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows))) : el("p", { class: "quiet" }, plain.length ? "No rule costs points in either." : "No rule judged samples of both."), plain.length ? el("p", { class: "quiet" }, `1.000 in both: ${plain.map(([name]) => name).join(", ")}.`) : null);
  }

  fieldCounts(fields) {
    const rows = Object.entries(fields).slice(0, 30).map(([path, kinds]) => el("tr", {}, el("th", { scope: "row", class: "mono" }, path), ["changed", "added", "removed"].map((kind) => el("td", { class: "number" }, kinds[kind] ?? ""))));
    const head = ["field", "changed", "added", "removed"].map((name) => el("th", { scope: "col" }, name));
    return el("section", { class: "panel" }, el("h2", {}, "Fields that differ"), rows.length ? el("div", { class: "scroll" }, el("table", { class: "grid" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows))) : el("p", { class: "quiet" }, "None."));
  }

  moves(found) {
    const one = (title, rows, run) => (rows.length ? el("section", {}, el("h2", {}, title), el("ul", { class: "list" }, rows.slice(0, 200).map(([id, why]) => el("li", {}, this.link(run, id, id), why ? el("span", { class: "quiet" }, ` ${why}`) : null)))) : null);
    return [
      one(`Accepted only in ${this.b}`, Object.entries(found.accepted), this.b),
      one(`Accepted only in ${this.a}`, Object.entries(found.rejected), this.a),
      one(`Only in ${this.a}`, found.only_a.map((id) => [id, ""]), this.a),
      one(`Only in ${this.b}`, found.only_b.map((id) => [id, ""]), this.b),
    ].filter(Boolean);
  }

  link(run, id, text) {
    return el("a", { href: addressOf({ run, id }) }, text);
  }

  pair({ id, first, name, before, after, changes, places }) {
    const moved = before !== null && after !== null ? after - before : 0;
    const head = el("p", { class: "headline" }, el("b", {}, name), el("span", { class: "quiet mono" }, id), el("span", { class: `time ${tone(moved)}` }, `${number(before, 3)} → ${number(after, 3)}${moved ? ` (${signed(moved)})` : ""}`));
    const links = el("p", { class: "actions" }, this.link(this.a, first, `in ${this.a}`), this.link(this.b, id, `in ${this.b}`), el("span", { class: "quiet" }, changes ? `${changes} place${changes > 1 ? "s" : ""} differ` : "the same in every field"));
    const more = changes > places.length ? el("p", { class: "quiet" }, `${changes - places.length} more`) : null;
    return el("li", {}, el("div", { class: "card wide-card" }, el("div", { class: "body" }, head, links, places.length ? el("details", {}, el("summary", {}, "differences"), changeList(places), more) : null)));
  }
}

function signed(value) {
  return Math.abs(value) < 5e-4 ? "" : `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(3)}`;
}

function tone(value) {
  return Math.abs(value) < 5e-4 ? "" : value > 0 ? "good" : "bad";
}
