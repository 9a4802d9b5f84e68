// What everybody must be able to use, checked on the page as it stands: names of controls, headings, identifiers, contrast of
// texts (WCAG 2.1 AA), nothing wider than the window. Runs in the browser; returns what is wrong, as sentences.
export function faults() {
  const found = [];
  const shown = (e) => e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && e.getClientRects().length > 0;
  const say = (e, what) =>
    found.push(
      `${e.tagName.toLowerCase()}${e.id ? `#${e.id}` : ""}.${e.getAttribute("class") || ""} "${(e.textContent || "").trim().slice(0, 40)}": ${what}`
    );

  function nameOf(e) {
    const by = e.getAttribute("aria-labelledby");
    if (by)
      return by
        .split(/\s+/)
        .map((id) => document.getElementById(id)?.textContent || "")
        .join(" ")
        .trim();
    const own =
      e.getAttribute("aria-label") ||
      (e.labels && [...e.labels].map((l) => l.textContent).join(" ")) ||
      e.getAttribute("alt") ||
      e.title ||
      "";
    return (
      own ||
      (["BUTTON", "A", "SUMMARY"].includes(e.tagName)
        ? [...e.querySelectorAll("[aria-label],img[alt]")].map((c) => c.getAttribute("aria-label") || c.alt).join(" ") +
          e.textContent
        : "")
    ).trim();
  }
  for (const e of document.querySelectorAll(
    "button,a[href],input,select,textarea,summary,progress,[tabindex='0'],dialog,[role=group],[role=img],nav,section[aria-label]"
  ))
    if (shown(e) && !e.closest("[aria-hidden=true]") && !nameOf(e)) say(e, "has no name");
  for (const e of document.querySelectorAll("img")) if (!e.hasAttribute("alt")) say(e, "has no alt");
  for (const e of document.querySelectorAll("video")) if (!nameOf(e)) say(e, "has no name");
  for (const e of document.querySelectorAll("svg"))
    if (e.getAttribute("aria-hidden") !== "true" && !e.closest("[aria-hidden=true]") && e.getAttribute("role") !== "img")
      say(e, "is neither named nor hidden from readers");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) found.push(`the id ${id} is there twice`);
  for (const e of document.querySelectorAll("[aria-describedby],[aria-labelledby],label[for]"))
    for (const id of (e.getAttribute("aria-describedby") || e.getAttribute("aria-labelledby") || e.getAttribute("for")).split(
      /\s+/
    ))
      if (shown(e) && !document.getElementById(id)) say(e, `points to #${id}, which is not there`);
  const heads = [...document.querySelectorAll("main h1,main h2,main h3")]
    .filter((e) => shown(e) || e.classList.contains("unseen"))
    .map((e) => Number(e.tagName[1]));
  if (heads.filter((h) => h === 1).length !== 1)
    found.push(`${heads.filter((h) => h === 1).length} headings of the first level, expected 1`);
  heads.forEach((h, i) => {
    if (i && h > heads[i - 1] + 1) found.push(`heading ${h} after ${heads[i - 1]}`);
  });
  if (!document.documentElement.lang) found.push("the page does not say its language");
  if (document.documentElement.scrollWidth > innerWidth)
    found.push(`${document.documentElement.scrollWidth} pixels wide in a window of ${innerWidth}`);

  // ---- contrast ----
  const parse = (text) => {
    const m = text.match(/rgba?\(([^)]+)\)/);
    const c = m ? m[1].split(/[ ,/]+/).map(Number) : [0, 0, 0, 0];
    return { r: c[0], g: c[1], b: c[2], a: c.length > 3 ? c[3] : 1 };
  };
  const over = (top, low) => ({
    r: top.r * top.a + low.r * (1 - top.a),
    g: top.g * top.a + low.g * (1 - top.a),
    b: top.b * top.a + low.b * (1 - top.a),
    a: 1
  });
  const light = ({ r, g, b }) => {
    const l = [r, g, b].map((v) => {
      v /= 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2];
  };
  function ground(e) {
    const layers = [];
    for (let at = e; at; at = at.parentElement) {
      const c = parse(getComputedStyle(at).backgroundColor);
      if (c.a > 0) layers.push(c);
      if (c.a === 1) break;
    }
    return layers.reverse().reduce((low, top) => over(top, low), { r: 255, g: 255, b: 255, a: 1 });
  }
  const told = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || !shown(e) || e.closest(".unseen,option,:disabled,[aria-hidden=true] .regions,.paper")) continue;
    const style = getComputedStyle(e),
      svg = e instanceof SVGElement;
    const low = ground(e),
      top = over(parse(svg ? style.fill : style.color), low);
    const [a, b] = [light(top), light(low)].sort((x, y) => y - x),
      ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize),
      large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const key = `${style.color}${JSON.stringify(low)}`;
    if (ratio < (large ? 3 : 4.5) && !told.has(key)) {
      told.add(key);
      say(e, `contrast ${ratio.toFixed(2)} of "${node.data.trim().slice(0, 20)}"`);
    }
  }
  return found;
}
