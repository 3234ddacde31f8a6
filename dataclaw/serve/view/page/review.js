// Deciding on a sample: one line of reviews.jsonl at a time. What cannot be written is kept in the browser until it is.

import { el, words } from "../report/dom.js";
import { Problem, kept, post } from "./api.js";
import { badge, say } from "./parts.js";

const BUTTONS = [["accept", "Accept", "a"], ["reject", "Reject", "r"], ["flag", "Flag", "f"], ["clear", "Take back", "u"]];
const done = []; // decisions of this page that can be undone, the last one last
const undone = [];

export class ReviewBar {
  constructor(view) {
    this.view = view;
    this.pending_key = `pending:${view.run.name}/${view.fields.id}`;
    this.comment = el("textarea", { id: "comment", rows: 1, placeholder: "Comment", "aria-label": "Comment", maxlength: 10000 });
    this.who = el("input", { id: "who", placeholder: "your name", "aria-label": "Your name", maxlength: 200, on: { change: () => kept.write("who", this.who.value) } });
    this.who.value = kept.read("who") ?? "";
    this.state = el("span", { class: "review-state" });
    this.wrong = el("div", { class: "wrong" });
    const isSample = view.detail.kind === "sample";
    const wanted = BUTTONS.filter(([action]) => isSample || action !== "accept");
    this.buttons = wanted.map(([action, text, key]) => el("button", { type: "button", class: `button ${action}`, "data-action": action, "aria-keyshortcuts": key, on: { click: () => this.decide(action) } }, text, el("kbd", {}, key)));
    if (isSample) this.buttons.splice(3, 0, el("button", { type: "button", class: "button", "aria-keyshortcuts": "e", on: { click: () => view.tab("edit") } }, "Edit", el("kbd", {}, "e")));
    this.node = el("section", { class: "review", "aria-label": "Review" }, el("div", { class: "review-row" }, this.state, this.buttons, this.comment, this.who), this.wrong);
    this.show();
    const pending = kept.read(this.pending_key);
    if (pending) this.keep(pending, "It could not be written before.");
  }

  get given() {
    return this.view.detail.review;
  }

  show() {
    const { state, review } = this.given;
    const said = review ? [review.who, review.time?.replace("T", " ").replace("+00:00", " UTC")].filter(Boolean).join(", ") : "";
    this.state.replaceChildren(state === "none" ? el("span", { class: "quiet" }, "not reviewed") : badge(state), el("span", { class: "quiet" }, said));
    if (state === "outdated") this.state.append(el("span", { class: "warn" }, `${words(review.action)} was said of an earlier one`));
    this.comment.value = review?.comment ?? "";
    for (const button of this.buttons) {
      if (button.dataset.action) button.setAttribute("aria-pressed", String(state !== "outdated" && review?.action === button.dataset.action));
      if (button.dataset.action === "clear") button.disabled = !review;
    }
  }

  /** Write a review; whether it is written. */
  async decide(action, edit = null, { comment = this.comment.value, undoing = false } = {}) {
    const { hash: of } = this.view.detail;
    const before = this.given.review;
    const body = { run: this.view.run.name, id: this.view.fields.id, of, after: this.given.last, action, edit, comment: action === "clear" ? "" : comment, who: this.who.value };
    const saved = await this.send(body);
    if (saved && !undoing) {
      done.push({ address: location.href, before, after: { action, edit, comment } });
      undone.length = 0;
    }
    return saved;
  }

  async send(body) {
    if (this.sending) return false;
    this.sending = true;
    try {
      this.view.detail.review = await post("review", body);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 409) this.conflict(error, body);
      else if (error.status === 0 || error.status >= 500) this.keep(body, error.message, error.remedy);
      else this.wrong.replaceChildren(el("p", { class: "alert", role: "alert" }, `${error.message} ${error.remedy}`));
      return false;
    } finally {
      this.sending = false;
    }
    kept.drop(this.pending_key);
    this.wrong.replaceChildren();
    this.show();
    say(`Saved: ${words(body.action)}.`);
    this.view.reviewed();
    return true;
  }

  keep(body, ...why) {
    kept.write(this.pending_key, body);
    const again = el("button", { type: "button", class: "button primary", on: { click: () => this.again() } }, "Try again");
    const drop = el("button", { type: "button", class: "button", on: { click: () => this.drop() } }, "Drop it");
    this.wrong.replaceChildren(el("div", { class: "alert", role: "alert" }, el("p", {}, el("b", {}, `Not saved: ${words(body.action)}. `), why.filter(Boolean).join(" ")), el("p", {}, "It is kept in this browser."), el("p", { class: "actions" }, again, drop)));
  }

  again() {
    const body = kept.read(this.pending_key);
    return body ? this.send(body) : undefined;
  }

  drop() {
    kept.drop(this.pending_key);
    this.wrong.replaceChildren();
  }

  /** Somebody else was quicker, or the run has written the sample anew: nothing is lost, and the reader decides. */
  conflict(error, body) {
    kept.write(this.pending_key, body);
    const look = el("button", { type: "button", class: "button", on: { click: () => this.view.renew() } }, "Show what is there now");
    const mine = el("button", { type: "button", class: "button primary", on: { click: () => this.onTop(body) } }, "Save mine on top");
    this.wrong.replaceChildren(el("div", { class: "alert", role: "alert" }, el("p", {}, el("b", {}, error.message)), el("p", {}, error.remedy), el("p", { class: "actions" }, look, mine, el("button", { type: "button", class: "button", on: { click: () => this.drop() } }, "Drop mine"))));
  }

  async onTop(body) {
    const fresh = await this.view.fresh();
    await this.send({ ...body, of: fresh.hash, after: fresh.review.last });
  }

  async undo(step) {
    const [from, to] = step < 0 ? [done, undone] : [undone, done];
    const entry = from.at(-1);
    if (!entry) return say(step < 0 ? "No review to undo." : "No review to redo.");
    if (entry.address.replace(/&tab=\w*|&pick=[^&]*/g, "") !== location.href.replace(/&tab=\w*|&pick=[^&]*/g, "")) return say("The last review was of another sample.");
    const wanted = step < 0 ? (entry.before ?? { action: "clear", edit: null, comment: "" }) : entry.after;
    if (await this.decide(wanted.action, wanted.edit ?? null, { comment: wanted.comment ?? "", undoing: true })) to.push(from.pop());
  }
}
