// Chapter 3: one error under momentum, drawn as a mass on a damped spring.

import spec from "./built/generated/damped_spring.js";
import { init, step } from "./built/generated/momentum.js";
import * as theory from "./built/generated/theory.js";
import { figure, linear, live, number, panel, put, say, set, svg, through, trail } from "engine";

const { steps, limit, beyond, settled, close } = spec;
const COILS = 9;
const iterations = Array.from({ length: steps + 1 }, (_, k) => k);

/** The run itself: the generated rule on the generated slope of f = x²/2. */
function run({ alpha, beta }) {
  const path = [1];
  let w = [1], state = init(w);
  for (let k = 0; k < limit + beyond; k += 1) {
    ({ w, state } = step(w, state, ([x]) => [theory.slope(x, 1)], { alpha, beta }));
    path.push(w[0]);
  }
  return path;
}

export default figure(spec, ({ canvas }) => {
  const room = panel(canvas), motion = panel(canvas);
  const spring = svg(room.plot, "path", { class: "fo-spring" });
  const mass = svg(room.plot, "rect", { class: "fo-mass", rx: 3 });
  const rest = svg(motion.back, "path", { class: "fo-rest" });
  const sight = svg(canvas, "path", { class: "fo-sight" }); // from the mass to its iterate
  const critical = svg(motion.plot, "path", { class: "fo-curve fo-first fo-dashed" });
  const line = svg(motion.plot, "path", { class: "fo-path fo-thin" });
  const points = svg(motion.plot, "path", { class: "fo-dots" });
  const now = svg(motion.over, "circle", { class: "fo-now", r: 6 });
  const names = ["fo-second", "fo-first"].map((kind) => svg(motion.over, "text", { class: `fo-label ${kind}` }));
  let x, y, strip, left, top;

  function layout(width) {
    strip = width < 480 ? 64 : 110;
    left = strip + (width < 480 ? 36 : 48);
    top = 28;
    const inner = width - left - 12, height = Math.round(Math.max(230, Math.min(320, inner * 0.55)));
    x = linear([0, steps], [0, inner]);
    y = linear([-1.2, 1.8], [height, 0]); // above 1: the spring's own room, and the names';
    room.place({ left: 1, top, width: strip, height, x, y, title: "Mass" });
    motion.place({
      left, top, width: inner, height, x, y, title: "Error x", xLabel: "iterate k",
      xTicks: [0, 20, 40, 60, 80, 100], yTicks: [-1, -0.5, 0, 0.5, 1],
      text: (t, axis) => (axis === "y" ? number("~r")(t) : t),
    });
    set(rest, { d: `M0 ${y(0)}H${inner}` });
    put(names[0], inner - 10, 20, "end");
    put(names[1], inner - 10, 38, "end");
    return top + height + 42;
  }

  /** The mass hangs where the iterate is; the coils share what is left above it. */
  function hang(at) {
    const middle = strip / 2, side = Math.min(34, strip * 0.4), reach = side * 0.55, wall = 10;
    const bottom = y(at) - side / 2, pitch = (bottom - wall) / COILS;
    const turns = Array.from({ length: COILS }, (_, i) =>
      `L${middle + (i % 2 ? reach : -reach)} ${(wall + (i + 0.5) * pitch).toFixed(1)}`).join("");
    set(spring, { d: `M${middle - reach} 4H${middle + reach}M${middle} 4V${wall}${turns}L${middle} ${bottom.toFixed(1)}` });
    set(mass, { x: middle - side / 2, y: bottom.toFixed(1), width: side, height: side });
  }

  function update(state) {
    const { alpha, beta } = state, k = Math.round(state.k);
    const path = run(state);
    const shown = iterations.map((n) => [n, path[n]]);
    trail(line, points, shown, x, y);
    set(critical, { d: through(iterations.map((n) => [n, theory.critical_component(1, alpha, 1, n)]), x, y) });
    hang(path[k]);
    set(now, { cx: x(k).toFixed(1), cy: y(path[k]).toFixed(1) });
    set(sight, { d: `M${strip} ${(top + y(path[k])).toFixed(1)}H${(left + x(k)).toFixed(1)}` });

    const best = theory.critical_momentum(alpha, 1), ratio = theory.damping_ratio(alpha, 1, beta);
    const regime = Math.abs(ratio - 1) <= close ? "Critically damped" : ratio < 1 ? "Underdamped" : "Overdamped";
    say(names[0], `● β = ${number(".3~f")(beta)}`);
    say(names[1], `╌ critical, β = ${number(".3~f")(best)}`);
    const signs = path.slice(0, steps + 1).map(Math.sign).filter(Boolean);
    const changes = signs.filter((sign, n) => n && sign !== signs[n - 1]).length;
    const outside = path.findLastIndex((v) => Math.abs(v) > settled) + 1;
    const end = outside <= limit
      ? ["; within 1\u00a0% for good from iterate ", live("settled", outside, "d")]
      : [`; not settled to 1\u00a0% within ${limit} iterations`];
    return [
      `${regime}: damping ratio `, live("ratio", ratio, ".3~f"), " (1 is critical, at β\u00a0=\u00a0", live("critical", best, ".4~f"),
      "). Changes of sign: ", live("changes", changes, "d"), ...end,
      ". At k\u00a0=\u00a0", live("k", k, "d"), ", x\u00a0=\u00a0", live("x", path[k], ".3~g"), ".",
    ];
  }

  return {
    layout, update,
    play: { name: "k", perSecond: spec.rate },
    presets: [
      { label: "Underdamped", values: { alpha: 0.01, beta: 0.95 } },
      { label: "Critical", values: { alpha: 0.01, beta: theory.critical_momentum(0.01, 1) } },
      { label: "Overdamped", values: { alpha: 0.01, beta: 0.5 } },
    ],
  };
});
