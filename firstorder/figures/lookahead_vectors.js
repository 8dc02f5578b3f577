// Chapter 4: Nesterov's path in a narrow valley, and what one of its steps is made of.

import { anatomy } from "./anatomy.js";
import spec from "./built/generated/lookahead_vectors.js";
import * as classical from "./built/generated/momentum_velocity.js";
import * as nesterov from "./built/generated/nesterov_lookahead.js";
import { gradient as slope } from "./built/generated/quadratic.js";
import * as theory from "./built/generated/theory.js";
import { arrow, cross, figure, flow, linear, live, panel, say, set, svg, trail } from "engine";

const { steps, eigenvalues, angle, radii, view: [[X0, X1], [Y0, Y1]] } = spec;
const TURN = (angle * Math.PI) / 180;
const gradient = (w) => slope(w, eigenvalues, TURN);
const KEYS = [
  ["fo-first", "● Nesterov"], ["fo-second", "○ classical momentum"], ["fo-third", "→ jump βv"],
  ["fo-fourth", "→ Nesterov’s correction, −α∇f(w + βv)"], ["fo-second", "⇢ the classical one, −α∇f(w)"],
];
const plus = (a, b) => a.map((value, i) => value + b[i]);
const size = ([a, b]) => Math.hypot(a, b);

export default figure(spec, ({ canvas, handle }) => {
  const valley = panel(canvas);
  const turned = svg(valley.back, "g");
  const ellipses = radii.map(() => svg(turned, "ellipse", { class: "fo-level" }));
  const minimum = svg(valley.plot, "path", { class: "fo-minimum" });
  const faint = svg(valley.plot, "g", { class: "fo-faint" });
  const paths = [[faint, "fo-second"], [valley.plot, "fo-first"]].map(([parent, kind]) =>
    ["fo-chord", "fo-spots"].map((what) => svg(parent, "path", { class: `${what} ${kind}` })));
  const start = handle(valley.over, { label: "start", window: spec.window });
  const now = svg(valley.plot, "circle", { class: "fo-ball fo-first", r: 6 });
  const vectors = ["fo-third", "fo-second fo-fine", "fo-fourth"].map((kind) => svg(valley.plot, "path", { class: `fo-vector ${kind}` }));
  const keys = KEYS.map(([kind, text]) => svg(canvas, "text", { class: `fo-label ${kind}` }, text));
  const warning = svg(valley.over, "text", { class: "fo-warning", y: 24, "text-anchor": "middle" });
  let x, y;

  function layout(width) {
    const inner = width - 2, height = Math.round((inner * (Y1 - Y0)) / (X1 - X0));
    x = linear([X0, X1], [0, inner]);
    y = linear([Y0, Y1], [height, 0]);
    valley.place({ left: 1, top: 1, width: inner, height, x, y });
    radii.forEach((radius, i) => {
      const [rx, ry] = eigenvalues.map((lambda) => theory.level_radius(radius ** 2 / 2, lambda));
      set(ellipses[i], { cx: x(0), cy: y(0), rx: x(rx) - x(0), ry: y(0) - y(ry) });
    });
    set(turned, { transform: `rotate(${-angle} ${x(0)} ${y(0)})` });
    set(minimum, { d: cross([0, 0], x, y) });
    set(warning, { x: x(0) });
    return flow(keys, width, height + 22);
  }

  function update(state) {
    const { alpha, beta, start: origin } = state, k = Math.round(state.k);
    const [other, own] = [classical, nesterov].map((rule) => anatomy(rule, gradient, origin, { alpha, beta }, steps + 1));
    [other, own].forEach((rows, i) => trail(...paths[i], rows.map((row) => row.w), x, y));
    start.show(origin, x, y);
    const { w, jump, query, correction } = own[k];
    const here = gradient(w), there = gradient(query), ahead = plus(w, jump);
    const place = ([a, b]) => [x(a), y(b)];
    set(now, { transform: `translate(${place(w).map((v) => v.toFixed(1))})` });
    set(vectors[0], { d: arrow(place(w), place(ahead)) });
    set(vectors[1], { d: arrow(place(ahead), place(plus(ahead, here.map((g) => -alpha * g)))) });
    set(vectors[2], { d: arrow(place(ahead), place(plus(ahead, correction))) });
    const lost = Math.abs(w[0]) > X1 || Math.abs(w[1]) > Y1;
    say(warning, lost ? `step ${k} is out of the picture` : "");
    const between = (theory.angle_between(...here, ...there) * 180) / Math.PI;
    return [
      "Step ", live("k", k, "d"), ": a jump of length ", live("jump", size(jump), ".3~g"), ". The gradient has size ",
      live("gradient_here", size(here), ".3~g"), " where it starts and ", live("gradient_ahead", size(there), ".3~g"),
      " where it ends; the angle between them is ", live("angle", between, ".1f"), "°. Nesterov’s path is ",
      live("distance_nesterov", size(w), ".3~g"), " from the minimum, classical momentum’s ",
      live("distance_classical", size(other[k].w), ".3~g"), ".",
    ];
  }

  return {
    layout, update,
    play: { name: "k", perSecond: spec.rate, stepwise: true },
    presets: [
      { label: "αL = 1", values: { alpha: 1, beta: 0.9 } },
      { label: "Too long a look", values: { alpha: 1.38, beta: 0.9 } },
      { label: "No momentum", values: { beta: 0 } },
    ],
  };
});
