// Small parts that all views share.

import { el, words } from "../report/dom.js";
import { Problem } from "./api.js";

/** A line above the page, one for each subject; without a text it goes. */
export function notice(subject, kind, text, ...more) {
  document.querySelector(`#notices .${subject}`)?.remove();
  if (text) document.getElementById("notices").append(el("p", { class: `notice ${subject} ${kind}` }, text, ...more));
}

/** Say something to those who listen; the eye sees it elsewhere. */
export function say(text) {
  document.getElementById("said").textContent = text;
}

export function problemBox(error) {
  if (!(error instanceof Problem)) throw error;
  return el("div", { class: "alert pad", role: "alert" }, el("p", {}, el("b", {}, error.message)), error.remedy ? el("p", {}, error.remedy) : null, error.place ? el("p", { class: "path" }, error.place) : null);
}

export function showDialog(title, ...content) {
  const dialog = document.getElementById("keys");
  const close = el("button", { type: "button", class: "button", on: { click: () => dialog.close() } }, "Close");
  dialog.replaceChildren(el("h2", { id: "keys-title" }, title), ...content, el("p", { class: "actions" }, close));
  dialog.showModal();
}

export function badge(state) {
  return el("span", { class: `badge ${state}` }, state === "none" ? "" : words(state));
}
