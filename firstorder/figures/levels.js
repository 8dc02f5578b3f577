// The level lines of a function of two coordinates, for the figures that draw one.

import { contours } from "d3-contour";

/** Where `height(w)` takes the values `levels` in a window, as the d of one path for each level. */
export function levelLines(height, levels, [[x0, x1], [y0, y1]], [columns, rows], x, y) {
  const [wide, tall] = [(x1 - x0) / columns, (y1 - y0) / rows];
  const values = Float64Array.from({ length: columns * rows }, (_, i) =>
    height([x0 + ((i % columns) + 0.5) * wide, y0 + (Math.floor(i / columns) + 0.5) * tall]));
  const place = ([column, row]) => `${x(x0 + column * wide).toFixed(1)} ${y(y0 + row * tall).toFixed(1)}`;
  return contours().size([columns, rows]).thresholds(levels)(values).map(({ coordinates }) =>
    coordinates.flat().map((ring) => `M${ring.map(place).join("L")}Z`).join(""));
}
