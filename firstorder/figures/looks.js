// How each method is drawn: the colours and dashes of firstorder.plotting.METHODS, as attributes.

/** The attributes of a node in a method's colour; its dashes too, which a text does not mind. */
export const hue = ({ light, dark, dashes }) => ({
  style: `--hue: light-dark(${light}, ${dark})`, "stroke-dasharray": dashes.join(" ") || "none",
});
