// Two square planes side by side: a run in the weights w, and the same run in the eigenbasis x.

import { cross, linear, panel, set, svg } from "engine";

/** The planes, and how to place them: `place(width)` → { x, y, side }, the scales and the side in pixels. */
export function eigenPlanes(canvas, [[X0, X1]], widest) {
  const planes = ["w", "x"].map((name) => {
    const plane = panel(canvas), turned = svg(plane.back, "g"); // holds what turns with the eigenvectors
    const axes = svg(turned, "path", { class: "fo-grid" });
    return { ...plane, name, turned, axes, minimum: svg(plane.over, "path", { class: "fo-minimum" }) };
  });

  function place(width) {
    const narrow = width < 480, gap = narrow ? 16 : 40;
    const side = Math.min(Math.floor((width - gap - 2) / 2), widest);
    const inset = Math.floor((width - 2 * side - gap) / 2);
    const x = linear([X0, X1], [0, side]), y = linear([X0, X1], [side, 0]);
    const titles = narrow ? ["Weights w", "Eigenbasis x"] : ["In the weights w", "In the eigenbasis x"];
    planes.forEach((plane, i) => {
      plane.place({ left: inset + i * (side + gap), top: 28, width: side, height: side, x, y, title: titles[i] });
      set(plane.minimum, { d: cross([0, 0], x, y) });
      set(plane.axes, { d: `M${x(-9)} ${y(0)}H${x(9)}M${x(0)} ${y(-9)}V${y(9)}` });
    });
    return { x, y, side };
  }

  return { planes, place };
}
