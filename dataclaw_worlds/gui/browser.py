"""A headless Chromium that is moved by real input events; one of them serves all streams of a process."""

from __future__ import annotations

import atexit
import base64
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dataclaw.errors import MissingExtraError

WIDTH, HEIGHT = 1024, 640
_PROGRAM = Path("/usr/bin/chromium")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-smooth-scrolling",
    "--font-render-hinting=none",
    "--hide-scrollbars --disable-lcd-text --disable-partial-raster --num-raster-threads=1 --force-color-profile=srgb "
    "--disable-font-subpixel-positioning",
]
_PAGE = """<!doctype html><meta charset=utf-8><style id=own></style><style>
*{box-sizing:border-box} body{margin:0;width:1024px;height:640px;overflow:hidden;display:flex;flex-direction:column;
font:13px 'DejaVu Sans',sans-serif;background:#475569;user-select:none}
#bar{height:28px;line-height:28px;padding:0 12px;background:#e2e8f0;color:#0f172a;flex-shrink:0;font-weight:bold}
#view{flex:1;overflow-y:auto;overflow-x:hidden;position:relative}
#tasks{height:38px;padding:4px 8px;background:#1e293b;display:flex;gap:6px;flex-shrink:0}
#tasks button{background:#334155;color:#f8fafc;border:0;padding:4px 12px;font:inherit}
#tasks .on{background:#64748b;font-weight:bold}
.strip{background:#0f172a;color:#f8fafc;padding:8px 16px}
.corner{margin:12px 20px;width:250px;background:#fef9c3;color:#1c1917;padding:10px;border:1px solid #a16207}
#hand{position:fixed;left:0;top:0;z-index:9;pointer-events:none;line-height:0}
</style><div id=bar></div><div id=view></div><div id=tasks></div>
<div id=hand><svg width=18 height=26 viewBox='0 0 18 26'><path d='M1 1v20l5-4.6 3.4 8 3.6-1.6-3.4-7.8H17z' fill='#fff'
stroke='#111' stroke-width='1.6'/></svg></div>
<script>
const log=[]; const hand=document.getElementById('hand');
const KIND={BUTTON:'ButtonControl',INPUT:'EditControl',TD:'DataItemControl'};
const ROLE={link:'HyperlinkControl',radio:'RadioButtonControl',tab:'TabItemControl'};
function about(e){const t=e.target.closest('[data-k]'); if(!t) return null; const b=t.getBoundingClientRect();
 return {k:t.dataset.k,name:(t.getAttribute('aria-label')||t.innerText||'').trim(),
 role:ROLE[t.getAttribute('role')]||KIND[t.tagName]||'PaneControl',
 box:[Math.floor(b.left),Math.floor(b.top),Math.ceil(b.right),Math.ceil(b.bottom)]}}
function put(e,a,more){ if(!e.isTrusted) throw Error('untrusted '+e.type);
 log.push({a,x:Math.round(e.clientX||0),y:Math.round(e.clientY||0),...more}) }
const on=(n,f)=>addEventListener(n,f,{capture:true,passive:true});
on('mousemove',e=>{hand.style.transform=`translate(${e.clientX}px,${e.clientY}px)`});
on('mousedown',e=>put(e,'down',{at:about(e)})); on('mouseup',e=>put(e,'up',{}));
on('wheel',e=>put(e,'wheel',{dx:Math.round(e.deltaX/100),dy:Math.round(e.deltaY/100)}));
on('keydown',e=>put(e,'key',{key:e.key})); on('keyup',e=>put(e,'keyup',{key:e.key}));
function show(s){ if(s.css!==null) document.getElementById('own').textContent=s.css;
 document.getElementById('bar').textContent=s.title; document.getElementById('tasks').innerHTML=s.tasks;
 const v=document.getElementById('view'); const top=s.keep?v.scrollTop:0; v.innerHTML=s.html; v.scrollTop=top;
 const f=v.querySelector('[autofocus]'); if(f){f.focus();f.select()} }
function place(k){ const t=document.querySelector(`[data-k="${CSS.escape(k)}"]`); if(!t) return null;
 const b=t.getBoundingClientRect(); return [b.left,b.top,b.right,b.bottom] }
function drain(){ const values={}; for(const i of document.querySelectorAll('input')) values[i.name]=i.value;
 return {log:log.splice(0),values,top:document.getElementById('view').scrollTop} }
</script>"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the page heard of an action.

    Attributes:
        log: trusted input events in order: `a` says which, `x`, `y` [px] where, `at` the element pressed.
        values: what stands in the fields, by name.
        top: how far the window is scrolled [px].
    """

    log: Sequence[dict[str, Any]]
    values: dict[str, str]
    top: float


class Browser:
    """One page of a headless Chromium."""

    def __init__(self) -> None:
        if not _PROGRAM.is_file():
            raise MissingExtraError("Chromium is not installed.", remedy="apt install chromium")
        try:
            api: Any = importlib.import_module("playwright.sync_api")
        except ImportError:
            raise MissingExtraError(
                "playwright is not installed.", remedy='pip install "dataclaw-tailor[worlds]"'
            ) from None
        self._driver: Any = api.sync_playwright().start()
        self._browser: Any = self._driver.chromium.launch(executable_path=str(_PROGRAM), args=list(_FLAGS))
        self._page: Any = self._browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        self._tools: Any = self._page.context.new_cdp_session(self._page)
        atexit.register(self.close)
        self._page.set_content(_PAGE)
        self._frames()

    def start(self) -> None:
        """An empty desktop, the pointer in the middle."""
        self.show("", "", "", "", keep=False)
        self._page.mouse.move(WIDTH // 2, HEIGHT // 2)
        self._page.evaluate("()=>drain()")

    def close(self) -> None:
        """End the browser."""
        self._browser.close()
        self._driver.stop()

    def show(self, title: str, html: str, tasks: str, css: str | None, *, keep: bool) -> None:
        """Put a window on the screen; `css` None keeps the style, `keep` keeps how far it is scrolled."""
        self._page.evaluate("s=>show(s)", {"title": title, "html": html, "tasks": tasks, "css": css, "keep": keep})

    def place(self, key: str) -> tuple[float, float, float, float] | None:
        """Box of an element [px], None when there is none."""
        found: list[float] | None = self._page.evaluate("k=>place(k)", key)
        return (found[0], found[1], found[2], found[3]) if found else None

    def press(self, x: float, y: float, times: int = 1) -> None:
        """Move to a place and click."""
        self._page.mouse.click(x, y, click_count=times)

    def wheel(self, x: float, y: float, notches: int) -> None:
        """Turn the wheel; positive shows what is further down."""
        self._page.mouse.move(x, y)
        for _ in range(abs(notches)):
            self._page.mouse.wheel(0, 100 if notches > 0 else -100)
        self._frames()

    def _frames(self) -> None:
        """Wait until what happened has been painted."""
        self._page.evaluate("()=>new Promise(f=>requestAnimationFrame(()=>requestAnimationFrame(f)))")

    def type(self, text: str) -> None:
        """Type a text, key by key."""
        self._page.keyboard.type(text)

    def keys(self, combination: str) -> None:
        """Press a key or a combination, in Playwright's names ("Control+A")."""
        self._page.keyboard.press(combination)

    def heard(self) -> Heard:
        """What came in since it was asked last."""
        found: dict[str, Any] = self._page.evaluate("()=>drain()")
        return Heard(found["log"], found["values"], found["top"])

    def picture(self) -> bytes:
        """The screen as PNG."""
        shot: dict[str, str] = self._tools.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
        return base64.b64decode(shot["data"])


@cache
def browser() -> Browser:
    """The browser of this process.

    Raises:
        MissingExtraError: Chromium or playwright is not installed.
    """
    return Browser()
