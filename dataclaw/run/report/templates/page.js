// The page: the list with its filters, one sample at a time, and the sections below its answer.

import { Answer } from "./answer.js";
import { Selection, el, moment, number, parse, urls } from "./dom.js";
import { fold, rejectionSections, rules, sampleSections, transcript } from "./sections.js";
import { Stage } from "./stage.js";
import { Lane } from "./timeline.js";

const detailNode = document.getElementById("detail");
const rows = [...document.querySelectorAll("#rows > li")];
rules.docs = parse("rule-docs");
urls.picture = (name) => `data:image/jpeg;base64,${document.getElementById(name).textContent}`;
urls.clip = (name) => `data:video/mp4;base64,${document.getElementById(name).textContent}`;
let selection = new Selection();

function present(index) {
  const detail = parse(`d${index}`);
  if (!detail) return;
  selection = new Selection();
  const answer = new Answer(detail, selection);
  const stage = new Stage(detail, selection, detail.lanes.map((lane) => new Lane(lane, detail, selection)));
  const column = el("div", { class: "column" }, ...(detail.kind === "sample" ? sampleSections(detail, answer) : rejectionSections(detail, answer)));
  if (document.getElementById(`t${index}`)) column.append(fold("Transcript", false, () => transcript(parse(`t${index}`))));
  const split = el("div", { class: stage.useful ? "split" : "split blind" }, column, stage.useful ? stage.node : null);
  detailNode.replaceChildren(title(detail, index), split);
  for (const row of rows) row.firstElementChild.setAttribute("aria-current", String(indexOf(row) === index));
}

function title(detail, index) {
  const { name, path, format, window: at, clock } = detail.stream;
  const verdict = detail.kind === "rejected" ? "rejected" : detail.made_by.repairs ? "repaired" : "accepted";
  const times = detail.kind === "sample" && detail.made_by.repairs ? ` after ${detail.made_by.repairs} repair${detail.made_by.repairs > 1 ? "s" : ""}` : "";
  const near = (step, text) => {
    const other = neighbour(index, step);
    return other === null ? null : el("a", { href: `#${other}` }, text);
  };
  return el(
    "header",
    {},
    el("div", { class: "title" }, el("h2", {}, name), el("span", { class: `state ${verdict}` }, `${verdict}${times}`), detail.verdict ? el("span", { class: "quiet" }, `reward ${number(detail.verdict.total, 3)}`) : null, el("span", { class: "turn" }, near(-1, "Previous"), near(1, "Next"))),
    el("p", { class: "path" }, [detail.task ? `${detail.domain}/${detail.task}` : "", format, at ? `${moment(at[0], clock)} to ${moment(at[1], clock)}` : "", path].filter(Boolean).join(" \u00b7 ")),
  );
}

function shownRows() {
  return rows.filter((row) => !row.hidden);
}

function neighbour(index, step) {
  const order = shownRows().map(indexOf);
  const next = order.indexOf(index) + step;
  return order.includes(index) && next >= 0 && next < order.length ? order[next] : null;
}

function filter() {
  const sought = document.getElementById("filter").value.trim().toLocaleLowerCase();
  const verdict = document.querySelector(".verdicts [aria-pressed=true]").dataset.verdict;
  const task = document.getElementById("task")?.value ?? "";
  for (const row of rows) {
    const text = row.dataset.haystack ?? (row.dataset.haystack = haystack(row));
    const fits = text.includes(sought) && (!task || row.dataset.task === task);
    const kind = row.dataset.verdict === "repaired" ? ["", "accepted", "repaired"] : ["", row.dataset.verdict];
    row.hidden = !(fits && kind.includes(verdict));
  }
  document.getElementById("none").hidden = shownRows().length > 0;
}

function haystack(row) {
  const block = document.getElementById(`d${indexOf(row)}`);
  const { stream, task, question, answer, reason, stop } = JSON.parse(block.textContent);
  return JSON.stringify([row.textContent, stream, task, question, answer, reason, stop]).toLocaleLowerCase();
}

function indexOf(row) {
  return Number(row.firstElementChild.hash.slice(1));
}

function asked() {
  return /^#\d+$/.test(location.hash) ? Number(location.hash.slice(1)) : 0;
}

document.getElementById("filter").addEventListener("input", filter);
document.getElementById("task")?.addEventListener("change", filter);
for (const button of document.querySelectorAll(".verdicts button")) {
  button.addEventListener("click", () => {
    for (const other of document.querySelectorAll(".verdicts button")) other.setAttribute("aria-pressed", String(other === button));
    filter();
  });
}
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") selection.pin([]);
  const step = { j: 1, k: -1 }[event.key];
  const next = step ? neighbour(asked(), step) : null;
  if (next !== null) location.hash = `#${next}`;
});
window.addEventListener("hashchange", () => {
  if (/^#\d+$/.test(location.hash)) {
    present(asked());
    detailNode.scrollIntoView({ block: "nearest" });
  }
});
present(asked());
