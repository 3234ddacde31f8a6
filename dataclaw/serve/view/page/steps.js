// What the agent did: its drafts with what changed between them, its calls, and what it spent.

import { el, number, plainNumber, words } from "../report/dom.js";
import { reveal, transcript } from "../report/sections.js";

export function stepsSection(steps) {
  if (!steps) return el("p", { class: "quiet" }, "The run's folder has no trace of this one.");
  const { spent, drafts } = steps;
  const facts = { steps: spent.steps, "tool calls": spent.tool_calls, "tokens written": spent.tokens, seconds: spent.seconds.toFixed(1), repairs: spent.repairs };
  return el(
    "div",
    {},
    el("dl", { class: "spent" }, Object.entries(facts).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    el("section", {}, el("h3", {}, `${drafts.length} draft${drafts.length === 1 ? "" : "s"}`), el("ol", { class: "list" }, drafts.map((draft, i) => draftCard(draft, i, drafts)))),
    el("section", {}, el("h3", {}, "Calls"), transcript(steps)),
  );
}

function draftCard(draft, index, drafts) {
  const attempts = new Set(drafts.map((one) => one.attempt)).size > 1 ? `attempt ${draft.attempt + 1}, ` : "";
  const repaired = draft.repairs ? `after ${draft.repairs} repair${draft.repairs > 1 ? "s" : ""}, ` : "";
  const held = draft.held.length ? el("span", { class: "state rejected" }, `sent back by ${draft.held.map(words).join(", ")}`) : el("span", { class: "state accepted" }, "accepted");
  const head = el("p", { class: "headline" }, el("b", {}, `Draft ${index + 1}`), el("span", { class: "quiet" }, `${attempts}${repaired}total ${number(draft.total, 3)}`), held);
  const diff = index && !draft.changes.length ? el("p", { class: "quiet" }, "Nothing changed.") : changeList(draft.changes);
  return el("li", {}, el("div", { class: "card wide-card" }, el("div", { class: "body" }, head, diff, findingList(draft.findings))));
}

/** Where two values differ, before and after. */
export function changeList(changes) {
  if (!changes.length) return null;
  const side = (kind, value) => (value === null ? null : el(kind, { class: "said" }, typeof value === "string" ? value : JSON.stringify(value)));
  return el("ul", { class: "changes" }, changes.map(({ path, before, after }) => el("li", {}, el("span", { class: "mono path" }, path), side("del", before), side("ins", after))));
}

/** Findings by rule; each leads to its field. */
export function findingList(findings, open = reveal) {
  if (!findings.length) return null;
  const byRule = Map.groupBy ? Map.groupBy(findings, (one) => one.rule) : findings.reduce((map, one) => map.set(one.rule, [...(map.get(one.rule) ?? []), one]), new Map());
  const groups = [...byRule].map(([rule, found]) => el("li", {}, el("b", {}, words(rule)), el("ul", {}, found.map((one) => el("li", {}, el("button", { type: "button", class: "link mono", on: { click: () => open(one.path) } }, one.path || "the whole draft"), ` ${one.message} `, el("span", { class: "quiet" }, plainNumber(one.score)))))));
  return el("ul", { class: "findings" }, groups);
}
