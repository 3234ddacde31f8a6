// Runs in every frame before its page: logs the trusted input that arrives, in screen pixels, and the title of the
// screen; draws the pointer, which a headless browser does not. Applications know nothing of it.
(() => {
  const EPOCH_S = performance.timeOrigin / 1000;
  if (window === window.top) window.recording = { events: [], titles: [] };
  const log = window.top.recording;

  // Left and top of this frame in screen pixels.
  function origin() {
    let [left, top] = [0, 0];
    for (let frame = window; frame !== window.top; frame = frame.parent) {
      const box = frame.frameElement.getBoundingClientRect();
      left += box.left;
      top += box.top;
    }
    return [left, top];
  }

  function push(event, fields) {
    if (!event.isTrusted) throw new Error(`untrusted ${event.type}`);
    log.events.push({ epoch_s: EPOCH_S + event.timeStamp / 1000, ...fields });
  }

  function point(event) {
    const [left, top] = origin();
    return { x: Math.round(event.clientX + left), y: Math.round(event.clientY + top) };
  }

  const listen = (type, handler) => window.addEventListener(type, handler, { capture: true, passive: true });
  const BUTTONS = ["left", "middle", "right"];
  listen("mousemove", (event) => {
    const at = point(event);
    window.top.recording.pointer?.style.setProperty("transform", `translate(${at.x}px, ${at.y}px)`);
    push(event, { action: "move", ...at });
  });
  listen("mousedown", (event) => push(event, { action: "click", ...point(event), button: BUTTONS[event.button], pressed: true }));
  listen("mouseup", (event) => push(event, { action: "click", ...point(event), button: BUTTONS[event.button], pressed: false }));
  listen("wheel", (event) => push(event, { action: "scroll", ...point(event), dx: Math.round(event.deltaX / 100), dy: -Math.round(event.deltaY / 100) }));
  listen("keydown", (event) => push(event, { action: "press", key: event.key, code: event.code }));
  listen("keyup", (event) => push(event, { action: "release", key: event.key, code: event.code }));

  if (window !== window.top) return;

  const noteTitle = () => log.titles.push({ epoch_s: EPOCH_S + performance.now() / 1000, title: document.title });
  document.addEventListener("DOMContentLoaded", () => {
    noteTitle();
    new MutationObserver(noteTitle).observe(document.querySelector("title"), { childList: true });
    const pointer = document.createElement("div");
    pointer.style.cssText = "position:fixed;left:0;top:0;z-index:9999;pointer-events:none;line-height:0;transform:translate(640px,360px)";
    pointer.setAttribute("aria-hidden", "true");
    pointer.innerHTML = `<svg width="18" height="26" viewBox="0 0 18 26"><path d="M1 1v20l5-4.6 3.4 8 3.6-1.6-3.4-7.8H17z" fill="#fff" stroke="#111" stroke-width="1.6" stroke-linejoin="round"/></svg>`;
    document.body.append(pointer);
    log.pointer = pointer;
    // The screencast may drop the last picture of a burst: a repaint that nobody can see brings it again.
    setInterval(() => { pointer.style.opacity = pointer.style.opacity === "1" ? "0.999" : "1"; }, 80);
  });

  const INTERACTIVE = "button, a, input, textarea, select, [role]";
  const CONTROL = { BUTTON: "ButtonControl", A: "HyperlinkControl", INPUT: "EditControl", TEXTAREA: "EditControl", SELECT: "ComboBoxControl",
    SVG: "ImageControl", IMG: "ImageControl", TABLE: "TableControl", NAV: "ToolBarControl" };
  const CONTAINER = ["DIV", "MAIN", "SECTION", "ARTICLE", "ASIDE", "BODY", "HTML", "FORM", "HEADER"];
  const oneLine = (text) => (text ?? "").replace(/\s+/g, " ").trim().slice(0, 160);

  function nameOf(element) {
    const labelText = [...(element.labels?.[0]?.childNodes ?? [])].filter((node) => node.nodeType === 3).map((node) => node.data).join(" ");
    return oneLine(element.getAttribute("aria-label") || labelText || element.placeholder || element.innerText || element.title);
  }

  // The control under a screen point, in AgentNet's words; text and pictures inside a control count as the control.
  log.elementAt = (x, y) => {
    let [left, top, root] = [0, 0, document];
    let element = root.elementFromPoint(x, y);
    while (element.tagName === "IFRAME") {
      const box = element.getBoundingClientRect();
      left += box.left;
      top += box.top;
      root = element.contentDocument;
      element = root.elementFromPoint(x - left, y - top);
    }
    element = element.closest(INTERACTIVE) ?? element.ownerSVGElement ?? element;
    const tag = element.tagName.toUpperCase();
    const box = element.getBoundingClientRect();
    return {
      Name: nameOf(element),
      ControlType: CONTROL[tag] ?? (CONTAINER.includes(tag) ? "PaneControl" : "TextControl"),
      BoundingRectangle: { left: Math.floor(box.left + left), top: Math.floor(box.top + top), right: Math.ceil(box.right + left), bottom: Math.ceil(box.bottom + top) },
      Depth: 0,
      Children: [],
    };
  };
})();
