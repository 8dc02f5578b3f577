// Chapter 1: one run of gradient descent, in its own coordinates and in the eigenbasis.

import { init, step } from "./built/generated/gd.js";
import { from_eigenbasis, gradient, to_eigenbasis } from "./built/generated/quadratic.js";
import spec from "./built/generated/twin_eigen_panels.js";
import * as theory from "./built/generated/theory.js";
import { caption, figure, linear, live, logarithmic, panel, power, put, set, svg, through, trail } from "engine";
import { eigenPlanes } from "./planes.js";

const { steps, radii, floor, ceiling } = spec;
const [[low, high]] = spec.window;
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
  const both = eigenPlanes(canvas, spec.view, 380);
  const [left, right] = both.planes.map((plane) => ({
    ...plane,
    levels: svg(plane.turned, "path", { class: "fo-level", "vector-effect": "non-scaling-stroke" }),
    path: svg(plane.plot, "path", { class: "fo-path fo-thin" }),
    steps: svg(plane.plot, "path", { class: "fo-dots" }),
  }));
  const clamp = (v) => Math.max(low, Math.min(high, v));
  left.grip = handle(left.over, {
    label: "start in w", window: spec.view,
    moved: (w) => change({ start: to_eigenbasis(w, turn).map(clamp) }),
  });
  right.grip = handle(right.over, { label: "start in the eigenbasis x", window: spec.window });

  const sizes = panel(canvas);
  const lines = ["fo-first", "fo-second"].map((kind, i) => svg(sizes.plot, "path", { class: `fo-curve ${kind} ${i ? "fo-dashed" : ""}` }));
  const names = ["fo-first", "fo-second"].map((kind, i) =>
    caption(sizes.over, { class: `fo-label ${kind}` }, i ? "|x₂| steep" : "|x₁| flat"));
  let x, y, k, size, height;

  function layout(width) {
    const placed = both.place(width), { side } = placed;
    ({ x, y } = placed);
    const circles = radii.map((r) => `M${-r} 0a${r} ${r} 0 0 0 ${2 * r} 0a${r} ${r} 0 0 0 ${-2 * r} 0`).join("");
    for (const { levels } of [left, right]) set(levels, { d: circles });
    const margin = 44;
    height = width < 480 ? 150 : 180;
    k = linear([0, steps], [0, width - margin - 16]);
    size = logarithmic([floor, ceiling], [height, 0]);
    sizes.place({
      left: margin, top: 28 + side + 50, width: width - margin - 16, height, x: k, y: size,
      xTicks: [0, 25, 50, 75, 100], yTicks: [1e-6, 1e-3, 1, 1e3], title: "Size of each error", xLabel: "iteration k",
      text: (t, axis) => (axis === "y" ? power(Math.round(Math.log10(t))) : t),
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
      // Circles, stretched to the ellipses: one attribute to write for all levels.
      const stretch = eigenvalues.map((lambda, i) => theory.level_radius(0.5, lambda) * (i ? y(0) - y(1) : x(1) - x(0)));
      set(plane.levels, { transform: `translate(${x(0)},${y(0)}) scale(${stretch})` });
      set(plane.turned, { transform: `rotate(${rotated} ${x(0)} ${y(0)})` });
      trail(plane.path, plane.steps, points, x, y);
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
    const fate = alpha === 0 ? ["it does not move"] : rate > 1 ? ["it diverges"] : rate === 1 ? ["it never comes to rest"]
      : ["the error is down to 1\u00a0% at iteration ", live("iterations", needed, "d")];
    return [
      "One iteration multiplies |x₁| by ", live("factor1", factor1, ".4~f"), " and |x₂| by ", live("factor2", factor2, ".4~f"),
      ": ", ...fate, ". After 100 iterations |x₁| is ", live("x1", Math.abs(errors[steps][0]), ".3~g"),
      " and |x₂| is ", live("x2", Math.abs(errors[steps][1]), ".3~g"),
      ". Best step: αL\u00a0=\u00a0", live("best", best, ".4~f"), ", with factor ", live("best_rate", theory.best_rate(kappa), ".4~f"), ".",
    ];
  }

  /** Each line's name stands beside it: above the upper line; above the lower one too if there is room. */
  function label(curves) {
    const width = k(steps), wide = 78, tall = 16;
    const spots = curves.map((curve) => {
      let n = Math.round(steps * 0.75);
      while (n > 8 && (curve[n] < floor * 8 || curve[n] > ceiling / 8)) n -= 1;
      return { n, at: size(curve[n]), falls: curve[n] < curve[0] };
    });
    const upper = curves[0][spots[0].n] >= curves[1][spots[0].n] ? 0 : 1;
    const places = spots.map(({ n, at, falls }, i) => {
      const gap = at - size(curves[1 - i][n]);
      const below = i !== upper && gap < 2.5 * tall;
      const right = falls !== below; // of the point: the side on which the line runs away from the name
      const x = Math.max(right ? 4 : wide, Math.min(right ? width - wide : width, k(n) + (right ? 8 : -8)));
      const y = Math.max(tall, Math.min(height - 6, at + (below ? tall + 2 : -7)));
      return { x, y, right };
    });
    // Where both lines have left the picture at once, one name stands above the other.
    const [a, b] = [places[upper], places[1 - upper]];
    if (Math.abs(a.x - b.x) < wide && Math.abs(a.y - b.y) < tall) a.y = b.y - tall - 2;
    places.forEach(({ x, y, right }, i) => put(names[i].parentNode, x, y, right ? "start" : "end"));
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
