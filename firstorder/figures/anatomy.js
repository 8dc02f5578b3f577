// Each step of a run taken apart, as firstorder.simulate.anatomy does it, with the generated rules.

const minus = (a, b) => a.map((value, i) => value - b[i]);

/** Rows { w, jump, query, correction }: the step on level ground, where the slope is asked, the rest. */
export function anatomy({ init, step }, gradient, start, hyper, steps) {
  let w = start, state = init(w);
  return Array.from({ length: steps }, () => {
    const before = w;
    let query;
    const level = step(w, state, (point) => point.map(() => 0), hyper).w;
    ({ w, state } = step(w, state, (point) => gradient((query = point)), hyper));
    return { w: before, jump: minus(level, before), query, correction: minus(w, level) };
  });
}
