// Chapter 7: one valley, turned; gradient descent's path turns with it, an adaptive method's changes.

import * as adagrad from "./built/generated/adagrad.js";
import * as adam from "./built/generated/adam.js";
import * as gd from "./built/generated/gd.js";
import * as momentum from "./built/generated/momentum.js";
import { from_eigenbasis, gradient, to_eigenbasis, value } from "./built/generated/quadratic.js";
import * as rmsprop from "./built/generated/rmsprop.js";
import spec from "./built/generated/rotation_test.js";
import * as theory from "./built/generated/theory.js";
import { figure, linear, live, panel, places, set, svg, through } from "engine";
import { hue } from "./looks.js";
import { eigenPlanes } from "./planes.js";

const RULES = { gd, momentum, adagrad, rmsprop, adam };
const { limit, tolerance, eigenvalues, x0, radii, hyper, looks, counts } = spec;
const names = Object.keys(counts);
const MOST = 800; // iterations, on the axis
const COLUMN = 168; // pixels, of the legend

/** The iterates, up to the first whose loss is below the tolerance. */
function run(method, angle) {
  const slope = (w) => gradient(w, eigenvalues, angle);
  let w = from_eigenbasis(x0, angle), state = RULES[method].init(w);
  const path = [w];
  while (path.length <= limit && value(w, eigenvalues, angle) >= tolerance) {
    ({ w, state } = RULES[method].step(w, state, slope, hyper[method]));
    path.push(w);
  }
  return path;
}

export default figure(spec, ({ canvas }) => {
  const both = eigenPlanes(canvas, spec.view, 360);
  const planes = both.planes.map((plane) => ({
    ...plane,
    ellipses: radii.map(() => svg(plane.turned, "ellipse", { class: "fo-level" })),
    paths: ["fo-lane fo-thin", "fo-lane"].map((kind) => svg(plane.plot, "path", { class: kind })),
    start: svg(plane.plot, "circle", { class: "fo-ball fo-whole", r: 5 }),
  }));
  const needed = panel(canvas);
  const now = svg(needed.back, "path", { class: "fo-rest" });
  const curves = names.map((name) => svg(needed.plot, "path", { class: "fo-lane", ...hue(looks[name]) }));
  const dots = [0, 1].map(() => svg(needed.plot, "circle", { class: "fo-dot", r: 5 }));
  const legend = names.map((name) => {
    const group = svg(canvas, "g", hue(looks[name]));
    svg(group, "path", { class: "fo-lane", d: "M0 -4h26" });
    svg(group, "text", { class: "fo-label fo-hue", x: 32 }, looks[name].label);
    return group;
  });
  let x, y, degrees, count;

  function layout(width) {
    const placed = both.place(width), { side } = placed;
    ({ x, y } = placed);
    for (const { ellipses } of planes) radii.forEach((radius, n) => {
      const [rx, ry] = eigenvalues.map((lambda) => theory.level_radius(radius ** 2 / 2, lambda));
      set(ellipses[n], { cx: x(0), cy: y(0), rx: x(rx) - x(0), ry: y(0) - y(ry) });
    });
    const left = 44, inner = width - left - 16, height = width < 480 ? 190 : 220, top = 28 + side + 50;
    degrees = linear([0, 90], [0, inner]);
    count = linear([0, MOST], [height, 0]);
    needed.place({
      left, top, width: inner, height, x: degrees, y: count, xTicks: [0, 15, 30, 45, 60, 75, 90],
      yTicks: [0, 200, 400, 600, 800], title: "Iterations until f < 10⁻⁴", xLabel: "angle",
      text: (t, axis) => (axis === "x" ? `${t}°` : t),
    });
    curves.forEach((curve, i) => set(curve, { d: through(counts[names[i]].map((n, angle) => [angle, n]), degrees, count) }));
    // The names stand in rows below the picture, as many in a row as there is room for.
    const columns = Math.min(names.length, Math.floor((width - 10) / COLUMN)), below = top + height + 62;
    legend.forEach((group, i) => set(group, {
      transform: `translate(${10 + (i % columns) * COLUMN},${below + Math.floor(i / columns) * 22})`,
    }));
    return below + Math.floor((names.length - 1) / columns) * 22 + 12;
  }

  function update({ angle, method }) {
    const turn = (angle * Math.PI) / 180;
    const shown = ["gd", method], runs = shown.map((name) => run(name, turn));
    for (const plane of planes) {
      const straight = plane.name === "x";
      set(plane.turned, { transform: `rotate(${straight ? 0 : -angle} ${x(0)} ${y(0)})` });
      runs.forEach((path, i) => {
        const points = straight ? path.map((w) => to_eigenbasis(w, turn)) : path;
        set(plane.paths[i], { d: `M${places(points, x, y, 0.7).join("L")}`, ...hue(looks[shown[i]]) });
        if (!i) set(plane.start, { cx: x(points[0][0]).toFixed(1), cy: y(points[0][1]).toFixed(1) });
      });
    }
    const [descent, other] = runs.map((path) => path.length - 1);
    set(now, { d: `M${degrees(angle).toFixed(1)} 0V${count(0)}` });
    [descent, other].forEach((n, i) =>
      set(dots[i], { cx: degrees(angle).toFixed(1), cy: count(n).toFixed(1), style: hue(looks[shown[i]]).style }));
    curves.forEach((curve, i) => set(curve, { class: `fo-lane ${names[i] === method ? "fo-chosen" : ""}` }));
    const all = counts[method];
    return [
      "Gradient descent needs ", live("descent", descent, "d"), ` iterations, ${looks[method].label} `, live("other", other, "d"),
      ". At 0° it needs ", live("straight", all[0], "d"), "; over all angles from ", live("least", Math.min(...all), "d"),
      " to ", live("most", Math.max(...all), "d"), ".",
    ];
  }

  return {
    layout, update,
    presets: [0, 15, 30, 45].map((angle) => ({ label: `${angle}°`, values: { angle } })),
  };
});
