// What every live figure shares: panels, curves, handles, controls, live numbers, presets, the link.
//
// A figure is `figure(spec, draw)`.  `spec` is written by Python (names, ranges, words: one home);
// `draw(view)` makes the picture's nodes once and returns { layout(width) → height, update(state) →
// words }.  Both are called at most once a frame.  Nothing here computes mathematics.

import { format } from "d3-format";
import palette from "./built/generated/palette.css";
import css from "./figure.css";
import { hue } from "./looks.js";

// ---- nodes ----------------------------------------------------------------------------------

const SVG = "http://www.w3.org/2000/svg";

/** Set attributes; one that has its value already is left alone, for writing it costs a layout. */
export function set(node, attributes) {
  for (const name in attributes) {
    const value = String(attributes[name]);
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
  return node;
}

/** Move a name or a mark. */
export const put = (node, x, y, anchor = "start") =>
  set(node, { transform: `translate(${x.toFixed(1)},${y.toFixed(1)})`, "text-anchor": anchor });

/** A text that moves at every frame.  `put` its parentNode, a group of its own: that only moves, while
 * the letters of a text that is moved itself are set again. */
export const caption = (parent, attributes, text) => svg(svg(parent, "g"), "text", attributes, text);

/** Write a text; into the text node that is there, for a new one costs a layout object. */
export function say(node, text) {
  const words = node.firstChild ?? node.appendChild(document.createTextNode(""));
  if (words.data !== String(text)) words.data = text;
}

/** Let names flow like words, line by line, from `top` on; returns where the last line ends. */
export function flow(names, width, top) {
  let across = 0, down = top;
  for (const name of names) {
    const long = name.textContent.length * 7.6 + 22;
    if (across && across + long > width) [across, down] = [0, down + 20];
    put(name, across, down);
    across += long;
  }
  return down + 12;
}

export function svg(parent, tag, attributes = {}, text = "") {
  const node = set(document.createElementNS(SVG, tag), attributes);
  node.textContent = text;
  return parent.appendChild(node);
}

function html(parent, tag, attributes = {}, text = "") {
  const node = set(document.createElement(tag), attributes);
  if (text) node.textContent = text;
  return parent.appendChild(node);
}

// ---- numbers in words -----------------------------------------------------------------------

const raised = (digits) => [...digits].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("");
export const power = (exponent) => `10${raised(String(exponent))}`;

const formats = {}; // reading a specifier costs more than writing a number
export const number = (specifier) => (value) =>
  Number.isFinite(value)
    ? (formats[specifier] ??= format(specifier))(value).replace(/e[+]?([-−]?\d+)$/, (_, e) => `×${power(e.replace("−", "-"))}`)
    : "∞";

/** One live number: its text is on the page (made when it is written, not at every frame), its full
 * value in a data attribute. */
export const live = (key, value, specifier) => ({ key, value, get text() { return number(specifier)(value); } });

function write(parent, words) {
  const shape = words.map((word) => word.key ?? word).join("|");
  if (parent.dataset.shape !== shape) {
    parent.replaceChildren(
      ...words.map((word) => {
        if (word.key === undefined) return document.createTextNode(word);
        const span = document.createElement("span");
        span.dataset.key = word.key;
        return span;
      }),
    );
    parent.dataset.shape = shape;
  }
  words.forEach((word, i) => {
    if (word.key === undefined) return;
    say(parent.childNodes[i], word.text);
    set(parent.childNodes[i], { "data-value": word.value });
  });
}

// ---- panels, curves, handles ------------------------------------------------------------------

/** A framed plot with a subtle grid: `back` and `plot` are clipped to it, `over` is not. */
export function panel(parent) {
  const group = svg(parent, "g");
  const clip = svg(group, "svg");
  const paper = svg(clip, "rect", { class: "fo-panel-back" });
  const grid = svg(clip, "path", { class: "fo-grid" });
  const back = svg(clip, "g");
  const plot = svg(clip, "g");
  const edge = svg(group, "rect", { class: "fo-panel-edge" });
  const words = svg(group, "g");
  const over = svg(group, "g");

  /** Put the panel at (left, top); x and y are scales in its own pixels, ticks are optional. */
  function place({ left, top, width, height, x, y, xTicks = [], yTicks = [], text = String, title, xLabel, yLabel }) {
    set(group, { transform: `translate(${left},${top})` });
    for (const node of [clip, paper, edge]) set(node, { width, height });
    const rules = [...xTicks.map((t) => `M${x(t)} 0V${height}`), ...yTicks.map((t) => `M0 ${y(t)}H${width}`)];
    set(grid, { d: rules.join("") });
    words.replaceChildren();
    for (const t of xTicks) svg(words, "text", { x: x(t), y: height + 17, "text-anchor": "middle" }, text(t, "x"));
    for (const t of yTicks) svg(words, "text", { x: -7, y: y(t) + 4, "text-anchor": "end" }, text(t, "y"));
    if (title) svg(words, "text", { x: 0, y: -10, class: "fo-title" }, title);
    if (xLabel) svg(words, "text", { x: width, y: height + 34, "text-anchor": "end" }, xLabel);
    if (yLabel) svg(words, "text", { x: 0, y: -10 }, yLabel);
  }

  return { back, plot, over, place };
}

const FAR = 1e4; // pixels; beyond this a renderer's arithmetic may fail, and nothing is to be seen
const near = (pixels) => (Number.isNaN(pixels) ? FAR : Math.max(-FAR, Math.min(FAR, pixels)));

/** A linear scale, from numbers of a domain to pixels of a range; `invert` goes back. */
export function linear([a, b], [p, q]) {
  const slope = (q - p) / (b - a);
  const scale = (value) => p + (value - a) * slope;
  scale.invert = (pixel) => a + (pixel - p) / slope;
  return scale;
}

/** The same on a logarithmic axis. */
export function logarithmic(domain, range) {
  const scale = linear(domain.map(Math.log10), range);
  return (value) => scale(Math.log10(value));
}

const tenths = (pixels) => Math.round(10 * near(pixels));
const DECIMALS = Array.from("0123456789", (digit) => (digit === "0" ? "" : `.${digit}`));
/** So many tenths as a decimal number: whole numbers are printed three times as fast as fractions. */
const decimal = (n) => `${n < 0 ? "-" : ""}${Math.trunc(Math.abs(n) / 10)}${DECIMALS[Math.abs(n) % 10]}`;
const tenth = (pixels) => decimal(tenths(pixels));
/** Points [[a, b], …] in the units of the scales, as places in a path; one that is less than `apart`
 * pixels from the last both ways is left out: a run that has settled is one place, not a hundred. */
export function places(points, x, y, apart = 0.1) {
  const kept = [];
  let px = NaN, py = NaN;
  for (const [a, b] of points) {
    const u = tenths(x(a)), v = tenths(y(b));
    if (Math.abs(u - px) < 10 * apart && Math.abs(v - py) < 10 * apart) continue;
    kept.push(`${decimal(u)} ${decimal(v)}`);
    [px, py] = [u, v];
  }
  return kept;
}

/** The d of a path through points. */
export const through = (points, x, y) => `M${places(points, x, y).join("L")}`;

/** The d of the area between two rows of places. */
export const between = (upper, lower) => `M${upper.join("L")}L${lower.toReversed().join("L")}Z`;

/** Draw iterates: a line through them, and a dot at each (a stroke of no length, with round ends). */
export function trail(line, dots, points, x, y) {
  const at = places(points, x, y, 0.7);
  set(line, { d: `M${at.join("L")}` });
  set(dots, { d: `M${at.join("h0M")}h0` });
}

/** The d of a small cross at a point [a, b] in the units of the scales. */
export const cross = ([a, b], x, y) => `M${x(a) - 6} ${y(b)}h12M${x(a)} ${y(b) - 6}v12`;

const HEAD = 9; // pixels: the length of an arrow's head, less on a short arrow

/** The d of an arrow between two places [x, y] in pixels; nothing where they are the same. */
export function arrow(from, to) {
  const [x0, y0, x1, y1] = [...from, ...to].map(near), length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 0.5) return "";
  const size = Math.min(HEAD, length * 0.6), [u, v] = [((x1 - x0) / length) * size, ((y1 - y0) / length) * size];
  const barb = (side) => `${tenth(x1 - u - side * v * 0.5)} ${tenth(y1 - v + side * u * 0.5)}`;
  return `M${tenth(x0)} ${tenth(y0)}L${tenth(x1)} ${tenth(y1)}M${barb(1)}L${tenth(x1)} ${tenth(y1)}L${barb(-1)}`;
}

/** A point that can be dragged by mouse, touch and arrow keys (Shift: ten times as far). */
export function handle(parent, { label, window: [[x0, x1], [y0, y1]], moved, done }) {
  const group = svg(parent, "g", {
    class: "fo-handle", role: "slider", tabindex: 0, "aria-label": `${label}: drag it, or use the arrow keys`,
    "aria-valuemin": x0, "aria-valuemax": x1, display: "none", // until it stands somewhere
  });
  svg(group, "circle", { class: "fo-hit", r: 24 });
  svg(group, "circle", { class: "fo-halo", r: 15 });
  svg(group, "circle", { class: "fo-knob", r: 7 });
  const inside = ([a, b]) => [Math.max(x0, Math.min(x1, a)), Math.max(y0, Math.min(y1, b))].map(tidy);
  let scales = null, point = [0, 0], grip = null;

  group.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    group.focus({ preventScroll: true });
    group.setPointerCapture(event.pointerId);
    grip = [event.clientX - scales.x(point[0]), event.clientY - scales.y(point[1])];
  });
  group.addEventListener("pointermove", (event) => {
    if (grip) moved(inside([scales.x.invert(event.clientX - grip[0]), scales.y.invert(event.clientY - grip[1])]));
  });
  // A finger on the handle must not scroll the page.  (Chromium ignores touch-action inside an SVG.)
  group.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  for (const end of ["pointerup", "pointercancel"]) {
    group.addEventListener(end, () => {
      if (grip) done();
      grip = null;
    });
  }
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  group.addEventListener("keydown", (event) => {
    const arrow = arrows[event.key];
    if (!arrow) return;
    event.preventDefault();
    const part = (event.shiftKey ? 10 : 1) / 200; // of each side, which may differ in units
    // Kept at once, not when it is drawn: two keys may fall into one frame.
    point = inside([point[0] + part * (x1 - x0) * arrow[0], point[1] + part * (y1 - y0) * arrow[1]]);
    moved(point);
    done();
  });

  return {
    show(at, x, y) {
      point = at;
      scales = { x, y };
      set(group, {
        display: "inline", transform: `translate(${near(x(at[0]))},${near(y(at[1]))})`,
        "aria-valuenow": at[0],
        "aria-valuetext": at.map(number(".2f")).join(", "),
      });
    },
  };
}

const tidy = (value) => Number(value.toPrecision(6)); // short enough for a link, fine enough for a pixel

// ---- one figure -------------------------------------------------------------------------------

const LEGIBLE = 100; // ms: nobody reads numbers that change more often, and the line of them costs a layout

let mounted = 0; // makes ids unique, however often a figure stands on a page

export function figure(spec, draw) {
  function render({ model, el, link = null }) {
    if (!document.getElementById("fo-figure-css")) {
      html(document.head, "style", { id: "fo-figure-css" }, palette + css);
    }
    const room = el.clientWidth; // asked before anything is built, for then the page need not be laid out for it
    const id = `fo-${spec.slug}-${(mounted += 1)}`;
    const root = html(el, "div", {
      class: "fo-live", role: "group", "aria-label": spec.title, "aria-describedby": `${id}-numbers`,
    });
    const stage = html(root, "div", { class: "fo-stage" });
    const canvas = svg(stage, "svg");
    const controls = html(root, "div", { class: "fo-controls" });
    const buttons = html(root, "div", { class: "fo-buttons" });
    const numbers = html(root, "p", { class: "fo-numbers", id: `${id}-numbers` });
    // Screen readers hear the line once the reader has stopped, not sixty times a second.
    const spoken = html(root, "output", { class: "fo-spoken", "aria-live": "polite" });

    const names = spec.traits;
    const read = () => Object.fromEntries(names.map((name) => [name, model.get(name)]));
    const initial = read();
    let state = initial;
    let frame = 0, timer = 0, animation = 0, width = 0, unsaved = false, coming = false;
    let written = -Infinity, later = 0; // when the line of numbers was, and the timer that brings it up to date

    const request = () => { frame ||= requestAnimationFrame(redraw); };

    function change(values) {
      state = { ...state, ...values };
      for (const [name, value] of Object.entries(values)) model.set(name, value);
      unsaved = true;
      request();
    }

    /** What has come to rest is written at once, and soon after said to a screen reader. */
    function announce() {
      written = -Infinity;
      request();
      clearTimeout(timer);
      timer = setTimeout(() => { spoken.textContent = numbers.textContent; }, 700);
    }

    const take = (values) => { stop(); change(values); }; // the reader's hand ends every motion
    const picture = draw({ canvas, change: take, done: announce, handle: (parent, options) =>
      handle(parent, { moved: (start) => take({ start }), done: announce, ...options }) });

    function redraw(now) {
      frame = 0;
      if (!width || !coming) return;
      const words = picture.update(state), wait = written + LEGIBLE - now;
      clearTimeout(later);
      if (wait > 0) later = setTimeout(request, wait);
      else {
        write(numbers, words);
        written = now;
      }
      for (const show of shows) show();
      name_player();
      if (unsaved) model.save_changes();
      unsaved = false;
    }

    function fit(room) {
      const wide = Math.floor(room);
      if (!wide || wide === width) return;
      width = wide;
      set(canvas, { width, height: picture.layout(width) });
      request();
    }
    const observer = new ResizeObserver(([entry]) => fit(entry.contentRect.width));
    observer.observe(stage);
    // Its place is kept from the start; it is drawn when the reader is a screen away.
    const watch = new IntersectionObserver(([entry]) => {
      coming ||= entry.isIntersecting;
      if (!coming) return;
      watch.disconnect();
      request();
    }, { rootMargin: "100%" });
    watch.observe(root);

    // -- controls
    function select(row, { name, options }) {
      const input = html(row, "select", { id: `${id}-${name}`, name });
      for (const [value, text] of options) html(input, "option", { value }, text);
      input.addEventListener("change", () => { take({ [name]: input.value }); announce(); });
      return () => { input.value = state[name]; };
    }

    /** A checkbox for each option of a control that takes several, with a sample of its line. */
    function boxes({ name, label, options, looks }) {
      const group = html(controls, "fieldset", { class: "fo-several" });
      html(group, "legend", {}, label);
      const inputs = options.map(([value, text]) => {
        const row = html(group, "label");
        const input = html(row, "input", { type: "checkbox", name, value });
        const sample = svg(row, "svg", { width: 26, height: 10, "aria-hidden": "true" });
        svg(sample, "path", { class: "fo-lane", d: "M0 5h26", ...hue(looks[value]) });
        row.append(text);
        input.addEventListener("change", () => {
          take({ [name]: inputs.filter((one) => one.checked).map((one) => one.value) });
          announce();
        });
        return input;
      });
      return () => { for (const input of inputs) input.checked = state[name].includes(input.value); };
    }

    const shows = spec.controls.map((control) => {
      if (control.looks) return boxes(control);
      const { name, label, unit, min, max, step, digits, scale } = control;
      const [into, out] = scale === "log" ? [Math.log10, (p) => tidy(10 ** p)] : [Number, tidy];
      const row = html(controls, "div", { class: "fo-control" });
      html(row, "label", { for: `${id}-${name}` }, label);
      if (control.options) return select(row, control);
      const value = html(row, "span", { class: "fo-value", "aria-hidden": "true" });
      let shown; // what the row says already
      const input = html(row, "input", {
        type: "range", id: `${id}-${name}`, name, min: into(min), max: into(max), step,
      });
      input.addEventListener("input", () => {
        take({ [name]: Math.max(min, Math.min(max, out(Number(input.value)))) });
      });
      input.addEventListener("change", announce);
      return () => {
        if (shown === state[name]) return;
        shown = state[name];
        const text = number(digits)(state[name]);
        say(value, text + (unit === "°" ? unit : unit && ` ${unit}`));
        if (Number(input.value) !== into(state[name])) input.value = into(state[name]);
        set(input, { "aria-valuetext": unit === "°" ? `${text} degrees` : `${text} ${unit}`.trim() });
      };
    });

    for (const show of shows) show();
    fit(room); // before anything is painted, lest the page below it shift

    // -- presets, reset, link
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    let player = null, playing = false; // the button that plays, in a figure that has something to play
    const words = { play: "Play", pause: "Pause", resume: "Play", ...picture.play?.words };
    function name_player() {
      if (!player) return;
      const { min, max } = spec.controls.find(({ name }) => name === picture.play.name), at = state[picture.play.name];
      say(player, playing ? words.pause : still.matches ? "Next step" : at > min && at < max ? words.resume : words.play);
    }
    function stop() {
      cancelAnimationFrame(animation);
      playing = false;
      if (!player) return;
      name_player();
      player.hidden = still.matches && picture.play.stepwise; // its own button is there for that
    }

    /** Move to new values in a third of a second, so that the eye can follow; at once if asked to. */
    function glide(values) {
      stop();
      announce();
      if (still.matches) return change(values);
      const from = state, began = performance.now();
      const logs = new Set(spec.controls.filter((c) => c.scale === "log").map((c) => c.name));
      const choices = new Set(spec.controls.filter((c) => c.options).map((c) => c.name));
      const between = (name, a, b, t) => {
        if (choices.has(name)) return b; // a choice has nothing between
        if (Array.isArray(a)) return a.map((_, i) => a[i] + (b[i] - a[i]) * t);
        return logs.has(name) ? a * (b / a) ** t : a + (b - a) * t;
      };
      const tick = (now) => {
        const t = Math.min(1, Math.max(0, (now - began) / 350));
        const ease = t * t * (3 - 2 * t);
        if (t === 1) {
          take(values);
          return announce();
        }
        change(Object.fromEntries(Object.entries(values).map(([k, v]) => [k, between(k, from[k], v, ease)])));
        animation = requestAnimationFrame(tick);
      };
      animation = requestAnimationFrame(tick);
    }

    const button = (text, action) => {
      const node = html(buttons, "button", { type: "button" }, text);
      node.addEventListener("click", () => action(node));
      return node;
    };

    /** Count a number up to its end, so many in a second; one at a time for who wants no motion. */
    function play({ name, perSecond }) {
      const paused = playing;
      stop();
      if (paused) return announce();
      const { min, max } = spec.controls.find((control) => control.name === name);
      const from = state[name] >= max ? min : state[name];
      if (still.matches) return take({ [name]: Math.min(max, from + 1) });
      const began = performance.now();
      const tick = (now) => {
        const at = Math.min(max, from + Math.floor((Math.max(0, now - began) / 1000) * perSecond));
        change({ [name]: at });
        if (at < max) animation = requestAnimationFrame(tick);
        else {
          stop();
          announce();
        }
      };
      animation = requestAnimationFrame(tick);
      playing = true;
      name_player();
    }
    function nudge({ name }, by) {
      const { min, max } = spec.controls.find((control) => control.name === name);
      take({ [name]: Math.max(min, Math.min(max, state[name] + by)) });
      announce();
    }
    if (picture.play) {
      player = button("", () => play(picture.play));
      still.addEventListener("change", stop);
      stop();
      if (picture.play.stepwise) for (const by of [-1, 1]) button(by < 0 ? "Previous step" : "Next step", () => nudge(picture.play, by));
    }

    for (const { label, values } of picture.presets) {
      button(label, () => glide(typeof values === "function" ? values(state) : values));
    }
    button("Reset", () => glide(initial));
    if (link) {
      button("Copy link", async (node) => {
        const address = link.write(state);
        // A browser may refuse the clipboard (an old one, or a page that is not to be trusted).
        const copied = await navigator.clipboard?.writeText(address).then(() => true, () => false);
        node.textContent = copied ? "Link copied" : "Link is in the address bar";
        spoken.textContent = node.textContent;
        setTimeout(() => { node.textContent = "Copy link"; }, 2500);
      });
      link.listen((values) => { take(values); announce(); });
    }

    // -- the other side moved (Python, or another widget)
    const heard = () => { state = { ...state, ...read() }; written = -Infinity; request(); };
    for (const name of names) model.on(`change:${name}`, heard);

    return () => {
      observer.disconnect();
      watch.disconnect();
      cancelAnimationFrame(frame);
      stop();
      still.removeEventListener("change", stop);
      clearTimeout(timer);
      clearTimeout(later);
      for (const name of names) model.off(`change:${name}`, heard);
      root.remove();
    };
  }

  return { spec, render };
}

// ---- the page's home: no kernel, the saved state, a link --------------------------------------

/** A stand-in for anywidget's model: the state of one figure on a page. */
function pageModel(state) {
  const values = { ...state };
  return { get: (name) => values[name], set: (name, value) => { values[name] = value; }, save_changes() {}, on() {}, off() {} };
}

/** The state in the address, `#figure=hero&alpha=0.003&start=-1.2,1`; values out of range are left out. */
function pageLink(key, spec, element) {
  const point = (text) => text.split(",").map(Number);
  function parse() {
    const parts = new URLSearchParams(location.hash.slice(1));
    if (parts.get("figure") !== key) return null;
    const values = {};
    for (const { name, min, max, options, looks } of spec.controls) {
      if (looks && parts.has(name)) values[name] = options.map(([value]) => value).filter((value) => parts.get(name).split(",").includes(value));
      if (options?.some(([value]) => value === parts.get(name))) values[name] = parts.get(name);
      const value = Number(parts.get(name) || NaN);
      if (value >= min && value <= max) values[name] = value;
    }
    const start = point(parts.get("start") ?? "");
    if (spec.window && start.length === 2 && start.every((v, i) => v >= spec.window[i][0] && v <= spec.window[i][1])) {
      values.start = start;
    }
    for (const [name, { count, low, high }] of Object.entries(spec.drawings)) {
      const heights = point(parts.get(name) ?? "");
      if (heights.length === count && heights.every((v) => v >= low && v <= high)) values[name] = heights;
    }
    return values;
  }
  return {
    write(state) {
      const parts = new URLSearchParams({ figure: key, ...state });
      history.replaceState(null, "", `#${decodeURIComponent(parts)}`);
      return location.href;
    },
    listen(apply) {
      const restore = () => {
        const values = parse();
        if (!values) return;
        apply(values);
        element.scrollIntoView({ block: "center" });
      };
      addEventListener("hashchange", restore);
      restore();
    },
  };
}

/** Put a live figure over each of its still pictures on the page; each in a task of its own, lest a
 * page with many of them keep its reader waiting until the last one stands. */
export function mountAll({ spec, render }) {
  document.querySelectorAll(`.fo-figure[data-figure="${spec.slug}"]`).forEach((el, index) => {
    const key = index ? `${spec.slug}-${index + 1}` : spec.slug;
    setTimeout(() => {
      el.classList.add("fo-mounted");
      render({ model: pageModel(JSON.parse(el.dataset.state)), el, link: pageLink(key, spec, el) });
    });
  });
}
