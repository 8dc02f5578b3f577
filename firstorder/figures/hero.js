// The welcome page: 150 iterates of momentum in a banana-shaped valley.

import * as banana from "./built/generated/banana.js";
import spec from "./built/generated/hero.js";
import { init, step } from "./built/generated/momentum.js";
import { caption, cross, figure, linear, live, panel, put, say, set, svg, trail } from "engine";
import { levelLines } from "./levels.js";

const [[X0, X1], [Y0, Y1]] = spec.window;
const GRID = [180, 120];

/** The iterates, up to the first that has left for good. */
function run({ alpha, beta, start }) {
  let w = start, state = init(w);
  const path = [w];
  while (path.length <= spec.steps && Math.max(...w.map(Math.abs)) <= spec.escape) {
    ({ w, state } = step(w, state, banana.gradient, { alpha, beta }));
    path.push(w);
  }
  return path;
}

/** What the level lines are drawn of, so that they are equally spaced in log f. */
const depth = (w) => Math.log10(banana.value(w) - banana.value(banana.minimum) + 0.02);

export default figure(spec, ({ canvas, handle }) => {
  const valley = panel(canvas);
  const path = svg(valley.plot, "path", { class: "fo-path" });
  const steps = svg(valley.plot, "path", { class: "fo-dots" });
  const minimum = svg(valley.plot, "path", { class: "fo-minimum" });
  const goal = caption(valley.over, { class: "fo-label" }, "minimum");
  const origin = caption(valley.over, { class: "fo-label" }, "start");
  const warning = svg(valley.over, "text", { class: "fo-warning", "text-anchor": "middle" });
  const start = handle(valley.over, { label: "start", window: spec.window });
  let x, y;

  /** A name to the right of its point, or to the left where the picture ends. */
  function beside(name, w) {
    const left = x(w[0]) > x(X1) - 90;
    put(name.parentNode, x(w[0]) + (left ? -20 : 20), y(w[1]) + 5, left ? "end" : "start");
  }

  function layout(width) {
    const height = Math.round(Math.min(width * 0.62, 480));
    x = linear([X0, X1], [0, width - 2]);
    y = linear([Y0, Y1], [height, 0]);
    valley.place({ left: 1, top: 1, width: width - 2, height, x, y });
    valley.back.replaceChildren();
    for (const d of levelLines(depth, spec.levels, spec.window, GRID, x, y)) svg(valley.back, "path", { class: "fo-hill", d });
    set(minimum, { d: cross(banana.minimum, x, y) });
    set(warning, { x: x((X0 + X1) / 2), y: height - 18 });
    beside(goal, banana.minimum);
    return height + 2;
  }

  function update(state) {
    const iterates = run(state);
    const last = iterates.at(-1), k = iterates.length - 1;
    const gone = Math.max(...last.map(Math.abs)) > spec.escape;
    trail(path, steps, iterates, x, y);
    start.show(state.start, x, y);
    beside(origin, state.start);
    say(warning, gone ? `diverges at iteration ${k}` : "");
    if (gone) {
      return ["It diverges: by iteration ", live("diverges", k, "d"), " the iterate has left the picture for good."];
    }
    const distance = Math.hypot(...last.map((value, i) => value - banana.minimum[i]));
    return [
      "After ", live("iteration", k, "d"), " iterations the loss is ",
      live("loss", banana.value(last), ".3~g"), " and the minimum is ",
      live("distance", distance, ".3~g"), " away.",
    ];
  }

  return {
    layout, update,
    presets: [
      { label: "Slow", values: { alpha: 0.005, beta: 0 } },
      { label: "Fast", values: { alpha: 0.04, beta: 0.8 } },
      { label: "Break it", values: { alpha: 0.08, beta: 0.8 } },
    ],
  };
});
