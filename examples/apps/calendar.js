// Dayplan: a month view with events, and a form that adds one. Today is fixed.
const TODAY = [2026, 4, 12];
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const events = { "2026-4-6": ["18:30 Choir"], "2026-4-9": ["Market"], "2026-4-13": ["18:30 Choir"], "2026-4-16": ["Lake trip"], "2026-4-20": ["18:30 Choir"], "2026-5-3": ["18:30 Choir"], "2026-5-13": ["Street fair"] };
const added = new Set();
let shown = { year: TODAY[0], month: TODAY[1] };
const byId = (id) => document.getElementById(id);
const key = (date) => `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
const spoken = (date) => `${WEEKDAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]}`;

function dayCell(date, chosen) {
  const cell = document.createElement("button");
  const names = events[key(date)] ?? [];
  cell.className = "day";
  cell.classList.toggle("today", key(date) === TODAY.join("-"));
  cell.classList.toggle("chosen", key(date) === chosen);
  cell.setAttribute("aria-label", [spoken(date), ...names].join(", "));
  cell.append(Object.assign(document.createElement("b"), { textContent: date.getDate() }));
  for (const name of names) {
    const mine = added.has(`${key(date)} ${name}`) ? " mine" : "";
    cell.append(Object.assign(document.createElement("span"), { className: `event${mine}`, textContent: name }));
  }
  cell.onclick = () => newEvent(date);
  return cell;
}

function showMonth(chosen) {
  const { year, month } = shown;
  const blanks = (new Date(year, month, 1).getDay() + 6) % 7;
  const length = new Date(year, month + 1, 0).getDate();
  const cells = Array.from({ length: blanks }, () => document.createElement("span"));
  for (let day = 1; day <= length; day++) cells.push(dayCell(new Date(year, month, day), chosen));
  byId("month").textContent = `${MONTHS[month]} ${year}`;
  byId("days").replaceChildren(...cells);
}

function monthView(notice = "") {
  showMonth();
  byId("panel").innerHTML = `${notice}<p class="quiet">Click a day to add an event.</p>`;
  document.title = `Dayplan — ${MONTHS[shown.month]} ${shown.year}`;
}

function turn(months) {
  const date = new Date(shown.year, shown.month + months, 1);
  shown = { year: date.getFullYear(), month: date.getMonth() };
  monthView();
}

function newEvent(date) {
  showMonth(key(date));
  byId("panel").innerHTML = `<h2>New event</h2><p>${spoken(date)}</p><form>
    <label>Title<input id="title" autocomplete="off"></label><label>Time (optional)<input id="time" autocomplete="off" placeholder="all day"></label>
    <div class="actions"><button class="main" type="submit">Save</button><button type="button" id="cancel">Cancel</button></div></form>`;
  byId("cancel").onclick = () => monthView();
  byId("panel").querySelector("form").onsubmit = (submission) => { submission.preventDefault(); save(date); };
  document.title = "Dayplan — New event";
}

function save(date) {
  const name = [byId("time").value.trim(), byId("title").value.trim() || "Untitled"].filter(Boolean).join(" ");
  (events[key(date)] ??= []).push(name);
  added.add(`${key(date)} ${name}`);
  monthView(`<p class="notice">Saved for ${spoken(date)}.</p>`);
}

byId("previous").onclick = () => turn(-1);
byId("next").onclick = () => turn(1);
byId("today").onclick = () => { shown = { year: TODAY[0], month: TODAY[1] }; monthView(); };
monthView();
