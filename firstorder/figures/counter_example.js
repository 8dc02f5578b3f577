// Chapter 3: tuned momentum goes round for ever where Nesterov's method converges.

import spec from "./built/generated/counter_example.js";
import * as valley from "./built/generated/lessard.js";
import * as momentum from "./built/generated/momentum.js";
import * as nesterov from "./built/generated/nesterov.js";
import { figure, linear, live, number, panel, put, say, set, svg, through, trail } from "engine";

const { steps, limit, close, near } = spec;
const [[W0, W1], [F0, F1]] = spec.view;
const { min: LOW, max: HIGH } = spec.controls[0];
const METHODS = [
  { name: "nesterov", label: "Nesterov", kind: "fo-first", rule: nesterov },
  { name: "momentum", label: "momentum", kind: "fo-second", rule: momentum },
];
const [minimum] = valley.minimum;
const f = (w) => valley.value([w]);

/** The iterates: the generated rule on the generated gradient. */
function run({ name, rule }, start) {
  const path = [start];
  let w = [start], state = rule.init(w);
  while (path.length <= limit) {
    ({ w, state } = rule.step(w, state, valley.gradient, spec.methods[name]));
    path.push(w[0]);
  }
  return path;
}

/** The three values that a run goes round through, the least first; none if it converges. */
function cycleOf(path) {
  const values = path.slice(-3), last = path.at(-1);
  if (Math.abs(last - path.at(-4)) > close || Math.abs(last - minimum) < close) return [];
  const first = values.indexOf(Math.min(...values));
  return values.map((_, i) => values[(first + i) % 3]);
}

const arrival = (path) => path.findLastIndex((w) => Math.abs(w - minimum) > near) + 1;

export default figure(spec, ({ canvas, change, handle }) => {
  const hill = panel(canvas), runs = panel(canvas);
  const curve = svg(hill.back, "path", { class: "fo-curve fo-whole" });
  const chords = METHODS.map(({ kind }) => svg(hill.plot, "path", { class: `fo-chord ${kind}` }));
  const places = METHODS.map(({ kind }) => svg(hill.plot, "path", { class: `fo-spots ${kind}` }));
  const rings = [0, 1, 2].map(() => svg(hill.plot, "circle", { class: "fo-now", r: 8 }));
  const start = handle(hill.over, {
    label: "start", window: [[LOW, HIGH], [F0, Math.max(f(LOW), f(HIGH))]], moved: ([w]) => change({ start: w }),
  });
  const goal = svg(runs.back, "path", { class: "fo-rest" });
  const lines = METHODS.map(({ kind }, i) => svg(runs.plot, "path", { class: `fo-curve ${kind} ${i ? "" : "fo-dashed"}` }));
  const spots = METHODS.map(({ kind }) => svg(runs.plot, "path", { class: `fo-spots ${kind}` }));
  const fates = METHODS.map(({ kind }) => svg(runs.over, "text", { class: `fo-label ${kind}` }));
  let x, y, k, w;

  function layout(width) {
    const wide = width >= 620, top = 28, left = 38;
    const first = wide ? Math.round(width * 0.42) - left : width - left - 12;
    const height = wide ? 300 : 220;
    x = linear([W0, W1], [0, first]);
    y = linear([F0, F1], [height, 6]);
    hill.place({
      left, top, width: first, height, x, y, xTicks: [-4, -2, 0, 2, 4], yTicks: [0, 100, 200],
      text: number("d"), title: "The function f(w)", xLabel: "w",
    });
    const grid = Array.from({ length: 201 }, (_, i) => W0 + (i / 200) * (W1 - W0));
    set(curve, { d: through(grid.map((point) => [point, f(point)]), x, y) });
    const at = wide ? left + first + 50 : left, below = wide ? top : top + height + 78;
    const inner = width - at - 12;
    k = linear([0, steps], [0, inner]);
    w = linear(spec.reach, [height, 0]);
    runs.place({
      left: at, top: below, width: inner, height, x: k, y: w, xTicks: [0, 15, 30, 45, 60], yTicks: [-4, -2, 0, 2, 4, 6],
      text: number("d"), title: "The iterates w", xLabel: "iteration k",
    });
    set(goal, { d: `M0 ${w(minimum)}H${inner}` });
    fates.forEach((name, i) => put(name, inner - 10, 40 - i * 19, "end"));
    return below + height + 44;
  }

  function update(state) {
    const paths = METHODS.map((method) => run(method, state.start));
    paths.forEach((path, i) => {
      const shown = path.slice(0, steps + 1);
      trail(chords[i], places[i], shown.map((point) => [point, f(point)]), x, y);
      trail(lines[i], spots[i], shown.map((point, n) => [n, point]), k, w);
    });
    start.show([state.start, f(state.start)], x, y);
    const cycles = paths.map(cycleOf);
    METHODS.forEach(({ label }, i) => say(fates[i], `${label} ${cycles[i].length ? "cycles" : "converges"}`));
    const cycle = cycles[1];
    rings.forEach((ring, i) => {
      const at = cycle[i] ?? minimum;
      set(ring, { opacity: cycle.length ? 1 : 0, cx: x(at).toFixed(1), cy: y(f(at)).toFixed(1) });
    });
    const [arrived, late] = paths.map(arrival);
    const fate = cycle.length
      ? ["cycles for ever through ", ...cycle.flatMap((value, i) => [i ? ", " : "", live(`cycle${i + 1}`, value, ".3f")])]
      : [`converges, and is within ${near} of the minimum from iterate `, live("momentum", late, "d")];
    return [
      "Tuned momentum ", ...fate, ". Nesterov’s method converges, and is within ", `${near} of the minimum from iterate `,
      live("nesterov", arrived, "d"), ".",
    ];
  }

  return {
    layout, update,
    presets: [3.3, 3, 3.5, 1.5].map((value) => ({ label: `From ${value}`, values: { start: value } })),
  };
});
