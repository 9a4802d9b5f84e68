/* Elements. Text reaches the page as text only: nothing is ever parsed as HTML, so names of files may hold anything. */

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set([
  "value",
  "checked",
  "disabled",
  "hidden",
  "multiple",
  "required",
  "selected",
  "tabIndex",
  "indeterminate"
]);

function set(e, key, value) {
  if (value === undefined || value === null || (value === false && !PROPERTIES.has(key))) return;
  if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
  else if (key === "class") e.setAttribute("class", value);
  else if (key === "style") for (const [name, v] of Object.entries(value)) e.style.setProperty(name, v);
  else if (PROPERTIES.has(key)) e[key] = value;
  else e.setAttribute(key, value === true ? "" : value);
}

/* Children may be elements, texts, numbers, arrays of these, and what is not there. */
export function add(parent, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

export function el(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) set(e, key, value);
  return add(e, children);
}

export function svg(tag, attributes, ...children) {
  const e = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes || {})) set(e, key, value);
  return add(e, children);
}

export function fill(e, ...children) {
  e.replaceChildren();
  return add(e, children);
}

export function button(text, act, attributes) {
  return el("button", { type: "button", onclick: act, ...attributes }, text);
}

/* A button of a sign, with a name for those who do not see it. */
export function iconButton(sign, name, act, attributes) {
  return button(el("span", { "aria-hidden": "true" }, sign), act, {
    "aria-label": name,
    title: name,
    class: "icon",
    ...attributes
  });
}

let fields = 0;
/* A control with its label and, below, what it does. */
export function field(label, control, help) {
  const id = control.id || `field-${++fields}`;
  control.id = id;
  if (help) control.setAttribute("aria-describedby", `${id}-help`);
  return el(
    "div",
    { class: "field" },
    el("label", { for: id }, label),
    control,
    help && el("p", { class: "help", id: `${id}-help` }, help)
  );
}

export function check(label, checked, act) {
  const box = el("input", { type: "checkbox", checked, onchange: () => act(box.checked) });
  return el("label", { class: "check" }, box, el("span", {}, label));
}

export function select(options, value, act, attributes) {
  const s = el(
    "select",
    { onchange: () => act(s.value), ...attributes },
    options.map(([v, text]) => el("option", { value: v }, text))
  );
  s.value = value;
  return s;
}

/* A row of buttons of which one is on. choices: [value, text] each. Returns the element; element.choose(value) sets it. */
export function segments(label, choices, value, act) {
  const row = el("div", { class: "segments", role: "group", "aria-label": label });
  const choose = (v) => {
    for (const b of row.children) b.setAttribute("aria-pressed", String(b.dataset.value === String(v)));
  };
  for (const [v, text] of choices)
    row.append(
      button(
        text,
        () => {
          choose(v);
          act(v);
        },
        { "data-value": v }
      )
    );
  choose(value);
  row.choose = choose;
  return row;
}

export function figures(rows, attributes) {
  return el(
    "dl",
    { class: "figures", ...attributes },
    rows
      .filter(Boolean)
      .map(([name, value, rest]) => el("div", {}, el("dt", {}, name), el("dd", {}, value, rest && el("small", {}, " ", rest))))
  );
}

export function facts(rows) {
  return el(
    "dl",
    { class: "facts" },
    rows.filter(Boolean).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])
  );
}

/* heads: texts, those of columns of numbers as [text]. */
export function table(caption, heads, rows, attributes) {
  return el(
    "div",
    { class: "scroll", tabIndex: 0, role: "region", "aria-label": caption },
    el(
      "table",
      attributes,
      el("caption", { class: "unseen" }, caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          heads.map((head) => el("th", { scope: "col", class: Array.isArray(head) ? "number" : null }, head))
        )
      ),
      el("tbody", {}, rows)
    )
  );
}

/* Says a sentence to those who listen to the page. */
export function announce(text) {
  const place = document.getElementById("said");
  place.textContent = "";
  requestAnimationFrame(() => {
    place.textContent = text;
  });
}

/* A modal box with a heading. Resolves when it is closed. */
export function openDialog(heading, content, attributes) {
  const opener = document.activeElement;
  const title = el("h2", { id: `dialog-${++fields}` }, heading);
  const box = el("dialog", { "aria-labelledby": title.id, ...attributes });
  const close = iconButton("\u2715", box.dataset.close || document.documentElement.dataset.close, () => box.close());
  add(box, el("header", {}, title, close), content);
  document.body.append(box);
  const closed = new Promise((resolve) =>
    box.addEventListener(
      "close",
      () => {
        box.remove();
        if (opener && opener.isConnected) opener.focus();
        resolve(box.returnValue);
      },
      { once: true }
    )
  );
  box.showModal();
  return { box, closed, close: (value) => box.close(value) };
}
