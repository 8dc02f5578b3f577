// Chapter 4: two balls in one valley; one corrects its jump before, the other looks ahead.

import { anatomy } from "./anatomy.js";
import * as classical from "./built/generated/momentum_velocity.js";
import * as nesterov from "./built/generated/nesterov_lookahead.js";
import * as valley from "./built/generated/parabola.js";
import spec from "./built/generated/two_balls.js";
import { arrow, caption, figure, linear, live, number, panel, put, say, set, svg, through, trail } from "engine";

const { steps, titles, view: [[W0, W1], [F0, F1]] } = spec;
const { min: LOW, max: HIGH } = spec.controls.find(({ name }) => name === "start");
const BALLS = [
  { name: "classical", words: "The classical ball", label: "classical", kind: "fo-second", rule: classical, r: 10 },
  { name: "nesterov", words: "Nesterov’s ball", label: "Nesterov", kind: "fo-first", rule: nesterov, r: 6.5 },
];
const LANE = 76, ROWS = [24, 54]; // of the jump and of the correction
const TANGENT = 42; // pixels, half the length of the slope that is drawn
const f = (w) => valley.value([w]);

/** A run as rows of numbers, one coordinate being all there is. */
const run = ({ rule }, { alpha, beta, start }) =>
  anatomy(rule, valley.gradient, [start], { alpha, beta }, steps + 1)
    .map((row) => Object.fromEntries(Object.entries(row).map(([part, [value]]) => [part, value])));

export default figure(spec, ({ canvas, change, handle }) => {
  const hill = panel(canvas), lanes = BALLS.map(() => panel(canvas)), places = panel(canvas);
  const ground = svg(hill.back, "path", { class: "fo-curve fo-whole" });
  const start = handle(hill.over, {
    label: "start", window: [[LOW, HIGH], [0, Math.max(f(LOW), f(HIGH))]], moved: ([w]) => change({ start: w }),
  });
  const rest = svg(places.back, "path", { class: "fo-rest" });
  const balls = BALLS.map(({ kind, r, label }, i) => {
    const lane = lanes[i];
    return {
      slope: svg(hill.plot, "path", { class: `fo-vector ${kind}` }),
      ball: svg(hill.plot, "circle", { class: `fo-ball ${kind}`, r }),
      sight: svg(lane.back, "path", { class: "fo-sight" }),
      link: svg(lane.plot, "path", { class: "fo-rest" }),
      ends: ["fo-ball", "fo-ring"].map((look) => svg(lane.plot, "circle", { class: `${look} ${kind}`, r: 6 })),
      vectors: ["fo-third", "fo-fourth"].map((colour) => svg(lane.plot, "path", { class: `fo-vector ${colour}` })),
      names: ["fo-third", "fo-fourth"].map((colour, row) =>
        caption(lane.over, { class: `fo-label ${colour}` }, row ? "correction" : "jump βv")),
      line: svg(places.plot, "path", { class: `fo-chord ${kind}` }),
      spots: svg(places.plot, "path", { class: `fo-spots ${kind}` }),
      key: svg(places.over, "text", { class: `fo-label ${kind}` }, `● ${label}`),
    };
  });
  const warning = svg(hill.over, "text", { class: "fo-warning", y: 24, "text-anchor": "middle" });
  let x, y, k, w;

  function layout(width) {
    const left = 34, inner = width - left - 10, top = 28, tall = Math.round(Math.max(150, Math.min(230, inner * 0.34)));
    x = linear([W0, W1], [0, inner]);
    y = linear([F0, F1], [tall, 0]);
    const xTicks = [-2, -1, 0, 1, 2], text = number("d");
    const silent = (t, axis) => (axis === "y" ? text(t) : ""); // the lanes below share its axis
    hill.place({ left, top, width: inner, height: tall, x, y, xTicks, yTicks: [0, 1, 2], text: silent, title: "The valley f = w²/2" });
    const grid = Array.from({ length: 121 }, (_, i) => W0 + (i / 120) * (W1 - W0));
    set(ground, { d: through(grid.map((point) => [point, f(point)]), x, y) });
    set(warning, { x: x(0) });
    let at = top + tall + 34;
    lanes.forEach((lane, i) => {
      lane.place({ left, top: at, width: inner, height: LANE, x, y, xTicks, text: i ? text : silent, title: titles[BALLS[i].name] });
      at += LANE + (i ? 52 : 34);
      say(balls[i].names[1], inner < 360 ? "correction" : "correction −α∇f");
    });
    const low = 130;
    k = linear([-0.5, steps + 0.5], [0, inner]);
    w = linear([W0, W1], [low, 0]);
    places.place({
      left, top: at, width: inner, height: low, x: k, y: w, xTicks: [0, 10, 20, 30, 40], yTicks: [-2, -1, 0, 1, 2], text,
      title: "The place w, so far", xLabel: "step k",
    });
    set(rest, { d: `M0 ${w(0)}H${inner}` });
    balls.forEach(({ key }, i) => put(key, inner - 10, 20 + i * 18, "end"));
    return at + low + 42;
  }

  /** An arrow's name stands behind its tail, or before its head where the picture ends, or nowhere. */
  function name(text, tail, head, row) {
    const back = head >= tail ? -1 : 1, long = text.textContent.length * 7.6;
    const spots = [[tail, back], [head, -back]].map(([end, side]) => [end + side * 12, side]);
    const spot = spots.find(([at, side]) => Math.min(at, at + side * long) > 0 && Math.max(at, at + side * long) < x(W1));
    set(text, { opacity: spot ? 1 : 0 });
    if (spot) put(text.parentNode, spot[0], ROWS[row] + 4, spot[1] < 0 ? "end" : "start");
  }

  function show({ slope, ball, sight, link, vectors, ends, names, line, spots }, rows, at) {
    const { w: now, jump, query, correction } = rows[at];
    const ahead = now + jump, next = ahead + correction;
    set(ball, { transform: `translate(${x(now).toFixed(1)},${y(f(now)).toFixed(1)})` });
    const [gradient] = valley.gradient([query]), rise = ((y(0) - y(1)) / (x(1) - x(0))) * gradient;
    const reach = TANGENT / Math.hypot(1, rise) / (x(1) - x(0));
    set(slope, { d: through([-reach, reach].map((d) => [query + d, f(query) + gradient * d]), x, y) });
    set(sight, { d: `M${x(query).toFixed(1)} 0V${LANE}` });
    const [upper, lower] = ROWS;
    set(link, { d: `M${x(ahead).toFixed(1)} ${upper}V${lower}` });
    set(vectors[0], { d: arrow([x(now), upper], [x(ahead), upper]) });
    set(vectors[1], { d: arrow([x(ahead), lower], [x(next), lower]) });
    set(ends[0], { cx: x(now).toFixed(1), cy: upper });
    set(ends[1], { cx: x(next).toFixed(1), cy: lower });
    name(names[0], x(now), x(ahead), 0);
    name(names[1], x(ahead), x(next), 1);
    trail(line, spots, rows.slice(0, at + 1).map((row, i) => [i, row.w]), k, w);
  }

  function update(state) {
    const at = Math.round(state.k);
    const runs = BALLS.map((ball) => run(ball, state));
    runs.forEach((rows, i) => show(balls[i], rows, at));
    start.show([state.start, f(state.start)], x, y);
    const lost = BALLS.filter((_, i) => Math.abs(runs[i][at].w) > W1).map(({ label }) => label);
    say(warning, lost.length ? `out of the picture: ${lost.join(", ")}` : "");
    const words = BALLS.flatMap(({ name, words }, i) => {
      const { w: now, jump, query, correction } = runs[i][at];
      const velocity = now - runs[i][Math.max(at - 1, 0)].w;
      const past = runs[i].slice(0, at + 1).map((row) => -Math.sign(state.start) * row.w);
      const one = (part, value) => live(`${part}_${name}`, value, ".3~g");
      return [
        ` ${words}: w\u00a0= `, one("w", now), ", velocity ", one("velocity", velocity), "; jump ", one("jump", jump),
        ", then correction ", one("correction", correction), " from the slope at ", one("query", query),
        "; overshoot so far ", one("overshoot", Math.max(0, ...past)), ".",
      ];
    });
    return ["Step ", live("k", at, "d"), ".", ...words];
  }

  return {
    layout, update,
    play: { name: "k", perSecond: spec.rate, stepwise: true },
    presets: [
      { label: "Exactly α = 1/λ", values: { alpha: 1, beta: 0.9 } },
      { label: "Too long a look, α = 1.45", values: { alpha: 1.45, beta: 0.9 } },
      { label: "No momentum", values: { beta: 0 } },
    ],
  };
});
