// Chapter 3: every pair (αλ, β) of momentum at once, and what one pair does.

import { contours } from "d3-contour";
import * as averageRule from "./built/generated/momentum_average.js";
import * as averageMatrix from "./built/generated/momentum_average_matrix.js";
import * as momentumRule from "./built/generated/momentum.js";
import * as momentumMatrix from "./built/generated/momentum_matrix.js";
import * as nesterovRule from "./built/generated/nesterov.js";
import * as nesterovMatrix from "./built/generated/nesterov_matrix.js";
import spec from "./built/generated/stability_plane.js";
import * as theory from "./built/generated/theory.js";
import { between, caption, cross, figure, linear, live, number, panel, places, put, say, set, svg, through, trail } from "engine";

const { steps, limits, levels, words, plane: [[A0, A1], [B0, B1]] } = spec;
const RULES = { momentum: momentumRule, nesterov: nesterovRule, momentum_average: averageRule };
const MATRICES = { momentum: momentumMatrix, nesterov: nesterovMatrix, momentum_average: averageMatrix };
const GRID = [168, 100];
const VIEW = 1.5; // how far the complex plane reaches
const among = (low, high, count) => Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count);
const BETAS = among(B0, B1, 100);
const spots = (points, x, y) => `M${places(points, x, y).join("h0M")}h0`;
const STEPS = among(A0, A1, 84);

const invariants = (method, alpha, beta) =>
  [MATRICES[method].half_trace(alpha, 1, beta), MATRICES[method].determinant(alpha, 1, beta)];
const eigenvalue = (pair, sign) =>
  [theory.eigenvalue_real(...pair, sign), theory.eigenvalue_imaginary(...pair, sign)];

/** The generated rule on f = x²/2, whose gradient is x: the points (x, αz), from x = 1 and z = 0. */
function run(method, alpha, beta) {
  const { init, step } = RULES[method];
  let w = [1], state = init(w);
  const path = [[1, 0]];
  for (let k = 0; k < steps; k += 1) {
    ({ w, state } = step(w, state, (x) => x.map((v) => theory.slope(v, 1)), { alpha, beta }));
    path.push([w[0], alpha * Object.values(state)[0][0]]);
  }
  return path;
}

export default figure(spec, ({ canvas, change, handle }) => {
  const field = panel(canvas), roots = panel(canvas), stems = panel(canvas), phase = panel(canvas);

  const hills = levels.map(() => svg(field.back, "path", { class: "fo-hill" }));
  const diverges = svg(field.back, "path", { class: "fo-outside" });
  const edge = svg(field.back, "path", { class: "fo-curve fo-border" });
  const reference = svg(field.back, "path", { class: "fo-curve fo-second fo-dashed" }); // the heavy ball's edge
  const complex = svg(field.back, "path", { class: "fo-curve fo-border fo-dashed" });
  const names = svg(field.over, "g");
  const knob = handle(field.over, {
    label: "αλ and β", window: spec.plane,
    moved: ([a, b]) => change({ alpha_lambda: snap(a), beta: snap(b) }),
  });

  const unit = svg(roots.back, "circle", { class: "fo-circle" });
  const inner = svg(roots.back, "circle", { class: "fo-circle fo-dashed" });
  const innerName = caption(roots.over, { class: "fo-label" }, "√β");
  const axes = svg(roots.back, "path", { class: "fo-grid" });
  const tracks = svg(roots.plot, "path", { class: "fo-path" });
  const pair = svg(roots.plot, "path", { class: "fo-dots fo-large" });

  const zero = svg(stems.back, "path", { class: "fo-grid" });
  const sticks = svg(stems.plot, "path", { class: "fo-path fo-stems" });
  const heads = svg(stems.plot, "path", { class: "fo-dots" });
  const warning = svg(stems.over, "text", { class: "fo-warning", y: 20, "text-anchor": "end" });

  const orbit = svg(phase.plot, "path", { class: "fo-path" });
  const visits = svg(phase.plot, "path", { class: "fo-dots" });
  const start = svg(phase.plot, "path", { class: "fo-minimum" });
  let a, b, re, im, k, x, sides, boxes, drawn, tall;

  const snap = (value) => Math.round(value * 200) / 200; // as the sliders do

  function layout(width) {
    const narrow = width < 600, gap = narrow ? 22 : 48, left = 40;
    const side = narrow ? Math.floor((width - gap - left - 2) / 2) : Math.floor(width * 0.36);
    const wide = narrow ? width - left - 8 : width - left - gap - side - 2;
    const height = narrow ? Math.round(wide * 0.68) : side;
    tall = narrow ? 130 : 170;
    const second = 28 + height + 62;
    a = linear([A0, A1], [0, wide]);
    b = linear([B0, B1], [height, 0]);
    re = linear([-VIEW, VIEW], [0, side]);
    im = linear([-VIEW, VIEW], [side, 0]);
    field.place({
      left, top: 28, width: wide, height, x: a, y: b, xTicks: [0, 1, 2, 3, 4], yTicks: [0, 0.25, 0.5, 0.75, 1],
      title: "Largest |σ| over the plane", xLabel: "αλ",
    });
    const column = left + wide + gap;
    roots.place({
      left: narrow ? left : column, top: narrow ? second : 28, width: side, height: side, x: re, y: im,
      xTicks: [-1, 0, 1], yTicks: narrow ? [-1, 0, 1] : [], text: number("~g"), title: "Eigenvalues σ",
    });
    set(axes, { d: `M${re(-VIEW)} ${im(0)}H${re(VIEW)}M${re(0)} ${im(-VIEW)}V${im(VIEW)}` });
    const third = narrow ? second + side + 56 : second;
    boxes = {
      narrow,
      stems: { left, top: third, width: wide, height: tall },
      phase: narrow ? { left: left + side + gap, top: second, width: side, height: side }
        : { left: column, top: third, width: side, height: tall },
    };
    k = linear([-0.8, steps + 0.8], [0, wide]);
    set(warning, { x: wide - 8 });
    sides = drawn = null; // to be drawn anew
    return third + tall + 42;
  }

  /** What changes only with the method: bands of |σ|, the edge, the border of the complex pairs. */
  function map(method) {
    const values = [];
    for (let row = 0; row < GRID[1]; row += 1) {
      for (let column = 0; column < GRID[0]; column += 1) {
        const at = [A0 + ((column + 0.5) / GRID[0]) * (A1 - A0), B0 + ((row + 0.5) / GRID[1]) * (B1 - B0)];
        values.push(theory.largest_eigenvalue(...invariants(method, ...at)));
      }
    }
    const px = ([c, r]) => `${((c / GRID[0]) * a(A1)).toFixed(1)} ${((1 - r / GRID[1]) * b(B0)).toFixed(1)}`;
    contours().size(GRID).thresholds(levels)(values).forEach(({ coordinates }, i) => {
      set(hills[i], { d: coordinates.flat().map((ring) => `M${ring.map(px).join("L")}Z`).join("") });
    });
    const matrix = MATRICES[method];
    const line = (which) => BETAS.map((beta) => [matrix[which](beta), beta]);
    set(edge, { d: through(line("edge"), a, b) });
    set(reference, { d: method === "nesterov" ? through(BETAS.map((beta) => [momentumMatrix.edge(beta), beta]), a, b) : "" });
    set(diverges, { d: between(places(line("edge"), a, b), places(BETAS.map((beta) => [A1 * 2, beta]), a, b)) });
    set(complex, { d: through(line("complex_from"), a, b) + through(line("complex_to"), a, b) });
    names.replaceChildren();
    for (const [name, [at, beta]] of Object.entries(spec.names[method])) {
      put(svg(names, "text", { class: "fo-label" }, name), a(at), b(beta));
    }
  }

  /** The circle √β and the tracks of both eigenvalues as αλ grows; they meet and part at the borders. */
  function follow(method, beta) {
    const meet = ["complex_from", "complex_to"].map((which) => MATRICES[method][which](beta)).filter((v) => v < A1);
    const pairs = [...STEPS, ...meet].sort((p, q) => p - q).map((alpha) => invariants(method, alpha, beta));
    set(tracks, { d: [1, -1].map((sign) => through(pairs.map((p) => eigenvalue(p, sign)), re, im)).join("") });
    const radius = Math.sqrt(beta);
    set(unit, { cx: re(0), cy: im(0), r: re(1) - re(0) });
    set(inner, { cx: re(0), cy: im(0), r: re(radius) - re(0) });
    put(innerName.parentNode, re(0) + 4, im(radius) + 16);
  }

  /** The stems and the portrait are drawn to the least limit that holds all their points. */
  function scale(path) {
    const largest = Math.max(...path.flat().map(Math.abs));
    const limit = limits.find((value) => largest <= value) ?? limits.at(-1);
    if (sides?.limit === limit) return;
    const axis = (pixels) => linear([-limit, limit], pixels);
    sides = { limit, x: axis([0, boxes.phase.width]), z: axis([boxes.phase.height, 0]) };
    x = axis([boxes.stems.height, 0]);
    const ticks = limit > 4 ? [-4, 0, 4] : limit > 2 ? [-2, 0, 2] : [-1, 0, 1];
    stems.place({ ...boxes.stems, x: k, y: x, xTicks: [0, 20, 40, 60], yTicks: ticks, title: "60 iterations of x", text: number("~g"), xLabel: "iteration k" });
    phase.place({ ...boxes.phase, x: sides.x, y: sides.z, xTicks: ticks, text: number("~g"), title: boxes.narrow ? "αz over x" : "Phase portrait: αz over x" });
    set(zero, { d: `M0 ${x(0)}H${boxes.stems.width}` });
    set(start, { d: cross([0, 0], sides.x, sides.z) });
  }

  function update({ method, alpha_lambda: alpha, beta }) {
    if (drawn?.method !== method) map(method);
    if (drawn?.method !== method || drawn.beta !== beta) follow(method, beta);
    drawn = { method, beta };
    knob.show([alpha, beta], a, b);

    const now = invariants(method, alpha, beta);
    const sigma = [1, -1].map((sign) => eigenvalue(now, sign));
    set(pair, { d: spots(sigma, re, im) });

    const path = run(method, alpha, beta);
    scale(path);
    const points = path.map(([value], i) => [i, value]);
    set(sticks, { d: points.map(([i, value]) => through([[i, 0], [i, value]], k, x)).join("") });
    set(heads, { d: spots(points, k, x) });
    trail(orbit, visits, path, sides.x, sides.z);

    const regime = theory.regime(...now), largest = theory.largest_eigenvalue(...now);
    const settles = !["divergence", "edge", "at once"].includes(spec.regimes[regime]);
    const flips = path.filter(([value], i) => i && value * path[i - 1][0] < 0).length;
    const limit = MATRICES[method].edge(beta);
    say(warning, spec.regimes[regime] === "divergence" ? "diverges" : "");
    const isComplex = sigma[0][1] > spec.rounding;
    return [
      `${words[regime]}. σ\u00a0= `,
      ...(isComplex
        ? [live("real", sigma[0][0], ".4f"), "\u00a0±\u00a0", live("imaginary", sigma[0][1], ".4f"), "\u00a0i"]
        : [live("sigma1", sigma[0][0], ".4f"), " and ", live("sigma2", sigma[1][0], ".4f")]),
      "; largest |σ|\u00a0=\u00a0", live("largest", largest, ".4f"),
      isComplex ? ` = ${spec.modulus[method]}` : "",
      ...(settles ? [": in the long run a factor of 100 takes ", live("iterations", theory.iterations_to(spec.milestone, largest), "d"), " iterations"] : []),
      ". In 60 iterations x changes sign ", live("flips", flips, "d"), flips === 1 ? " time" : " times",
      " and ends at ", live("last", path[steps][0], ".3~g"),
      `. At this β the edge is αλ\u00a0= ${spec.edges[method]}\u00a0= `, live("edge", limit, ".4~f"),
      limit > A1 ? ", beyond this picture" : "",
      ...(method === "nesterov" ? [", the heavy ball’s ", live("heavy_ball_edge", momentumMatrix.edge(beta), ".4~f")] : []),
      ".",
    ];
  }

  return {
    layout, update,
    presets: [
      { label: "Monotone", values: { method: "momentum", alpha_lambda: 0.2, beta: 0.2 } },
      { label: "Ripples", values: { method: "momentum", alpha_lambda: 0.2, beta: 0.9 } },
      { label: "Critical damping", values: { method: "momentum", alpha_lambda: 0.04, beta: 0.64 } },
      { label: "One step", values: { method: "momentum", alpha_lambda: 1, beta: 0 } },
      { label: "Oscillation", values: { method: "momentum", alpha_lambda: 2.7, beta: 0.38 } },
      { label: "Break it", values: ({ beta }) => ({ method: "momentum", alpha_lambda: snap(Math.min(A1, momentumMatrix.edge(beta) + 0.1)) }) },
    ],
  };
});
