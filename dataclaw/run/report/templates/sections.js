// Sections below an answer: verdict, what is left out, transcript.

import { short } from "./answer.js";
import { bar, el, number, plainNumber, words } from "./dom.js";
import { mediaOf } from "./media.js";

/** What each rule says of itself, by its name; set by the page. */
export const rules = { docs: {} };

export function section(title, ...children) {
  return el("section", {}, el("h3", {}, title), ...children);
}

export function fold(title, open, build) {
  const node = el("details", { open }, el("summary", {}, title));
  const once = () => {
    if (node.open && node.children.length === 1) node.append(build());
  };
  node.addEventListener("toggle", once);
  if (open) once();
  return node;
}

export function sampleSections(detail, answer) {
  const thoughts = Array.isArray(detail.cot) ? detail.cot.length : detail.cot ? 1 : 0;
  return [
    section("Question", el("p", { class: "question" }, detail.question), ...mediaOf(detail, "input")),
    section("Answer", answer.answer(), ...mediaOf(detail, "output")),
    detail.data !== null ? section("Data", answer.render(detail.data, "/data")) : null,
    thoughts ? fold(`Reasoning, ${thoughts} thought${thoughts > 1 ? "s" : ""}`, true, () => answer.render(detail.cot, "/cot")) : null,
    section(`Verdict: reward ${number(detail.verdict.total, 3)}`, verdictTable(detail.verdict)),
    section(leftOutTitle(detail.left_out), leftOutTable(detail.left_out, answer)),
  ].filter(Boolean);
}

export function rejectionSections(detail, answer) {
  const facts = { reason: detail.reason, remedy: detail.remedy, place: detail.place, file: detail.stream.path, ended: words(detail.stop) };
  const list = Object.entries(facts).flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]);
  return [
    el("section", { class: "alert" }, el("dl", {}, list)),
    detail.draft !== null ? section("Best draft", answer.render(detail.draft, "/answer")) : null,
    detail.verdict ? section(`Verdict: reward ${number(detail.verdict.total, 3)}`, verdictTable(detail.verdict)) : null,
  ].filter(Boolean);
}

export function verdictTable(verdict) {
  const terms = Object.entries(verdict.terms).map(([name, value]) => el("span", {}, `${words(name)} `, el("b", {}, value === null ? "does not apply" : number(value))));
  const declared = Object.keys(verdict.rules).length > 0;
  const head = ["rule", "", "score", ...(declared ? ["term", "weight"] : []), ""].map((name) => el("th", { scope: "col" }, name));
  const names = [...new Set([...Object.keys(verdict.scores), ...Object.keys(verdict.failed), ...Object.keys(verdict.skipped)])];
  const body = names.flatMap((name) => [ruleRow(name, verdict, declared), ...verdict.findings.filter((f) => f.rule === name).map((f) => findingRow(f, head.length))]);
  const others = verdict.findings.filter((f) => !names.includes(f.rule)).map((f) => findingRow(f, head.length));
  return el("div", {}, el("p", { class: "terms" }, terms), el("div", { class: "scroll" }, el("table", { class: "grid" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, body, others))));
}

function ruleRow(name, verdict, declared) {
  const score = verdict.scores[name] ?? null;
  const held = verdict.held.includes(name);
  const use = verdict.rules[name];
  const state = name in verdict.failed ? `broke: ${verdict.failed[name]}` : name in verdict.skipped ? `not run: ${verdict.skipped[name]}` : score === null ? "does not apply" : held ? "below its mark" : "";
  const title = rules.docs[name.split("#")[0]] ?? null;
  return el(
    "tr",
    {},
    el("td", { title }, name),
    el("td", {}, score === null ? null : bar(score, held)),
    el("td", {}, score === null ? "" : number(score)),
    ...(declared ? [el("td", {}, use ? use.term : ""), el("td", {}, use ? (use.gate ? "gate" : plainNumber(use.weight)) : "")] : []),
    el("td", { class: held || name in verdict.failed ? "bad" : "quiet" }, state),
  );
}

export function findingRow(finding, width) {
  const place = finding.path || "the whole draft";
  const link = el("button", { type: "button", class: "link mono", on: { click: () => reveal(finding.path) } }, place);
  return el("tr", { class: "finding" }, el("td", { colspan: width }, link, ` ${finding.message} `, el("span", { class: "quiet" }, number(finding.score))));
}

/** Scroll to the field that a pointer into the draft names, or to the nearest one around it. */
export function reveal(path) {
  for (let pointer = path; ; pointer = pointer.slice(0, pointer.lastIndexOf("/"))) {
    const node = [`/answer${pointer}`, `/data${pointer}`, pointer].map((p) => document.querySelector(`[data-pointer="${CSS.escape(p)}"]`)).find(Boolean);
    if (node) {
      node.scrollIntoView({ block: "center" });
      (node.matches("button") ? node : (node.querySelector("button") ?? node)).focus({ preventScroll: true });
      return;
    }
    if (!pointer.includes("/")) return;
  }
}

function leftOutTitle({ events, count }) {
  return count <= events ? `Left out: ${count} of ${events} events` : `Left out: ${count}`;
}

function leftOutTable({ count, by_reason, named }, answer) {
  if (!count) return el("p", { class: "quiet" }, "Every event is used.");
  const reasons = Object.entries(by_reason).map(([reason, n]) => el("span", {}, `${words(reason)} `, el("b", {}, n)));
  const head = ["event", "what", "window", "why"].map((name) => el("th", { scope: "col" }, name));
  const body = named.map((row) => el("tr", {}, el("td", {}, answer.detail.anchors[row.event] ? answer.mark(row.event) : el("span", { class: "mono" }, row.event)), el("td", {}, row.what), el("td", { class: "quiet" }, row.window), el("td", {}, words(row.reason))));
  const more = count > named.length ? el("p", { class: "quiet" }, `${count - named.length} more are not named.`) : null;
  const table = el("div", { class: "scroll" }, el("table", { class: "grid" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, body)));
  return el("div", {}, el("p", { class: "terms" }, reasons), named.length > 12 ? foldOpen(`${named.length} events`, table) : table, more);
}

export function foldOpen(title, content) {
  return el("details", {}, el("summary", {}, title), content);
}

export function transcript({ file, attempts, usage }) {
  const parts = attempts.flatMap((turns, i) => [attempts.length > 1 ? el("p", { class: "quiet" }, `Attempt ${i + 1}`) : null, el("ol", { class: "turns" }, turns.map(turn))]);
  const { requests, read = 0, cached = 0, written = 0, images = 0, seconds = 0 } = usage;
  const took = requests ? `${requests} request${requests > 1 ? "s" : ""} in ${seconds.toFixed(1)} s: ${read} tokens read, ${cached} of them cached, ${written} written, ${images} pictures` : null;
  return el("div", {}, el("p", { class: "path" }, file), took ? el("p", { class: "quiet" }, took) : null, parts);
}

function turn({ role, text, tool, args, ok, tokens, pictures }) {
  const said = tool ? JSON.stringify(args) : text;
  const full = tool ? JSON.stringify(args, null, 1) : text;
  const extra = [pictures ? `${pictures} picture${pictures > 1 ? "s" : ""}` : "", tokens ? `${tokens} tokens` : ""].filter(Boolean).join(", ");
  const summary = el("summary", {}, tool ? el("b", {}, tool) : null, el("code", { class: ok === false ? "bad" : null }, short(said.split("\n")[0], 300)), extra ? el("span", { class: "quiet" }, extra) : null);
  return el("li", { class: role }, el("details", {}, summary, el("pre", {}, full)));
}
