"""What clients do to `dataclaw serve`: mixed, at random by a seed, with every answer checked for its status."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event, Lock
from typing import Any

import httpx

INTENT = "Extract the ordered UI actions with coordinates"
SHIPPED, CUT = "traces/calendar_only", "cuts/violin_workshop.edl"
PATIENCE = 300.0
"""How long a request may take [s]."""
OPEN = 8
"""Jobs that the clients have under way."""
ENDS = frozenset({"done", "failed", "cancelled"})


@dataclass
class Load:
    """What clients do to a server, and what came of it.

    Attributes:
        url: its address.
        seed: of what they do.
        accepted: states of jobs that were accepted and not deleted, by id; "" while they go on.
        seconds: how long requests took, by kind [s].
        wrong: what went wrong.
    """

    url: str
    seed: int = 0
    accepted: dict[str, str] = field(default_factory=dict[str, str])
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list[str])
    cancelled: set[str] = field(default_factory=set[str])
    over: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def work(self, number: int) -> None:
        """One client: something, and something else, until it is over."""
        chance = random.Random(f"{self.seed}:{number}")
        deeds, weights = list(DEEDS), list(DEEDS.values())
        with httpx.Client(base_url=self.url, timeout=PATIENCE) as client:
            while not self.over.is_set():
                (deed,) = chance.choices(deeds, weights)
                try:
                    deed(self, client, chance)
                except (httpx.HTTPError, KeyError, ValueError) as error:
                    self.wrong.append(f"{deed.__qualname__}: {type(error).__name__}: {error}")
                self.over.wait(chance.uniform(0.0, 0.5))

    def ask(
        self, client: httpx.Client, kind: str, method: str, path: str, statuses: Sequence[int] = (200,), **more: Any
    ) -> httpx.Response:
        """A request that is timed; what it is answered with must be one of the statuses."""
        start = time.monotonic()
        answer = client.request(method, path, **more)
        self.seconds[kind].append(time.monotonic() - start)
        if answer.status_code not in statuses:
            self.wrong.append(f"{kind}: {method} {path} gave {answer.status_code}: {answer.text[:200]}")
        return answer

    def submit(self, client: httpx.Client, streams: Sequence[str], **more: Any) -> str:
        """Start a job; its id, "" where the queue was full."""
        body = {"streams": list(streams), "intent": INTENT, **more}
        answer = self.ask(client, "start a job", "POST", "/v1/jobs", (202, 429), json=body)
        name = str(answer.json().get("id", "")) if answer.status_code == HTTPStatus.ACCEPTED else ""
        if name:
            with self._lock:
                self.accepted[name] = ""
        return name

    def has_room(self) -> bool:
        """Whether another job may be started."""
        with self._lock:
            return sum(not state for state in self.accepted.values()) < OPEN

    def some_job(self, chance: random.Random, *, ended: bool) -> str:
        """A job that was accepted, one that has ended or one that goes on; "" where there is none."""
        with self._lock:
            fitting = [name for name, state in self.accepted.items() if bool(state) is ended]
        return chance.choice(fitting) if fitting else ""

    def look(self, client: httpx.Client, name: str) -> str:
        """The state of a job where it has ended, else ""."""
        told = self.ask(client, "look at a job", "GET", f"/v1/jobs/{name}", (200, 404)).json()
        state = str(told["state"]) if told.get("state") in ENDS and told.get("ended") is not None else ""
        if state == "failed":
            self.wrong.append(f"job {name} failed: {told['problem']}")
        if state == "cancelled" and name not in self.cancelled:
            self.wrong.append(f"job {name} was cancelled by nobody")
        with self._lock:
            if name in self.accepted:
                self.accepted[name] = state
        return state

    def forget(self, name: str) -> None:
        """A job is to be deleted by the one who asks; nobody else touches it from here on."""
        with self._lock:
            self.accepted.pop(name, None)


# Deeds.


def _trace(chance: random.Random) -> bytes:
    clicks = (f"pyautogui.click(x=0.{chance.randrange(10, 99)}, y=0.{chance.randrange(10, 99)})\n" for _ in range(3))
    return ("import pyautogui\n" + "".join(clicks)).encode()


def start_job(load: Load, client: httpx.Client, chance: random.Random) -> None:
    """Jobs on what lies there, with a domain and without."""
    if load.has_room():
        named = chance.random() < 0.5
        stream = chance.choice([SHIPPED, CUT])
        load.submit(client, [stream], **({"domain": "gui" if stream == SHIPPED else "aigc"} if named else {}))


def send_stream(load: Load, client: httpx.Client, chance: random.Random) -> None:
    """An upload, a job on it, and the upload deleted when it is done."""
    if not load.has_room():
        return
    files = {"files": ("trace.py", _trace(chance))}
    sent = load.ask(client, "upload", "POST", "/v1/uploads", (201,), files=files)
    upload = sent.json()["id"]
    name = load.submit(client, [upload], domain="gui")
    while name and not load.over.is_set() and not load.look(client, name):
        time.sleep(0.5)
    load.ask(client, "delete an upload", "DELETE", f"/v1/uploads/{upload}", (204, 409))


def send_rubbish(load: Load, client: httpx.Client, chance: random.Random) -> None:
    """Uploads that are none."""
    name, data = chance.choice(
        [("a.mp4", chance.randbytes(5000)), ("a.zip", b"PK\x03\x04" + chance.randbytes(500)), ("../a.py", b"x"),
         ("a.json", b"[" * 50_000), ("a.csv", b"\xff\xfe" * 100), ("a.jsonl", b""), ("big.py", b"#" * 3_000_001)]
    )  # fmt: skip
    files = {"files": (name, data)}
    load.ask(client, "upload rubbish", "POST", "/v1/uploads", (400, 403, 413, 415, 422), files=files)


def ask_wrongly(load: Load, client: httpx.Client, chance: random.Random) -> None:
    """Requests that are refused."""
    body, statuses = chance.choice(
        [({"streams": ["nowhere"], "intent": "x"}, [404]), ({"streams": ["../x"], "intent": "x"}, [404]),
         ({"streams": [], "intent": "x"}, [422]), ({"streams": [CUT], "intent": " "}, [422]),
         ({"streams": [CUT], "intent": "x", "model": "openai:gpt"}, [400]), ({"out": "/etc"}, [422])]
    )  # fmt: skip
    load.ask(client, "refused job", "POST", "/v1/jobs", statuses, json=body)
    load.ask(client, "no such job", "GET", f"/v1/jobs/{chance.randrange(10**9)}", (404,))


def cancel_job(load: Load, client: httpx.Client, chance: random.Random) -> None:
    """A job that is cancelled, at once or on its way."""
    if load.has_room() and (name := load.submit(client, [SHIPPED])):
        load.cancelled.add(name)
        load.over.wait(chance.choice([0.0, 1.0, 3.0]))
        load.ask(client, "cancel a job", "POST", f"/v1/jobs/{name}/cancel")


def follow_and_leave(load: Load, client: httpx.Client, chance: random.Random) -> None:
    """Events of a job, left after a few."""
    if name := load.some_job(chance, ended=chance.random() < 0.3):
        most = chance.randrange(1, 20)
        start = time.monotonic()
        with client.stream("GET", f"/v1/jobs/{name}/events") as answer:
            for number, line in enumerate(answer.iter_lines()):
                if number == 0:
                    load.seconds["first event"].append(time.monotonic() - start)
                if number >= most or not line or load.over.is_set():
                    break


def read_half(load: Load, client: httpx.Client, chance: random.Random) -> None:
    """A report of which the beginning is read."""
    if name := load.some_job(chance, ended=True):
        start = time.monotonic()
        with client.stream("GET", f"/v1/jobs/{name}/report") as answer:
            next(answer.iter_raw(1000), b"")
        load.seconds["first bytes of a report"].append(time.monotonic() - start)


def fetch_results(load: Load, client: httpx.Client, chance: random.Random) -> None:
    """Samples, rejections and media of a job that has ended."""
    if name := load.some_job(chance, ended=True):
        for table in ("samples", "rejected"):
            load.ask(client, f"page of {table}", "GET", f"/v1/jobs/{name}/{table}?limit=20", (200, 404))
        found = load.ask(client, "page of artifacts", "GET", f"/v1/jobs/{name}/artifacts?limit=20", (200, 404))
        for one in found.json().get("items", [])[:2]:
            load.ask(client, "media", "GET", f"/v1/jobs/{name}/{one['path']}", (200, 404))


def list_all(load: Load, client: httpx.Client, chance: random.Random) -> None:
    """What there is."""
    path = chance.choice(["/v1/jobs?limit=50", "/v1/uploads", "/v1/domains", "/v1/models", "/openapi.json"])
    load.ask(client, f"list {path.split('?')[0].rpartition('/')[2]}", "GET", path)


def chat(load: Load, client: httpx.Client, chance: random.Random) -> None:
    """As clients of OpenAI ask; some go away before the answer."""
    if not load.has_room():
        return
    content = f"stream: {CUT}\na cut list of the two longest talking heads"
    body = {"model": "aigc", "messages": [{"role": "user", "content": content}], "stream": chance.random() < 0.5}
    if chance.random() < 0.3:
        try:
            client.post("/v1/chat/completions", json=body, timeout=0.5)
        except httpx.TimeoutException:
            return
    answer = load.ask(client, "chat", "POST", "/v1/chat/completions", (200, 429), json=body)
    if answer.status_code == HTTPStatus.OK and "sample" not in answer.text:
        load.wrong.append(f"chat: {answer.text[:200]}")


def delete_job(load: Load, client: httpx.Client, chance: random.Random) -> None:
    """A job that has ended is deleted, sometimes."""
    if len(load.accepted) > OPEN and (name := load.some_job(chance, ended=True)):
        load.forget(name)
        load.ask(client, "delete a job", "DELETE", f"/v1/jobs/{name}", (204, 409))


def look_at_job(load: Load, client: httpx.Client, chance: random.Random) -> None:
    """How a job stands."""
    if name := load.some_job(chance, ended=False):
        load.look(client, name)


DEEDS: Mapping[Callable[[Load, httpx.Client, random.Random], None], int] = {
    start_job: 3, send_stream: 2, send_rubbish: 3, ask_wrongly: 4, cancel_job: 1, follow_and_leave: 6, read_half: 4,
    fetch_results: 5, list_all: 6, chat: 2, delete_job: 1, look_at_job: 12,
}  # fmt: skip
"""What clients do, and how often."""
