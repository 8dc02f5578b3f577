// Reads one request a line, {"tex": ..., "display": ...}, and answers each with one line:
// {"html": ...} or, for a formula that KaTeX refuses, {"error": ...}.
import { createInterface } from "node:readline";
import katex from "katex";

const options = {
  output: "htmlAndMathml", // HTML for the eye, MathML for screen readers
  strict: "error", // a doubtful formula is an error, not a red word on the page
  trust: false,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { tex, display, macros } = JSON.parse(line);
  let answer;
  try {
    const html = katex.renderToString(tex, { ...options, displayMode: display, macros });
    answer = { html };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
