// Chapter 7: a sequence of gradients, and the steps with which a method answers it, for three decays.

import * as adadelta from "./built/generated/adadelta.js";
import * as adagrad from "./built/generated/adagrad.js";
import * as adam from "./built/generated/adam.js";
import * as adamax from "./built/generated/adamax.js";
import * as amsgrad from "./built/generated/amsgrad.js";
import * as momentum from "./built/generated/momentum.js";
import * as momentum_average from "./built/generated/momentum_average.js";
import * as nadam from "./built/generated/nadam.js";
import * as nesterov from "./built/generated/nesterov.js";
import * as rmsprop from "./built/generated/rmsprop.js";
import spec from "./built/generated/signal_bench.js";
import { blend } from "./built/generated/theory.js";
import { figure, linear, live, number, panel, put, say, set, svg, through } from "engine";

const RULES = { adadelta, adagrad, adam, adamax, amsgrad, momentum, momentum_average, nadam, nesterov, rmsprop };
const { length, every, decays, methods, drawings: { knots: { count, low, high } } } = spec;
const KINDS = ["fo-first", "fo-second", "fo-third"];
const EDGE = 5; // pixels between a curve's end and its panel's
const clamp = (value, least, most) => Math.max(least, Math.min(most, value));

/** The 300 gradients: the signal's own, or straight lines between the knots. */
const gradients = ({ signal, knots }) => spec.signals[signal]?.values ??
  Array.from({ length }, (_, t) => blend(knots[Math.floor(t / every)], knots[Math.floor(t / every) + 1], (t % every) / every));

/** The steps −(w⁺ − w)/α, as firstorder.simulate.answers takes them: the iterate stays at 0, and α is 1. */
function answers({ rule, state: first, hyper, decay }, signal, value) {
  const { init, step } = RULES[rule], given = { ...hyper, ...(decay && { [decay]: value }) };
  let state = init([0]);
  for (const name in first) state[name] = [first[name]];
  return signal.map((g) => {
    const after = step([0], state, () => [g], given);
    state = after.state;
    return 0 - after.w[0];
  });
}

/** The least of 1, 2, 5, 10 … (or .5, .2 …) that holds a size; 0 for 0. */
function round(size) {
  if (!(size > 0)) return 0;
  const unit = 10 ** Math.floor(Math.log10(size));
  return Number(([1, 2, 5].find((n) => n * unit >= size * 0.999) * unit || 10 * unit).toPrecision(1));
}

/** A round interval about 0 that holds the values. */
function interval(values) {
  const [least, most] = [round(-Math.min(...values)), round(Math.max(...values))];
  return least || most ? [0 - least, most] : [-1, 1];
}
const tick = (value) => number(value && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e4) ? ".0e" : "~g")(value);

export default figure(spec, ({ canvas, change, done }) => {
  const source = panel(canvas), replies = decays.map(() => panel(canvas));
  const rest = svg(source.back, "path", { class: "fo-rest" });
  const line = svg(source.plot, "path", { class: "fo-curve fo-whole" });
  const needle = svg(source.back, "path", { class: "fo-sight" });
  const now = svg(source.over, "circle", { class: "fo-now", r: 4 });
  const parts = replies.map((reply, i) => ({
    rest: svg(reply.back, "path", { class: "fo-rest" }),
    needle: svg(reply.back, "path", { class: "fo-sight" }),
    plain: svg(reply.plot, "path", { class: "fo-chord fo-whole" }),
    line: svg(reply.plot, "path", { class: `fo-curve ${KINDS[i]}` }),
    now: svg(reply.over, "circle", { class: "fo-now", r: 4 }),
  }));
  const groups = [...canvas.children].slice(1);
  const key = svg(canvas, "text", {}, "thin line: g itself, which is gradient descent’s step");
  const paper = svg(source.over, "rect", { class: "fo-surface", display: "none", role: "slider", "aria-orientation": "vertical",
    "aria-label": "The gradients, to be drawn: press and move, or go from knot to knot with the left and right arrow keys and lift or lower with the others",
    "aria-valuemin": low, "aria-valuemax": high });
  const pen = svg(source.over, "circle", { class: "fo-pen", r: 7 });
  let x, y, columns, boxes, single, state, signal, rows, domains, drawn = {};

  // -- drawing by hand; what is drawn is kept at once, for two moves may fall into one frame
  const knotAt = (t) => clamp(Math.round(t / every), 0, count - 1);
  const tidy = (value) => Number(clamp(value, low, high).toFixed(2));
  function keep(knots, at) {
    state = { ...state, knots, t: Math.min(length - 1, at * every) };
    change({ knots, t: state.t });
  }
  let last = null;
  function sketch(event) {
    const box = paper.getBoundingClientRect();
    const at = knotAt(x.invert(event.clientX - box.left)), value = tidy(y.invert(event.clientY - box.top));
    const [from, before] = last ?? [at, value], knots = [...state.knots];
    for (let i = Math.min(from, at); i <= Math.max(from, at); i += 1) {
      knots[i] = from === at ? value : tidy(blend(before, value, (i - from) / (at - from)));
    }
    last = [at, value];
    keep(knots, at);
  }
  paper.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    paper.focus({ preventScroll: true });
    paper.setPointerCapture(event.pointerId);
    sketch(event);
  });
  paper.addEventListener("pointermove", (event) => { if (last) sketch(event); });
  paper.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  for (const end of ["pointerup", "pointercancel"]) {
    paper.addEventListener(end, () => {
      if (last) done();
      last = null;
    });
  }
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  paper.addEventListener("keydown", (event) => {
    const arrow = arrows[event.key];
    if (!arrow) return;
    event.preventDefault();
    const many = event.shiftKey ? 5 : 1, at = knotAt(state.t), knots = [...state.knots];
    knots[at] = tidy(knots[at] + arrow[1] * many * 0.1);
    keep(knots, clamp(at + arrow[0] * many, 0, count - 1));
    done();
  });

  function layout(width) {
    const left = 46, inner = width - left - 14, wide = width >= 620, top = 28;
    const tall = wide ? 150 : 130, below = top + tall + 62, height = wide ? 190 : 130, gap = wide ? 52 : 46;
    const each = wide ? (inner - 2 * gap) / 3 : inner;
    const place = (i) => ({
      left: wide ? left + i * (each + gap) : left, top: wide ? below : below + i * (height + gap), width: each, height,
    });
    const whole = { left, top: below, width: inner, height: wide ? height : 3 * height + 2 * gap };
    boxes = { source: { left, top, width: inner, height: tall }, each: [0, 1, 2].map(place), whole, wide };
    x = linear([0, length], [0, inner]);
    drawn = {};
    put(key, left, below + whole.height + 54);
    return below + whole.height + 66;
  }

  const ticks = ([least, most]) => [...new Set([least, 0, most])];
  /** The signal's panel, and one for each decay, placed anew where a scale has changed. */
  function place({ method, signal: name }) {
    const { symbol, title } = methods[method], reach = name === "drawn" ? [low, high] : interval(signal);
    const words = spec.signals[name]?.words ?? "press and draw, or use the arrow keys";
    y = linear(reach, [boxes.source.height - EDGE, EDGE]);
    source.place({ ...boxes.source, x, y, xTicks: [0, 100, 200, 300], yTicks: ticks(reach), text: tick, title: `g: ${words}` });
    set(rest, { d: `M0 ${y(0)}H${boxes.source.width}` });
    set(needle, { d: `M0 0V${boxes.source.height}` });
    set(paper, { width: boxes.source.width, height: boxes.source.height });
    single = rows.length === 1;
    columns = rows.map((_, i) => {
      const box = single ? boxes.whole : boxes.each[i];
      const scales = { x: linear([0, length], [0, box.width]), y: linear(domains[i], [box.height - EDGE, EDGE]) };
      replies[i].place({
        ...box, ...scales, xTicks: [0, 100, 200, 300], yTicks: ticks(domains[i]), text: tick,
        title: single ? `${title}: step ÷ α` : `step ÷ α, ${symbol} = ${decays[i]}`,
        xLabel: single || boxes.wide || i === 2 ? "time t" : "",
      });
      set(parts[i].rest, { d: `M0 ${scales.y(0)}H${box.width}` });
      set(parts[i].needle, { d: `M0 0V${box.height}` });
      return { ...scales, ...box };
    });
    groups.forEach((group, i) => set(group, { display: single && i > 0 ? "none" : "inline" }));
  }

  function update(next) {
    state = next;
    const facts = methods[state.method], at = Math.round(state.t), byHand = state.signal === "drawn";
    const fresh = ["method", "signal", "knots"].some((name) => drawn[name] !== state[name]) || drawn.boxes !== boxes;
    if (fresh) {
      signal = gradients(state);
      rows = (facts.decay ? decays : [null]).map((decay) => answers(facts, signal, decay));
      domains = rows.map(interval);
      const shape = JSON.stringify([state.method, state.signal, domains]);
      if (drawn.shape !== shape || drawn.boxes !== boxes) place(state);
      drawn = { ...state, shape, boxes };
      set(line, { d: through(signal.map((g, t) => [t, g]), x, y) });
      rows.forEach((row, i) => {
        set(parts[i].line, { d: through(row.map((step, t) => [t, step]), columns[i].x, columns[i].y) });
        set(parts[i].plain, { d: through(signal.map((g, t) => [t, g]), columns[i].x, columns[i].y) });
      });
    }
    put(needle, x(at), 0);
    put(now, x(at), y(signal[at]));
    rows.forEach((row, i) => {
      put(parts[i].needle, columns[i].x(at), 0);
      put(parts[i].now, columns[i].x(at), columns[i].y(row[at]));
    });
    const knot = knotAt(state.t), value = state.knots[knot];
    set(paper, { display: byHand ? "inline" : "none", tabindex: byHand ? 0 : -1, "aria-valuenow": value,
      "aria-valuetext": `${number(".2~f")(value)} at t = ${knot * every}` });
    set(pen, { display: byHand ? "inline" : "none" });
    put(pen, x(knot * every), y(value));
    return [
      "At t\u00a0= ", live("t", at, "d"), " the gradient is ", live("g", signal[at], ".3~f"), `. The step of ${facts.title}, in units of α: `,
      ...rows.flatMap((row, i) => [i ? ", " : "", live(`step${i + 1}`, row[at], ".3~g"), single ? "" : ` for ${facts.symbol}\u00a0= ${decays[i]}`]),
      `. ${facts.note}`,
    ];
  }

  return {
    layout, update,
    presets: [
      { label: "Noise: momentum", values: { method: "momentum_average", signal: "very_noisy_sine" } },
      { label: "Size: RMSprop", values: { method: "rmsprop", signal: "sawtooth", t: 99 } },
      { label: "Rare gradients: Adam", values: { method: "adam", signal: "spikes", t: 90 } },
      { label: "Start: Adadelta", values: { method: "adadelta", signal: "on_off", t: 39 } },
      {
        label: "Draw on from here",
        values: (at) => ({ signal: "drawn", knots: at.knots.map((_, i) => tidy(gradients(at)[Math.min(length - 1, i * every)])) }),
      },
    ],
  };
});
