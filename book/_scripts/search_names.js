// Sphinx calls every result by its page, and shows a formula's text three times over (what one sees,
// what is read aloud, and its source).  A result that stands in the index gets its own name there,
// and a summary takes what is read aloud.
{
  const perform = Search._performSearch, text = Search.htmlToText;
  Search._performSearch = (...query) =>
    perform(...query).map(([page, title, anchor, ...rest]) => {
      const name = NAMES[page + anchor];
      return [page, name ? `${title} > ${name}` : title, anchor, ...rest];
    });
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const twice of page.querySelectorAll(".katex-html, annotation")) twice.remove();
    return text(page.documentElement.outerHTML, anchor);
  };
}
