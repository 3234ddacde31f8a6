// Asking the server, and the address, which holds the state of the page.

/** What the server says is wrong, in its words; status 0 when it cannot be reached. */
export class Problem extends Error {
  constructor(status, { detail = "", remedy = "", place = "" } = {}) {
    super(detail);
    Object.assign(this, { status, remedy, place });
  }
}

async function answer(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new Problem(0, { detail: "The server cannot be reached.", remedy: "Start dataclaw view again; the page goes on by itself." });
  }
  const told = await response.json().catch(() => ({ detail: `The server answered ${response.status}.`, remedy: "Look at its terminal." }));
  if (!response.ok) throw new Problem(response.status, told);
  return told;
}

export function get(name, fields = {}) {
  const given = Object.entries(fields).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return answer(`/api/${name}?${new URLSearchParams(given)}`);
}

export function post(name, body) {
  return answer(`/api/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

export const FILTERS = ["text", "kind", "domain", "task", "rule", "source", "stream", "low", "high", "review", "sort"];

/** The address as fields. */
export function here() {
  return Object.fromEntries(new URLSearchParams(location.search));
}

export function addressOf(fields) {
  const given = Object.entries(fields).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return given.length ? `/?${new URLSearchParams(given)}` : "/";
}

/** Change the address; with `stay` without an entry in the history and without drawing the page anew. */
export function go(fields, { stay = false } = {}) {
  const address = addressOf(fields);
  if (stay) history.replaceState(null, "", address);
  else if (address !== location.pathname + location.search) history.pushState(null, "", address);
  if (!stay) window.dispatchEvent(new Event("went"));
}

/** The filters of the address. */
export function filtersOf(fields) {
  return Object.fromEntries(FILTERS.filter((name) => fields[name]).map((name) => [name, fields[name]]));
}

/** Things kept in this browser: unsaved edits and reviews, and the reviewer's name. */
export const kept = {
  read(key) {
    const text = localStorage.getItem(`dataclaw:${key}`);
    return text === null ? null : JSON.parse(text);
  },
  write(key, value) {
    localStorage.setItem(`dataclaw:${key}`, JSON.stringify(value));
  },
  drop(key) {
    localStorage.removeItem(`dataclaw:${key}`);
  },
  keys(start) {
    return Object.keys(localStorage).filter((key) => key.startsWith(`dataclaw:${start}`)).map((key) => key.slice("dataclaw:".length));
  },
};
