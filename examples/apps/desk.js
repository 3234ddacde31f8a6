// A small desktop: one window per application, a task bar, a clock that starts at a fixed time.
// The title of the page is the title of the front window.
const APPLICATIONS = [
  { id: "mail", name: "Postbox", colour: "#3a6ea5" },
  { id: "shop", name: "Fernhill Supply", colour: "#3fa384" },
  { id: "calendar", name: "Dayplan", colour: "#b0552d" },
];
const OPENED = new Date(2026, 4, 12, 10, 4).getTime();
let front = new URLSearchParams(location.search).get("front") ?? "mail";

function showTitle(application) {
  const title = application.frame.contentDocument?.title || application.name;
  application.caption.textContent = title;
  if (application.id === front) document.title = title;
}

function bringToFront(id) {
  front = id;
  for (const application of APPLICATIONS) {
    application.window.classList.toggle("front", application.id === id);
    application.button.classList.toggle("front", application.id === id);
    showTitle(application);
  }
}

function open(application) {
  const windowElement = document.createElement("section");
  windowElement.className = "window";
  windowElement.innerHTML = `<div class="caption"><span class="dot" style="background:${application.colour}"></span><span></span></div>`;
  const frame = document.createElement("iframe");
  frame.name = application.id;
  frame.src = `${application.id}.html${location.search}`;
  windowElement.append(frame);
  const button = document.createElement("button");
  button.innerHTML = `<span class="dot" style="background:${application.colour}"></span>${application.name}`;
  button.addEventListener("click", () => bringToFront(application.id));
  document.getElementById("windows").append(windowElement);
  document.getElementById("clock").before(button);
  Object.assign(application, { window: windowElement, frame, button, caption: windowElement.querySelector(".caption span:last-child") });
  frame.addEventListener("load", () => {
    new MutationObserver(() => showTitle(application)).observe(frame.contentDocument.querySelector("title"), { childList: true });
    showTitle(application);
  });
}

function tick() {
  const now = new Date(OPENED + performance.now());
  const time = `${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")}`;
  document.getElementById("clock").textContent = `Tue 12 May 2026   ${time}`;
}

APPLICATIONS.forEach(open);
bringToFront(front);
tick();
setInterval(tick, 1000);
