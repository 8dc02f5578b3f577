// Sphinx calls every result by its page.  One that stands in the index gets its own name there, and an
// equation or a figure is shown in words (from an empty place, Sphinx's own summary would break off);
// other formulas are shown once, as they are read aloud.
// NAMES and WORDS come from book/_ext/wayfinding.py.
document.addEventListener("DOMContentLoaded", () => {
  const perform = Search._performSearch, text = Search.htmlToText;
  Search._performSearch = (...query) =>
    perform(...query).map(([page, title, anchor, ...rest]) => {
      const name = NAMES[page + anchor];
      return [page, name ? `${title} > ${name}` : title, anchor, ...rest];
    });
  Search.htmlToText = (html, anchor) => {
    if (anchor in WORDS) return WORDS[anchor];
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const twice of page.querySelectorAll(".katex-html, annotation")) twice.remove();
    return text(page.documentElement.outerHTML, anchor);
  };
});
