// Chapter 7: one step of a method after another, with every accumulator, the numerator and the denominator.

import * as adadelta from "./built/generated/adadelta.js";
import * as adadeltaParts from "./built/generated/adadelta_parts.js";
import * as adagrad from "./built/generated/adagrad.js";
import * as adagradParts from "./built/generated/adagrad_parts.js";
import * as adam from "./built/generated/adam.js";
import * as adamParts from "./built/generated/adam_parts.js";
import * as adamax from "./built/generated/adamax.js";
import * as adamaxParts from "./built/generated/adamax_parts.js";
import * as adamw from "./built/generated/adamw.js";
import * as adamwParts from "./built/generated/adamw_parts.js";
import * as amsgrad from "./built/generated/amsgrad.js";
import * as amsgradParts from "./built/generated/amsgrad_parts.js";
import * as momentum from "./built/generated/momentum.js";
import * as momentumParts from "./built/generated/momentum_parts.js";
import * as nadam from "./built/generated/nadam.js";
import * as nadamParts from "./built/generated/nadam_parts.js";
import * as nesterov from "./built/generated/nesterov.js";
import * as nesterovParts from "./built/generated/nesterov_parts.js";
import { gradient } from "./built/generated/quadratic.js";
import * as rmsprop from "./built/generated/rmsprop.js";
import * as rmspropParts from "./built/generated/rmsprop_parts.js";
import spec from "./built/generated/state_steps.js";
import * as theory from "./built/generated/theory.js";
import { arrow, cross, figure, linear, live, number, panel, say, set, svg, trail } from "engine";

const METHODS = {
  momentum: { ...momentum, ...momentumParts }, nesterov: { ...nesterov, ...nesterovParts },
  adagrad: { ...adagrad, ...adagradParts }, rmsprop: { ...rmsprop, ...rmspropParts },
  adadelta: { ...adadelta, ...adadeltaParts }, adam: { ...adam, ...adamParts },
  adamw: { ...adamw, ...adamwParts }, amsgrad: { ...amsgrad, ...amsgradParts },
  adamax: { ...adamax, ...adamaxParts }, nadam: { ...nadam, ...nadamParts },
};
const { steps, eigenvalues, levels, window: [[W0, W1], [V0, V1]] } = spec;
const KINDS = ["fo-first", "fo-second"];
const digits = (value) => (value && Math.abs(value) < 1e-3 ? ".2~e" : ".3~g");
const told = (key, value) => live(key, value, digits(value));

/** Every number of each step, as firstorder.simulate.dissect finds them, by the names of the table's rows. */
function dissect({ method, start }) {
  const { init, step, parts } = METHODS[method], { hyper } = spec.methods[method];
  let w = start, before = init(w);
  return Array.from({ length: steps + 1 }, () => {
    const g = gradient(w, eigenvalues, 0), after = step(w, before, () => g, hyper);
    const row = { w, g, before, next: after.w, ...after.state, ...parts(w, g, before, hyper) };
    row.move = after.w.map((value, i) => value - w[i]);
    ({ w, state: before } = after);
    return row;
  });
}

const element = (parent, tag, className = "", text = "") =>
  parent.appendChild(Object.assign(document.createElement(tag), { className, textContent: text }));

const TOLD = new Set(["g1", "g2", "move1", "move2"]); // in the line under the figure
/** A number in the table: live, as those under the figure are, but for what is told there. */
function show(node, key, value) {
  if (!TOLD.has(key)) set(node, { "data-key": key, "data-value": value });
  say(node, number(digits(value))(value));
}

export default figure(spec, ({ canvas, handle }) => {
  const valley = panel(canvas);
  const hills = levels.map(() => svg(valley.back, "ellipse", { class: "fo-hill" }));
  const minimum = svg(valley.back, "path", { class: "fo-minimum" });
  const path = svg(valley.plot, "path", { class: "fo-path" }), dots = svg(valley.plot, "path", { class: "fo-dots" });
  const next = svg(valley.plot, "path", { class: "fo-vector fo-whole" });
  const start = handle(valley.over, { label: "start", window: spec.window });
  const table = element(canvas.parentNode, "table", "fo-table");
  let x, y, built, rows, runs = {};

  function layout(width) {
    const left = 34, inner = width - left - 12, top = 28, height = Math.round(Math.max(170, Math.min(250, inner * 0.42)));
    x = linear([W0, W1], [0, inner]);
    y = linear([V0, V1], [height, 0]);
    valley.place({
      left, top, width: inner, height, x, y, xTicks: [-2, -1, 0, 1, 2], yTicks: [-1, 0, 1], text: number("d"),
      title: "f = (w₁² + 20 w₂²)/2, and the next move", xLabel: "w₁",
    });
    hills.forEach((hill, i) => {
      const [rx, ry] = eigenvalues.map((lambda) => theory.level_radius(levels[i], lambda));
      set(hill, { cx: x(0), cy: y(0), rx: x(rx) - x(0), ry: y(0) - y(ry) });
    });
    set(minimum, { d: cross([0, 0], x, y) });
    return top + height + 42;
  }

  /** The table of a method: a formula and two numbers a row, with a bar that has its row's own scale. */
  function build(method) {
    table.replaceChildren();
    element(table, "caption", "", `${spec.methods[method].title} with ${spec.methods[method].settings}`);
    const head = element(element(table, "thead"), "tr");
    for (const text of ["formula", "w₁ (flat)", "w₂ (steep)"]) element(head, "th", "", text).scope = "col";
    const body = element(table, "tbody");
    rows = spec.methods[method].rows.map((facts) => {
      const line = element(body, "tr"), title = element(line, "th");
      title.scope = "row";
      element(title, "span", "", facts.words);
      title.insertAdjacentHTML("beforeend", facts.math); // MathML that Python generated
      if (facts.name === "factor") {
        element(line, "td").colSpan = 2;
        return { ...facts, cells: [] };
      }
      if (facts.single) {
        const cell = element(line, "td");
        cell.colSpan = 2;
        return { ...facts, cells: [{ value: element(cell, "b") }] };
      }
      const cells = KINDS.map((kind) => {
        const cell = element(line, "td"), value = element(cell, "b");
        const was = facts.state ? element(element(cell, "small", "", "was "), "span") : null;
        const meter = svg(cell, "svg", { class: "fo-meter", viewBox: "-1 0 2 1", preserveAspectRatio: "none", "aria-hidden": "true" });
        svg(meter, "rect", { class: "fo-track", x: -1, y: 0, width: 2, height: 1 });
        const bar = svg(meter, "rect", { class: `fo-bar ${kind}`, width: 1, height: 1 });
        const ghost = facts.state ? svg(meter, "path", { class: "fo-ghost", d: "M0 0V1", "vector-effect": "non-scaling-stroke" }) : null;
        return { value, was, meter, bar, ghost };
      });
      return { ...facts, cells };
    });
    built = method;
  }

  /** The largest size of each row over the whole run, and whether it is ever negative. */
  function scales(run) {
    for (const row of rows.filter(({ cells }) => cells.length === 2)) {
      const all = run.flatMap((step) => step[row.name]);
      row.most = Math.max(...all.map(Math.abs)) || 1;
      for (const { meter } of row.cells) set(meter, { viewBox: all.some((v) => v < 0) ? "-1 0 2 1" : "0 0 1 1" });
    }
  }

  function update(state) {
    const fresh = runs.method !== state.method || runs.start !== state.start;
    if (built !== state.method) build(state.method);
    if (fresh) {
      runs = { ...state, run: dissect(state) };
      scales(runs.run);
    }
    const { run } = runs, k = Math.round(state.k), step = run[k], { title } = spec.methods[state.method];
    trail(path, dots, run.slice(0, k + 1).map(({ w }) => w), x, y);
    set(next, { d: arrow(...[step.w, step.next].map(([a, b]) => [x(a), y(b)])) });
    start.show(state.start, x, y);
    for (const { name, cells, single, state: kept, most } of rows) {
      if (single) show(cells[0].value, name, step[name]);
      else cells.forEach(({ value, was, bar, ghost }, i) => {
        show(value, `${name}${i + 1}`, step[name][i]);
        set(bar, { transform: `scale(${(step[name][i] / most).toFixed(4)} 1)` });
        if (!kept) return;
        show(was, `${name}_was${i + 1}`, step.before[name][i]);
        set(ghost, { transform: `translate(${(step.before[name][i] / most).toFixed(4)} 0)` });
      });
    }
    const pair = (name) => ["(", told(`${name}1`, step[name][0]), ", ", told(`${name}2`, step[name][1]), ")"];
    return [
      `${title}, step `, live("k", k, "d"), ": at w\u00a0= ", ...pair("w"),
      " the gradient is g\u00a0= ", ...pair("g"), ", and the next move Δw\u00a0= ", ...pair("move"),
      ". Bars: each row has its own scale; the mark is the value before.",
    ];
  }

  return {
    layout, update,
    play: { name: "k", perSecond: spec.rate, stepwise: true },
    presets: [
      { label: "Adam’s first step", values: { method: "adam", k: 0 } },
      { label: "RMSprop’s first step", values: { method: "rmsprop", k: 0 } },
      { label: "Adagrad, step 30", values: { method: "adagrad", k: 30 } },
    ],
  };
});
