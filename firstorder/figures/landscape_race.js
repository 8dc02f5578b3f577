// Chapter 7: eleven methods race from one start, on ten landscapes.

import * as adadelta from "./built/generated/adadelta.js";
import * as adagrad from "./built/generated/adagrad.js";
import * as adam from "./built/generated/adam.js";
import * as adamax from "./built/generated/adamax.js";
import * as adamw from "./built/generated/adamw.js";
import * as amsgrad from "./built/generated/amsgrad.js";
import * as basins from "./built/generated/basins.js";
import * as bowl from "./built/generated/bowl.js";
import * as canyon from "./built/generated/canyon.js";
import * as gd from "./built/generated/gd.js";
import spec from "./built/generated/landscape_race.js";
import * as momentum from "./built/generated/momentum.js";
import * as nadam from "./built/generated/nadam.js";
import * as nesterov from "./built/generated/nesterov.js";
import * as plateau from "./built/generated/plateau.js";
import * as rastrigin from "./built/generated/rastrigin.js";
import * as ripple from "./built/generated/ripple.js";
import * as rmsprop from "./built/generated/rmsprop.js";
import * as rosenbrock from "./built/generated/rosenbrock.js";
import * as saddle from "./built/generated/saddle.js";
import * as two_minimums from "./built/generated/two_minimums.js";
import * as wobbly from "./built/generated/wobbly.js";
import { cross, figure, linear, live, number, panel, places, put, say, set, svg } from "engine";
import { levelLines } from "./levels.js";
import { hue } from "./looks.js";

const RULES = { gd, momentum, nesterov, adagrad, rmsprop, adadelta, adam, adamw, amsgrad, adamax, nadam };
const LANDSCAPES = { wobbly, bowl, basins, ripple, plateau, canyon, two_minimums, rosenbrock, saddle, rastrigin };
const { steps, view, methods, groups, hyper } = spec;
const [[X0, X1], [Y0, Y1]] = view;
const GRID = [140, 140], ROW = 24, TABLE = 320, NEAR = 0.5; // pixels
const UNIT = 10 ** spec.decimals;

/** The first step of those up to k from which on the losses have stayed below the line, or infinity. */
function since(losses, line, k) {
  let first = k + 1;
  while (first > 0 && losses[first - 1] <= line) first -= 1;
  return first <= k ? first : Infinity;
}

const short = number(".3~g");

export default figure(spec, ({ canvas, handle }) => {
  const field = panel(canvas);
  const minimum = svg(field.plot, "path", { class: "fo-minimum" });
  const names = Object.keys(methods);
  const table = svg(canvas, "g");
  const heads = ["method", "α", "loss", "there at"].map((text) => svg(table, "text", {}, text));
  const lanes = names.map((name) => svg(field.plot, "path", { class: "fo-lane" }));
  const runners = names.map((name, i) => {
    const { label, letters } = methods[name], look = hue(methods[name]);
    set(lanes[i], look);
    const disc = (parent) => {
      const group = svg(parent, "g", { class: "fo-runner", style: look.style });
      svg(group, "circle", { r: 9.5 });
      svg(group, "text", { y: 3.5, "text-anchor": "middle" }, letters);
      return group;
    };
    const row = svg(table, "g");
    disc(row);
    const words = [label, "", "", ""].map((text, column) => svg(row, "text", { class: column ? "" : "fo-name" }, text));
    return { name, label, lane: lanes[i], disc: disc(field.plot), row, words };
  });
  const start = handle(field.over, { label: "start", window: spec.window });
  let x, y, drawn, raced;

  function layout(width) {
    const beside = width >= 620, left = 24;
    const side = beside ? Math.min(width - TABLE - 44, 460) : width - left - 2;
    x = linear([X0, X1], [0, side]);
    y = linear([Y0, Y1], [side, 0]);
    const ticks = [-3, -2, -1, 0, 1, 2, 3];
    field.place({ left, top: 10, width: side, height: side, x, y, xTicks: ticks, yTicks: ticks, text: number("d") });
    drawn = raced = null;
    const at = beside ? [left + side + 30, 14] : [12, side + 62];
    set(table, { transform: `translate(${at})` });
    const columns = width > 340 ? [16, 192, 252, 308] : [14, 168, 222, 262];
    heads.forEach((head, column) => put(head, columns[column], 0, column ? "end" : "start"));
    for (const { words } of runners) words.forEach((word, column) => put(word, columns[column], 4, column ? "end" : "start"));
    return Math.max(side + 36, at[1] + 20 + runners.length * ROW);
  }

  function scenery(name) {
    const { value, minimum: lowest } = LANDSCAPES[name];
    field.back.replaceChildren();
    for (const d of levelLines(value, spec.levels[name], view, GRID, x, y)) svg(field.back, "path", { class: "fo-hill", d });
    set(minimum, { d: cross(lowest, x, y) });
    drawn = name;
  }

  /** Put every method of the group to the start. */
  function line_up({ landscape, rates, methods: group, start: origin }) {
    for (const runner of runners) {
      const { name, lane, disc, row, words } = runner, on = groups[group].includes(name);
      for (const node of [lane, disc, row]) set(node, { display: on ? "inline" : "none" });
      const alpha = rates === "tuned" ? spec.tuned[landscape][name] : hyper[name].alpha;
      say(words[1], short(alpha));
      Object.assign(runner, { on, given: { ...hyper[name], alpha }, w: origin, state: RULES[name].init(origin) });
      Object.assign(runner, { path: [], losses: [], spots: [], kept: [], last: [NaN, NaN] });
    }
  }

  /** Run on to step k, as far as the iterates are numbers; the losses are rounded.  A place that the eye
   *  cannot tell from the last one is left out of `spots`; `kept[k]` is how many there are up to step k. */
  function advance(runner, { value, gradient }, k) {
    const { name, given, path, losses, spots, kept } = runner;
    let { w, state, last: [a, b] } = runner;
    while (path.length <= k && Number.isFinite(w[0] + w[1])) {
      const right = x(w[0]), down = y(w[1]);
      if (!(Math.abs(right - a) + Math.abs(down - b) < NEAR)) {
        spots.push(...places([w], x, y));
        [a, b] = [right, down];
      }
      kept.push(spots.length);
      path.push(w);
      losses.push(Math.round(value(w) * UNIT) / UNIT);
      ({ w, state } = RULES[name].step(w, state, gradient, given));
    }
    return Object.assign(runner, { w, state, last: [a, b] });
  }

  /** Draw a runner up to step k, and see how it stands. */
  function stand(runner, k, line) {
    const { path, losses, spots, kept, lane, disc } = runner, count = kept[Math.min(k, path.length - 1)];
    set(lane, { d: `M${spots.slice(0, count).join("L")}` });
    set(disc, { transform: `translate(${spots[count - 1]})` });
    const out = path.length <= k || path[k].some((v, i) => v < view[i][0] || v > view[i][1]);
    return Object.assign(runner, { loss: Number.isFinite(losses[k]) ? losses[k] : Infinity, since: since(losses, line, k), out });
  }

  /** The table of those who run, in their order; the first stands before the others in the picture. */
  function tabulate(order) {
    const [{ disc: leader }] = order;
    if (leader !== leader.parentNode.lastChild) leader.parentNode.append(leader);
    order.forEach(({ row, words, loss, since: step, out }, rank) => {
      set(row, { transform: `translate(0,${(rank + 1) * ROW})` });
      say(words[2], short(loss));
      say(words[3], step < Infinity ? step : out ? "out" : "–");
    });
  }

  function update(state) {
    const { landscape, rates, methods: group, start: origin } = state, k = Math.round(state.k);
    const { value, minimum: lowest } = LANDSCAPES[landscape], line = value(lowest) + spec.there;
    if (drawn !== landscape) scenery(landscape);
    const key = [landscape, rates, group, origin].join();
    if (raced !== key) line_up(state);
    raced = key;
    start.show(origin, x, y);
    const order = runners.filter(({ on }) => on).map((runner) => stand(advance(runner, LANDSCAPES[landscape], k), k, line));
    order.sort((a, b) => a.since - b.since || (a.since < Infinity ? 0 : a.loss - b.loss)); // equals stay
    tabulate(order);
    const there = order.filter((runner) => runner.since < Infinity), others = order.slice(there.length);
    const named = ({ label }, i) => `${i ? ", " : ""}${label}`;
    return [
      "Step ", live("k", k, "d"), ` of ${steps}. There: `, ...(there.length ? [] : ["nobody yet"]),
      ...there.flatMap((runner, i) => [`${named(runner, i)} since\u00a0`, live(`since_${runner.name}`, runner.since, "d")]),
      others.length ? ". Not there, by their loss: " : "",
      ...others.flatMap((runner, i) => [`${named(runner, i)}\u00a0`, live(`loss_${runner.name}`, runner.loss, ".3~g")]),
      ".",
    ];
  }

  return {
    layout, update,
    play: { name: "k", perSecond: spec.rate, stepwise: true },
    presets: [{ label: "To the start", values: { k: 0 } }, { label: "To the end", values: { k: steps } }],
  };
});
