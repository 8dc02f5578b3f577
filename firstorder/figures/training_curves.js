// Chapter 10: recorded trainings of ten methods, replayed epoch by epoch.

import spec from "./built/generated/training_curves.js";
import { between, figure, linear, live, logarithmic, number, panel, places, put, say, set, svg } from "engine";
import { hue } from "./looks.js";

const { epochs, bands, axes, measures, letters, alpha, about } = spec;
const { options, looks } = spec.controls.find(({ name }) => name === "methods");
const all = Array.from({ length: epochs }, (_, i) => i + 1);
const HEIGHT = 300, LEFT = 46;
const DISC = 20, AWAY = 22; // pixels: from one disc down to the next, and from a curve's end to its disc

/** Heights that are at least a disc apart, in their order and within the picture, near the given ones. */
function apart(heights) {
  const spread = [];
  for (const height of heights) spread.push(Math.max(height, (spread.at(-1) ?? DISC / 2 - DISC) + DISC));
  let floor = HEIGHT + DISC / 2;
  return spread.toReversed().map((height) => (floor = Math.min(height, floor - DISC))).toReversed();
}

export default figure(spec, ({ canvas, change, done }) => {
  const field = panel(canvas);
  const now = svg(field.back, "path", { class: "fo-sight" });
  const curves = options.map(([rule, label]) => {
    const spread = svg(field.back, "path", { class: "fo-spread", ...hue(looks[rule]) });
    const line = svg(field.plot, "path", { class: "fo-lane", ...hue(looks[rule]) });
    const leader = svg(field.plot, "path", { class: "fo-lane fo-thin", style: hue(looks[rule]).style });
    const disc = svg(field.over, "g", { class: "fo-runner", style: hue(looks[rule]).style });
    svg(disc, "circle", { r: 9.5 });
    svg(disc, "text", { y: 3.5, "text-anchor": "middle" }, letters[rule]);
    return { rule, label, spread, line, leader, disc };
  });
  const hint = svg(field.over, "text", { class: "fo-warning" });
  let x, y, width, drawn;

  // Press on the picture, or drag along it, to see another epoch.
  set(canvas, { style: "touch-action: pan-y; cursor: ew-resize" });
  const scrub = ({ clientX }) => {
    const epoch = Math.round(x.invert(clientX - canvas.getBoundingClientRect().left - LEFT));
    change({ epoch: Math.max(1, Math.min(epochs, epoch)) });
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault(); // no text is selected meanwhile
    canvas.setPointerCapture(event.pointerId);
    scrub(event);
  });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons & 1) scrub(event); });
  canvas.addEventListener("pointerup", done);

  function layout(wide) {
    width = wide - LEFT - 16;
    x = linear([0.8, epochs + 0.2], [0, width - AWAY]);
    put(hint, width / 2, HEIGHT / 2, "middle");
    drawn = null;
    return 28 + HEIGHT + 44;
  }

  function frame(measure) {
    const { ends, ticks } = axes[measure];
    y = (measure === "test_accuracy" ? linear : logarithmic)(ends, [HEIGHT, 0]);
    field.place({
      left: LEFT, top: 28, width, height: HEIGHT, x, y, xTicks: all, yTicks: ticks, xLabel: "epoch",
      text: (t) => number("~g")(t), title: `Recorded runs: ${measures[measure]}`,
    });
    drawn = measure;
  }

  function draw({ rule, spread, line }, measure, epoch) {
    const past = all.slice(0, epoch), { low, mean, high } = bands[measure][rule];
    const at = (values) => places(past.map((k) => [k, values[k - 1]]), x, y);
    set(spread, { d: between(at(high), at(low)) });
    set(line, { d: `M${at(mean).join("L")}` });
  }

  /** Each curve's disc, beside its end, where discs would overlap above or below it. */
  function label(found, epoch) {
    const down = found.toSorted((a, b) => y(a.value) - y(b.value)), at = x(epoch);
    const heights = apart(down.map(({ value }) => y(value)));
    down.forEach(({ value, leader, disc }, i) => {
      set(disc, { transform: `translate(${(at + AWAY).toFixed(1)},${heights[i].toFixed(1)})` });
      set(leader, { d: `M${at.toFixed(1)} ${y(value).toFixed(1)}L${(at + AWAY).toFixed(1)} ${heights[i].toFixed(1)}` });
    });
  }

  function update({ methods, measure, epoch: epochNow }) {
    const epoch = Math.round(epochNow), best = measure === "test_accuracy" ? -1 : 1;
    if (drawn !== measure) frame(measure);
    set(now, { d: `M${x(epoch).toFixed(1)} 0V${HEIGHT}` });
    const found = [];
    for (const curve of curves) {
      const on = methods.includes(curve.rule);
      for (const node of [curve.spread, curve.line, curve.leader, curve.disc]) set(node, { display: on ? "inline" : "none" });
      if (!on) continue;
      draw(curve, measure, epoch);
      found.push({ ...curve, value: bands[measure][curve.rule].mean[epoch - 1] });
    }
    label(found, epoch);
    found.sort((a, b) => best * (a.value - b.value)); // equals keep their order
    say(hint, found.length ? "" : "choose a method below");
    const digits = measure === "test_accuracy" ? ".2f" : ".3~g";
    return [
      "After epoch ", live("epoch", epoch, "d"), ` of ${epochs}, ${measures[measure]}, mean and (least to greatest): `,
      ...(found.length ? [] : ["no method is chosen"]),
      ...found.flatMap(({ rule, label }, i) => {
        const one = (part) => live(`${part}_${rule}`, bands[measure][rule][part][epoch - 1], digits);
        return [`${i ? "; " : ""}${label}, α ${alpha[rule]}: `, one("mean"), " (", one("low"), " to ", one("high"), ")"];
      }),
      `. ${about}`,
    ];
  }

  return {
    layout, update,
    play: { name: "epoch", perSecond: spec.rate, words: { play: "Start", resume: "Continue" } },
    presets: [
      { label: "Stop", values: { epoch: epochs } },
      { label: "All methods", values: { methods: options.map(([rule]) => rule) } },
    ],
  };
});
