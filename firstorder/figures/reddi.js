// Chapter 7: Adam and AMSGrad on slopes that come round in threes.

import * as adam from "./built/generated/adam.js";
import * as amsgrad from "./built/generated/amsgrad.js";
import spec from "./built/generated/reddi.js";
import * as lesson from "./built/generated/reddi_lesson.js";
import { caption, figure, linear, live, logarithmic, panel, put, set, svg, through } from "engine";
import { hue } from "./looks.js";

const RULES = { adam, amsgrad };
const { steps, view, hyper, looks } = spec;
const names = Object.keys(looks);
const NAMED = 240; // the step at which the names stand
const alphas = Array.from({ length: steps }, (_, k) => lesson.step_size(k));

/** The iterates, and what the steps have lost on average: the generated rule on the generated slopes. */
function run(method, C, beta2) {
  const { init, step } = RULES[method], given = { ...hyper[method], beta2 }, path = [0];
  let w = [0], state = init(w), lost = 0;
  for (let k = 0; k < steps; k += 1) {
    lost += lesson.lost(w[0], k, C);
    given.alpha = alphas[k];
    ({ w, state } = step(w, state, () => [lesson.slope(k, C)], given));
    w[0] = lesson.project(w[0]);
    path.push(w[0]);
  }
  return { path, regret: lost / steps };
}

/** What can be seen of a run: its least and greatest value in each column of pixels. */
function extremes(path, columns) {
  const shown = [];
  let from = 0;
  for (let k = 1; k <= path.length; k += 1) {
    if (columns[k] === columns[from]) continue;
    let low = from, high = from;
    for (let n = from; n < k; n += 1) {
      if (path[n] < path[low]) low = n;
      if (path[n] > path[high]) high = n;
    }
    for (const n of low < high ? [low, high] : [high, low]) shown.push([n + 1, path[n]]);
    from = k;
  }
  return shown;
}

export default figure(spec, ({ canvas }) => {
  const runs = panel(canvas);
  const goals = svg(runs.back, "path", { class: "fo-rest" });
  const words = ["w = 1, the worst place", "w = −1, the best"].map((text) => svg(runs.over, "text", { class: "fo-label" }, text));
  const lines = names.map((name) => svg(runs.plot, "path", { class: "fo-lane", ...hue(looks[name]) }));
  const labels = names.map((name) => caption(runs.over, { class: "fo-label fo-hue", ...hue(looks[name]) }, looks[name].label));
  let x, y, columns;

  function layout(width) {
    const left = 38, inner = width - left - 12, height = width < 480 ? 230 : 280;
    x = logarithmic([1, steps + 1], [0, inner]);
    y = linear(view, [height, 0]);
    runs.place({
      left, top: 28, width: inner, height, x, y, xTicks: [1, 10, 100, 1000], yTicks: [-1, -0.5, 0, 0.5, 1],
      title: "The iterates w", xLabel: "step", text: (t) => String(t).replace("-", "−"),
    });
    set(goals, { d: `M0 ${y(1)}H${inner}M0 ${y(-1)}H${inner}` });
    words.forEach((word, i) => put(word, 10, y(i ? -1 : 1) + (i ? -8 : 18)));
    columns = Array.from({ length: steps + 1 }, (_, k) => Math.floor(x(k + 1)));
    return 28 + height + 44;
  }

  function update({ C, beta2 }) {
    const found = names.map((name) => run(name, C, beta2));
    const ends = found.map(({ path }) => path.at(-1));
    const higher = found[0].path[NAMED] > found[1].path[NAMED] ? 0 : 1;
    found.forEach(({ path }, i) => {
      set(lines[i], { d: through(extremes(path, columns), x, y) });
      // The names stand on the side of their line from which it turns away.
      const rises = path[NAMED] > path[NAMED / 4], above = i === higher, left = rises === above;
      const height = Math.max(y(1) + 18, Math.min(y(-1) - 8, y(path[NAMED]) + (above ? -12 : 26)));
      put(labels[i].parentNode, x(NAMED) + (left ? -8 : 8), height, left ? "end" : "start");
    });
    return [
      `After ${steps} steps Adam is at `, live("adam", ends[0], ".3f"), " and AMSGrad at ", live("amsgrad", ends[1], ".3f"),
      ". Against staying at −1 a step has lost, on average, ", live("adam_regret", found[0].regret, ".3f"), " and ",
      live("amsgrad_regret", found[1].regret, ".3f"), ". The β₂ of Reddi, Kale and Kumar for this C: 1/(1 + C²)\u00a0= ",
      live("decay", lesson.decay(C), ".3f"), ".",
    ];
  }

  return {
    layout, update,
    presets: [
      { label: "β₂ = 1/(1 + C²)", values: ({ C }) => ({ beta2: lesson.decay(C) }) },
      { label: "β₂ = 0.5", values: { beta2: 0.5 } },
      { label: "torch’s β₂ = 0.999", values: { beta2: 0.999 } },
      { label: "C = 2: nothing to learn", values: { C: 2, beta2: lesson.decay(2) } },
    ],
  };
});
