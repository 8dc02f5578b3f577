// Chapter 7: a field of gradients, clipped; and gradient descent in it, at the foot of a cliff.

import * as cliff from "./built/generated/cliff.js";
import spec from "./built/generated/clipping.js";
import { clip_norm as norm, clip_value as value } from "./built/generated/clip.js";
import { init, step } from "./built/generated/gd.js";
import * as theory from "./built/generated/theory.js";
import { arrow, cross, figure, flow, linear, live, number, panel, say, set, svg, trail } from "engine";
import { levelLines } from "./levels.js";

const CLIPS = { none: (g) => g, norm, value };
const { steps, near, view, places, cell, levels } = spec;
const [[X0, X1], [Y0, Y1]] = view;
const KEYS = [["", "→ downhill, as steep as it is"], ["fo-first", "→ as it is used"], ["fo-second", "● gradient descent"]];
const slopes = places.map(cliff.gradient);
const size = ([a, b]) => Math.hypot(a, b);
const minus = ([a, b], [c, d]) => [a - c, b - d];
const depth = (w) => Math.log10(cliff.value(w) + 0.02);

export default figure(spec, ({ canvas, handle }) => {
  const field = panel(canvas);
  const hills = svg(field.back, "g");
  const faint = svg(field.back, "path", { class: "fo-wind" });
  const used = svg(field.plot, "path", { class: "fo-vector fo-wind fo-first" });
  const line = svg(field.plot, "path", { class: "fo-path" });
  const dots = svg(field.plot, "path", { class: "fo-dots" });
  const minimum = svg(field.plot, "path", { class: "fo-minimum" });
  const warning = svg(field.over, "text", { class: "fo-warning", y: 24, "text-anchor": "middle" });
  const start = handle(field.over, { label: "start", window: spec.window });
  const keys = KEYS.map(([kind, text]) => svg(canvas, "text", { class: `fo-label ${kind}` }, text));
  let x, y, drawn;

  /** Arrows downhill from every place of the grid. */
  const arrows = (gradients) => places.map(([a, b], i) =>
    arrow([x(a), y(b)], [x(a - cell * gradients[i][0]), y(b - cell * gradients[i][1])])).join("");

  function layout(width) {
    const inner = width - 2, height = Math.round((inner * (Y1 - Y0)) / (X1 - X0));
    x = linear([X0, X1], [0, inner]);
    y = linear([Y0, Y1], [height, 0]);
    field.place({ left: 1, top: 1, width: inner, height, x, y });
    hills.replaceChildren();
    for (const d of levelLines(depth, levels, view, [120, 80], x, y)) svg(hills, "path", { class: "fo-hill", d });
    set(faint, { d: arrows(slopes) });
    drawn = null;
    set(minimum, { d: cross(cliff.minimum, x, y) });
    set(warning, { x: inner / 2 });
    return flow(keys, width, height + 22);
  }

  function update({ clip, limit, alpha, start: origin }) {
    const clipped = (g) => CLIPS[clip](g, limit), gradient = (w) => clipped(cliff.gradient(w));
    if (drawn !== `${clip} ${limit}`) set(used, { d: arrows(slopes.map(clipped)) });
    drawn = `${clip} ${limit}`;
    let w = origin, state = init(w);
    const path = [w];
    for (let k = 0; k < steps; k += 1) {
      ({ w, state } = step(w, state, gradient, { alpha }));
      path.push(w);
    }
    trail(line, dots, path, x, y);
    start.show(origin, x, y);
    const g = cliff.gradient(origin), used0 = clipped(g);
    const turned = (theory.angle_between(...g, ...used0) * 180) / Math.PI;
    const farthest = Math.max(...path.map((point) => size(minus(point, cliff.minimum))));
    const lost = path.some(([a, b]) => a < X0 || a > X1 || b < Y0 || b > Y1);
    say(warning, lost ? `out of the picture, ${number(".1f")(farthest)} from the minimum` : "");
    const reached = path.findIndex((point) => cliff.value(point) < near);
    return [
      "At the start the gradient has norm ", live("norm", size(g), ".3~g"), "; as used, ", live("clipped", size(used0), ".3~g"),
      ", turned by ", live("turned", turned, ".1f"), "°. The first step has length ", live("step", size(minus(path[1], origin)), ".3~g"),
      ". The loss is ", ...(reached < 0 ? [`not below ${near} within ${steps} iterations`] : [`below ${near} after `, live("reached", reached, "d"), " iterations"]),
      "; the run was at most ", live("farthest", farthest, ".3~g"), " from the minimum.",
    ];
  }

  return {
    layout, update,
    presets: [
      { label: "No clipping", values: { clip: "none" } },
      { label: "By norm, 1", values: { clip: "norm", limit: 1 } },
      { label: "By value, 1", values: { clip: "value", limit: 1 } },
      { label: "Too tight, 0.1", values: { limit: 0.1 } },
    ],
  };
});
