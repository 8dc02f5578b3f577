// Chapter 1: what each eigencomponent still holds of the loss, stacked over the iterations.

import spec from "./built/generated/step_size_stack.js";
import * as theory from "./built/generated/theory.js";
import { between, caption, figure, linear, live, number, panel, places, put, say, set, svg } from "engine";

const { steps, eigenvalues, x0, milestone } = spec;
const KINDS = ["fo-first", "fo-second", "fo-third"];
const TALL = 1e3; // a share that has grown beyond this is off the picture in any case
const LANE = 30;
const EARLY = 16; // iterations in which a band may fall at once
const iterations = Array.from({ length: steps + 1 }, (_, k) => k);

export default figure(spec, ({ canvas }) => {
  const losses = panel(canvas);
  const lanes = panel(canvas);
  const bands = KINDS.map((kind) => svg(losses.plot, "path", { class: `fo-band ${kind}` }));
  const names = KINDS.map((kind, i) =>
    caption(losses.over, { class: `fo-label ${kind}` }, `λ = ${eigenvalues[i]}`));
  const bars = KINDS.map((kind) => svg(lanes.plot, "rect", { class: `fo-bar ${kind}`, x: 0, height: LANE - 14, rx: 2 }));
  const titles = KINDS.map((kind, i) =>
    svg(lanes.over, "text", { class: `fo-label ${kind}`, x: -8, "text-anchor": "end" }, `λ = ${eigenvalues[i]}`));
  const counts = KINDS.map((kind) => caption(lanes.over, { class: `fo-label ${kind}` }));
  const warning = svg(losses.over, "text", { class: "fo-warning", y: 26, "text-anchor": "middle" });
  let x, y, each;

  function layout(width) {
    const left = 70, inner = width - left - 52;
    const height = Math.round(Math.max(190, Math.min(300, inner * 0.5)));
    each = Math.ceil((8 * steps) / inner); // later iterations are drawn eight pixels apart: the bands are smooth there
    const ticks = inner < 420 ? [0, 50, 100, 150] : [0, 25, 50, 75, 100, 125, 150];
    x = linear([0, steps], [0, inner]);
    y = linear([0, 1], [height, 0]);
    losses.place({
      left, top: 28, width: inner, height, x, y, xTicks: ticks, yTicks: [0, 0.25, 0.5, 0.75, 1],
      text: (t, axis) => (axis === "y" ? number(".0%")(t) : t), title: "Share of the starting loss",
    });
    set(warning, { x: x(steps / 2) });
    const below = 28 + height + 56;
    lanes.place({
      left, top: below, width: inner, height: LANE * 3 + 6, x, y, xTicks: ticks,
      title: "Iterations until 1 % is left", xLabel: "iteration k",
    });
    KINDS.forEach((_, i) => {
      set(bars[i], { y: i * LANE + 10 });
      set(titles[i], { y: i * LANE + 23 });
    });
    return below + LANE * 3 + 48;
  }

  function update({ alpha }) {
    const shares = eigenvalues.map((lambda, i) =>
      iterations.map((k) => Math.min(TALL, theory.loss_component(x0[i], alpha, lambda, k))));
    const drawn = iterations.filter((k) => k < EARLY || k % each === 0 || k === steps);
    let base = iterations.map((k) => [k, 0]), edge = places([[0, 0], [steps, 0]], x, y);
    shares.forEach((share, i) => {
      const top = share.map((value, k) => [k, base[k][1] + value]);
      const next = places(drawn.map((k) => top[k]), x, y);
      set(bands[i], { d: between(next, edge) });
      // The label stands where its band is widest between the tenth iteration and the sixtieth.
      const at = [3, 6, 10, 15, 22, 30, 45, 60].reduce((a, b) => (share[b] * b ** 0.6 > share[a] * a ** 0.6 ? b : a));
      const middle = y(base[at][1] + Math.min(1 - base[at][1], share[at]) / 2);
      const room = y(0) - y(Math.min(1, share[at]));
      put(set(names[i].parentNode, { opacity: room > 24 && middle > 10 ? 1 : 0 }), x(at), middle + 5);
      [base, edge] = [top, next];
    });
    const milestones = eigenvalues.map((lambda) => theory.iterations_to(milestone, (1 - alpha * lambda) ** 2));
    milestones.forEach((k, i) => {
      const end = x(Math.min(k, steps));
      const late = k > steps;
      set(bars[i], { width: end });
      say(counts[i], !Number.isFinite(k) ? "never" : late ? `${k} →` : k);
      put(counts[i].parentNode, end + 8, i * LANE + 23);
    });
    const rate = theory.rate(alpha, eigenvalues[0], eigenvalues.at(-1));
    const left = eigenvalues.reduce((sum, lambda, i) => sum + theory.loss_component(x0[i], alpha, lambda, steps), 0);
    say(warning, rate > 1 ? "λ = 1 diverges" : "");
    const reached = milestones.flatMap((k, i) => {
      const name = `${i ? ", " : ""}λ\u00a0=\u00a0${eigenvalues[i]} `, key = `milestone${i + 1}`;
      return Number.isFinite(k) ? [`${name}after `, live(key, k, "d")] : [name, { ...live(key, k, "d"), text: "never" }];
    });
    return [
      "Iterations until 1 % is left: ", ...reached, ". Each iteration multiplies the worst error by ",
      live("rate", rate, ".5~f"), "; after 150 the loss is ",
      live("left", left, ".3~g"), " times what it was. Best step: α\u00a0=\u00a0",
      live("best", theory.best_step(eigenvalues[0], eigenvalues.at(-1)), ".4f"), ".",
    ];
  }

  const best = theory.best_step(eigenvalues[0], eigenvalues.at(-1));
  return {
    layout, update,
    presets: [
      { label: "Cautious", values: { alpha: 1 } },
      { label: "Best step", values: { alpha: Number(best.toFixed(4)) } },
      { label: "Break it", values: { alpha: 2.05 } },
    ],
  };
});
