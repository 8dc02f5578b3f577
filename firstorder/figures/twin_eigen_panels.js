// Chapter 1: one run of gradient descent, in its own coordinates and in the eigenbasis.

import { scaleLinear, scaleLog } from "d3-scale";
import { init, step } from "./built/generated/gd.js";
import { from_eigenbasis, gradient, to_eigenbasis } from "./built/generated/quadratic.js";
import spec from "./built/generated/twin_eigen_panels.js";
import * as theory from "./built/generated/theory.js";
import { dots, figure, live, panel, set, svg, through } from "./engine.js";

const { steps, radii, floor, ceiling } = spec;
const [[X0, X1]] = spec.window;
const iterations = Array.from({ length: steps + 1 }, (_, k) => k);
const radians = (angle) => (angle * Math.PI) / 180;

/** The run itself, in w: the generated rule on the generated gradient. */
function run(w, alpha, eigenvalues, angle) {
  const path = [w];
  let state = init(w);
  for (let k = 0; k < steps; k += 1) {
    ({ w, state } = step(w, state, (point) => gradient(point, eigenvalues, angle), { alpha }));
    path.push(w);
  }
  return path;
}

export default figure(spec, ({ canvas, change, handle }) => {
  let turn = 0; // the present angle, in radians; what the left handle needs to find x
  const planes = ["w", "x"].map((name) => {
    const plane = panel(canvas);
    const turned = svg(plane.back, "g");
    return {
      ...plane, name, turned,
      ellipses: radii.map(() => svg(turned, "ellipse", { class: "fo-level" })),
      axes: svg(turned, "path", { class: "fo-grid" }),
      path: svg(plane.plot, "path", { class: "fo-path" }),
      steps: svg(plane.plot, "path", { class: "fo-dots" }),
      minimum: svg(plane.plot, "path", { class: "fo-minimum" }),
    };
  });
  const [left, right] = planes;
  const clamp = (v) => Math.max(X0, Math.min(X1, v));
  left.grip = handle(left.over, {
    label: "start in w", window: spec.window,
    moved: (w) => change({ start: to_eigenbasis(w, turn).map(clamp) }),
  });
  right.grip = handle(right.over, { label: "start in the eigenbasis x", window: spec.window });

  const sizes = panel(canvas);
  const lines = ["fo-first", "fo-second"].map((kind, i) => svg(sizes.plot, "path", { class: `fo-curve ${kind} ${i ? "fo-dashed" : ""}` }));
  const names = ["fo-first", "fo-second"].map((kind, i) =>
    svg(sizes.over, "text", { class: `fo-label ${kind}`, "text-anchor": "end" }, i ? "|x₂| steep" : "|x₁| flat"));
  let x, y, k, size, height;

  function layout(width) {
    const gap = width < 480 ? 16 : 40;
    const side = Math.min(Math.floor((width - gap - 2) / 2), 380);
    const inset = Math.floor((width - 2 * side - gap) / 2);
    x = scaleLinear([X0, X1], [0, side]);
    y = scaleLinear([X0, X1], [side, 0]);
    planes.forEach((plane, i) => {
      plane.place({
        left: inset + i * (side + gap), top: 28, width: side, height: side, x, y,
        title: i ? (width < 480 ? "Eigenbasis x" : "In the eigenbasis x") : (width < 480 ? "Weights w" : "In the weights w"),
      });
      set(plane.minimum, { d: `M${x(0) - 6} ${y(0)}h12M${x(0)} ${y(0) - 6}v12` });
    });
    const margin = 44;
    height = width < 480 ? 150 : 180;
    k = scaleLinear([0, steps], [0, width - margin - 10]);
    size = scaleLog([floor, ceiling], [height, 0]);
    sizes.place({
      left: margin, top: 28 + side + 50, width: width - margin - 10, height, x: k, y: size,
      xTicks: [0, 25, 50, 75, 100], yTicks: [1e-6, 1e-3, 1, 1e3], title: "Size of each error", xLabel: "iteration k",
      text: (t, axis) => (axis === "y" ? `10${[..."" + Math.round(Math.log10(t))].map((c) => "⁻⁰¹²³⁴⁵⁶"["-0123456".indexOf(c)]).join("")}` : t),
    });
    return 28 + side + 50 + height + 42;
  }

  function update({ kappa, angle, alpha, start }) {
    turn = radians(angle);
    const eigenvalues = [1 / kappa, 1];
    const errors = iterations.map((n) => eigenvalues.map((lambda, i) => theory.component(start[i], alpha, lambda, n)));
    const w0 = from_eigenbasis(start, turn);
    const shown = [[left, w0, run(w0, alpha, eigenvalues, turn), -angle], [right, start, errors, 0]];
    for (const [plane, origin, points, rotated] of shown) {
      radii.forEach((radius, i) => {
        const [rx, ry] = eigenvalues.map((lambda) => theory.level_radius(radius ** 2 / 2, lambda));
        set(plane.ellipses[i], { cx: x(0), cy: y(0), rx: x(rx) - x(0), ry: y(0) - y(ry) });
      });
      set(plane.axes, { d: `M${x(-9)} ${y(0)}H${x(9)}M${x(0)} ${y(-9)}V${y(9)}` });
      set(plane.turned, { transform: `rotate(${rotated} ${x(0)} ${y(0)})` });
      set(plane.path, { d: through(points, x, y) });
      set(plane.steps, { d: dots(points, x, y) });
      plane.grip.show(origin, x, y);
    }
    const tiny = floor / 1e3; // a logarithm needs a number above zero; this one is below the picture
    const curves = [0, 1].map((i) => errors.map((x) => Math.max(tiny, Math.abs(x[i]))));
    curves.forEach((curve, i) => {
      set(lines[i], { d: through(iterations.map((n) => [n, curve[n]]), k, size) });
    });
    label(curves);
    const [factor1, factor2] = eigenvalues.map((lambda) => Math.abs(theory.component(1, alpha, lambda, 1)));
    const rate = theory.rate(alpha, ...eigenvalues);
    const needed = theory.iterations_to(0.01, rate);
    const best = theory.best_step(...eigenvalues);
    const fate = rate > 1 ? ["it diverges"] : rate === 1 ? ["it never comes to rest"]
      : ["the error is down to 1 % after ", live("iterations", needed, "d"), " iterations"];
    return [
      "One iteration multiplies |x₁| by ", live("factor1", factor1, ".4~f"), " and |x₂| by ", live("factor2", factor2, ".4~f"),
      ": ", ...fate, ". After 100, |x₁| = ", live("x1", Math.abs(errors[steps][0]), ".3~g"),
      " and |x₂| = ", live("x2", Math.abs(errors[steps][1]), ".3~g"),
      ". Best step: αL = ", live("best", best, ".4~f"), ", with factor ", live("best_rate", theory.best_rate(kappa), ".4~f"), ".",
    ];
  }

  /** Each line's name stands beside it, where it is still in the picture, above or below. */
  function label(curves) {
    const at = curves.map((curve) => {
      let n = Math.round(steps * 0.92);
      while (n > 12 && (curve[n] < floor * 10 || curve[n] > ceiling / 10)) n -= 1;
      return n;
    });
    const first = curves[0][at[0]] >= curves[1][at[0]];
    names.forEach((name, i) => {
      const above = (i === 0) === first;
      const up = Math.max(14, Math.min(height - 8, size(curves[i][at[i]]) + (above ? -10 : 20)));
      set(name, { x: Math.max(74, k(at[i])), y: up });
    });
  }

  return {
    layout, update,
    presets: [
      { label: "Best step", values: ({ kappa }) => ({ alpha: theory.best_step(1 / kappa, 1) }) },
      { label: "The edge, αL = 2", values: { alpha: 2 } },
      { label: "Break it", values: { alpha: 2.05 } },
    ],
  };
});
