// On every page: a card that previews what a reference leads to, and where the reader left off.
"use strict";
{
  const root = new URL(document.documentElement.dataset.content_root, location);
  const article = document.querySelector(".bd-article");

  // -- Previews (WCAG 1.4.13: they can be pointed at, dismissed with Escape, and stay until then) --

  const worth = /#(equation-|term-|figure-)|bibliography\.html#/;
  const delay = 250; // milliseconds: a pointer that only passes by opens nothing
  const card = Object.assign(document.createElement("div"), { id: "fo-card", role: "tooltip" });
  const pages = new Map();
  let shownFor = null, timer = 0;

  // The page of an address, as a document; nothing where a browser lets no page read another's.
  function read(address) {
    const page = address.href.split("#")[0];
    if (page === location.href.split("#")[0]) return document;
    if (address.protocol === "file:") return null;
    if (!pages.has(page))
      pages.set(page, fetch(page).then(async (answer) =>
        answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null));
    return pages.get(page);
  }

  // What stands at an address: an equation, a term with its definition, a figure, a citation.
  async function excerpt(address) {
    const page = await read(address);
    const target = page && page.getElementById(decodeURIComponent(address.hash.slice(1)));
    if (!target) return [];
    let parts = [target];
    if (target.matches("dt")) parts.push(target.nextElementSibling);
    if (target.matches("span.target"))
      parts = [...target.nextElementSibling.querySelectorAll(".fo-still")];
    return parts.map((part) => part.cloneNode(true));
  }

  async function show(link) {
    clearTimeout(timer);
    if (shownFor === link) return;
    hide();
    shownFor = link;
    const address = new URL(link.href);
    const parts = await excerpt(address).catch(() => []);
    if (shownFor !== link || !parts.length) return;
    card.replaceChildren(...parts);
    for (const part of card.querySelectorAll("*")) {
      part.removeAttribute("id");
      part.removeAttribute("href");
      part.removeAttribute("tabindex");
      if (part.src) part.src = new URL(part.getAttribute("src"), address);
    }
    article.append(card);
    const line = link.getClientRects()[0], frame = article.getBoundingClientRect();
    const below = line.bottom + card.offsetHeight + 12 < innerHeight || line.top < card.offsetHeight;
    card.style.top = `${(below ? line.bottom + 6 : line.top - card.offsetHeight - 6) - frame.top}px`;
    const edge = 16, room = frame.width - card.offsetWidth - edge;
    card.style.left = `${Math.max(edge, Math.min(line.left - frame.left, room))}px`;
    link.setAttribute("aria-describedby", card.id);
  }

  function hide() {
    clearTimeout(timer);
    shownFor?.removeAttribute("aria-describedby");
    shownFor = null;
    card.remove();
  }

  function soon(action) {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  }

  // The card stays while it or its link is pointed at, and while its link is reached by keyboard.
  const leave = () => soon(() => card.matches(":hover") || shownFor?.matches(":focus-visible") || hide());

  for (const link of article?.querySelectorAll("a[href*='#']:not(.headerlink, .eqno)") ?? []) {
    if (!worth.test(link.href) || new URL(link.href).origin !== location.origin) continue;
    if (location.protocol !== "file:") link.removeAttribute("title"); // else there would be two
    link.addEventListener("pointerenter", (e) => e.pointerType === "mouse" && soon(() => show(link)));
    link.addEventListener("pointerleave", leave);
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
    link.addEventListener("blur", leave);
    link.addEventListener("click", hide);
  }
  card.addEventListener("pointerleave", leave);
  addEventListener("keydown", (e) => e.key === "Escape" && hide());

  // -- Where the reader left off: kept in this browser only, and shown by the welcome page ---------

  // A heading's words, without its link's sign and with each formula once.
  function words(heading) {
    const copy = heading.cloneNode(true);
    for (const more of copy.querySelectorAll(".headerlink, .katex-html, annotation")) more.remove();
    return copy.textContent.trim();
  }

  function keep() {
    const passed = [...article.querySelectorAll("h2")].filter(
      (heading) => heading.getBoundingClientRect().top < innerHeight / 2);
    const last = passed.at(-1), title = article.querySelector("h1");
    const page = location.href.split("#")[0].slice(root.href.length);
    const place = {
      page: page + (last ? "#" + last.closest("section").id : ""),
      title: words(title),
      part: last ? words(last) : "",
    };
    try {
      localStorage["first-order:" + root.pathname] = JSON.stringify(place);
    } catch { /* a browser that keeps nothing: the book works as well without */ }
  }

  if (location.href.startsWith(new URL("notebooks/", root))) {
    addEventListener("pagehide", keep);
    document.addEventListener("visibilitychange", () => document.hidden && keep());
  }
}
