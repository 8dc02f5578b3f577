// Chapter 3: what each eigencomponent still holds of the error, for a step and a momentum on a pad.

import { init, step } from "./built/generated/momentum.js";
import { edge } from "./built/generated/momentum_matrix.js";
import spec from "./built/generated/momentum_stack.js";
import * as theory from "./built/generated/theory.js";
import { caption, cross, figure, linear, live, logarithmic, number, panel, power, put, say, set, svg, through } from "engine";

const { steps, limit, eigenvalues, floor, ceiling } = spec;
const [[A0, A1], [B0, B1]] = spec.pad;
const KINDS = ["fo-first", "fo-second", "fo-third"];
const DASHES = ["", "fo-dashed", "fo-dotted"];
const LANE = 30;
const iterations = Array.from({ length: steps + 1 }, (_, k) => k);
const along = Array.from({ length: 121 }, (_, i) => A0 + (i / 120) * (A1 - A0));
const slope = (x) => x.map((value, i) => theory.slope(value, eigenvalues[i]));
const mean = (x) => x.reduce((sum, value) => sum + value * value, 0) / x.length;

/** The iterates: the generated rule on the generated slopes, from (1, 1, 1), as far as they are needed. */
function run(alpha, beta, tolerance) {
  let w = eigenvalues.map(() => 1), state = init(w);
  const path = [w];
  while (path.length <= steps || (path.length <= limit && mean(w) >= tolerance)) {
    ({ w, state } = step(w, state, slope, { alpha, beta }));
    path.push(w);
  }
  return path;
}

const ends = [eigenvalues[0], eigenvalues.at(-1)];
const best = theory.best_step(...ends);
const optimum = [theory.best_momentum_step(...ends), theory.best_momentum(ends[1] / ends[0])];
const descent = run(best, 0, spec.controls.find(({ name }) => name === "tolerance").min).map(mean);

export default figure(spec, ({ canvas, change, handle }) => {
  const pad = panel(canvas), errors = panel(canvas), lanes = panel(canvas);
  const lost = svg(pad.back, "path", { class: "fo-lost" });
  const critical = KINDS.map((kind, i) => svg(pad.plot, "path", { class: `fo-curve ${kind} ${DASHES[i]}` }));
  const target = svg(pad.plot, "path", { class: "fo-minimum" });
  const word = svg(pad.over, "text", { class: "fo-warning", "text-anchor": "end" });
  const grip = handle(pad.over, {
    label: "step size and momentum", window: spec.pad, moved: ([alpha, beta]) => change({ alpha, beta }),
  });

  const level = svg(errors.back, "path", { class: "fo-rest" });
  const whole = svg(errors.plot, "path", { class: "fo-curve fo-whole fo-heavy" });
  const other = svg(errors.plot, "path", { class: "fo-curve fo-fourth" });
  const parts = KINDS.map((kind, i) => svg(errors.plot, "path", { class: `fo-curve ${kind} ${DASHES[i]}` }));
  const arrival = svg(errors.plot, "circle", { class: "fo-now", r: 6 });
  const legend = [...eigenvalues.map((lambda) => `λ = ${lambda}`), "mean", "gradient descent"].map((text, i) => {
    const kind = [...KINDS, "fo-whole fo-heavy", "fo-fourth"][i];
    const group = svg(canvas, "g");
    svg(group, "path", { class: `fo-curve ${kind} ${DASHES[i] ?? ""}`, d: "M0 -4h20" });
    svg(group, "text", { class: `fo-label ${kind.split(" ")[0]}`, x: 25 }, text);
    return group;
  });

  const bars = ["fo-whole", "fo-fourth"].map((kind, i) =>
    svg(lanes.plot, "rect", { class: `fo-bar ${kind}`, x: 0, y: i * LANE + 10, height: LANE - 14, rx: 2 }));
  ["momentum", "descent"].forEach((text, i) =>
    svg(lanes.over, "text", { class: `fo-label ${i ? "fo-fourth" : "fo-whole"}`, x: -8, y: i * LANE + 23, "text-anchor": "end" }, text));
  const counts = ["fo-whole", "fo-fourth"].map((kind) => caption(lanes.over, { class: `fo-label ${kind}` }));
  let a, b, k, size, length;
  const tiny = floor / 1e3; // a logarithm needs a number above zero; this one is below the picture
  const curve = (values) => through(iterations.map((n) => [n, Math.max(tiny, values[n])]), k, size);

  function layout(width) {
    const wide = width >= 620, left = 46, top = 28;
    const side = wide ? Math.min(260, Math.round(width * 0.34)) : width - left - 12;
    const height = wide ? 250 : 210;
    a = linear([A0, A1], [0, side]);
    b = linear([B0, B1], [height, 0]);
    pad.place({
      left, top, width: side, height, x: a, y: b, xTicks: [0, 1, 2, 3, 4], yTicks: [0, 0.25, 0.5, 0.75, 1],
      title: "Momentum β and step", xLabel: "step size αλₙ",
    });
    set(lost, { d: `${through([[edge(B0), B0], [edge(B1), B1]], a, b)}H${a(A1)}V${b(B0)}Z` });
    critical.forEach((curve, i) => {
      set(curve, { d: through(along.map((step) => [step, theory.critical_momentum(step, eigenvalues[i])]), a, b) });
    });
    set(target, { d: cross(optimum, a, b) });
    put(word, side - 8, height - 10, "end");

    const at = wide ? left + side + 56 : left;
    const below = wide ? top : top + height + 78;
    const inner = width - at - 12;
    k = linear([0, steps], [0, inner]);
    size = logarithmic([floor, ceiling], [height, 0]);
    errors.place({
      left: at, top: below, width: inner, height, x: k, y: size, title: "Mean of xᵢ², and each share of it",
      xTicks: [0, 50, 100, 150], yTicks: [1e-12, 1e-9, 1e-6, 1e-3, 1], xLabel: "iteration k",
      text: (t, axis) => (axis === "y" ? power(Math.round(Math.log10(t))) : t),
    });
    set(other, { d: curve(descent) });
    // The names stand in rows below the picture, as many in a row as there is room for.
    const columns = Math.min(5, Math.floor((width - 10) / 104));
    const named = below + height + 58;
    legend.forEach((group, i) => set(group, {
      transform: `translate(${10 + (i % columns) * 104},${named + Math.floor(i / columns) * 22})`,
    }));
    const rows = named + Math.floor(4 / columns) * 22 + 44;
    length = linear([0, 700], [0, width - 90 - 60]);
    lanes.place({
      left: 90, top: rows, width: width - 90 - 60, height: LANE * 2 + 6, x: length, y: size,
      xTicks: [0, 200, 400, 600], title: "Iterations needed",
    });
    return rows + LANE * 2 + 34;
  }

  function update({ alpha, beta, tolerance }) {
    const path = run(alpha, beta, tolerance);
    const means = path.map(mean);
    set(whole, { d: curve(means) });
    parts.forEach((part, i) => set(part, { d: curve(path.slice(0, steps + 1).map((x) => x[i] ** 2 / x.length)) }));
    set(level, { d: `M0 ${size(tolerance).toFixed(1)}H${k(steps).toFixed(1)}` });
    grip.show([alpha, beta], a, b);
    say(word, alpha > edge(beta) ? "diverges" : "");

    const found = [means, descent].map((values) => values.findIndex((value) => value < tolerance));
    found.forEach((count, i) => {
      const end = length(Math.min(700, Math.max(0, count)));
      set(bars[i], { width: end.toFixed(1) });
      say(counts[i], count < 0 ? `not within ${limit}` : count > 700 ? `${count} →` : count);
      put(counts[i].parentNode, end + 8, i * LANE + 23);
    });
    const [momentum, needed] = found, reached = momentum > 0;
    set(arrival, { opacity: reached ? 1 : 0, cx: k(Math.max(0, momentum)).toFixed(1), cy: size(means[Math.max(0, momentum)]).toFixed(1) });
    return [
      `Mean of xᵢ² below ${number(".2~e")(tolerance).replace(/^1×/, "")}: momentum `,
      ...(reached ? ["after ", live("momentum", momentum, "d"), " iterations"] : [`not within ${limit} iterations`]),
      "; gradient descent at its best step, αλₙ\u00a0=\u00a0", live("best", best, ".4f"), ", after ", live("descent", needed, "d"),
      ...(reached ? [", ", live("ratio", needed / momentum, ".2f"), " times as many."] : ["."]),
    ];
  }

  return {
    layout, update,
    presets: [
      { label: "Exact optimum", values: { alpha: optimum[0], beta: optimum[1] } },
      { label: "(2.6, 0.74)", values: { alpha: 2.6, beta: 0.74 } },
      { label: "Gradient descent", values: { alpha: best, beta: 0 } },
      { label: "Break it", values: { alpha: 3.5, beta: optimum[1] } },
    ],
  };
});
