/* A picture, large: what was found of it over it, zoom, pan, keys. */
import { el, fill, iconButton, segments } from "./dom.js";
import { t } from "./words.js";
import { loadInto, showBlob } from "./api.js";

const LARGEST = 64;

/* A stage on which something of `size` pixels can be moved and zoomed. Returns {stage, paper, setSize, fit, zoom, scale}. */
export function stageOf(label) {
  const paper = el("div", { class: "paper" });
  const stage = el("div", { class: "stage", tabIndex: 0, role: "group", "aria-label": label }, paper);
  const view = { x: 0, y: 0, scale: 1, fit: 1, width: 1, height: 1 };
  const pointers = new Map();
  const heard = [];

  function apply() {
    paper.style.width = `${view.width}px`;
    paper.style.height = `${view.height}px`;
    paper.style.transform = `translate(${view.x}px,${view.y}px) scale(${view.scale})`;
    paper.style.setProperty("--of-one", String(1 / view.scale));
    paper.classList.toggle("pixels", view.scale >= 3);
    heard.forEach((act) => act(view.scale));
  }
  function fit() {
    const w = stage.clientWidth,
      h = stage.clientHeight;
    if (!w || !h) return;
    view.fit = view.scale = Math.min(w / view.width, h / view.height, 8);
    view.x = (w - view.width * view.scale) / 2;
    view.y = (h - view.height * view.scale) / 2;
    apply();
  }
  function zoom(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
    const scale = Math.min(LARGEST, Math.max(view.fit / 4, view.scale * factor)),
      by = scale / view.scale;
    view.x = x - (x - view.x) * by;
    view.y = y - (y - view.y) * by;
    view.scale = scale;
    apply();
  }
  function move(dx, dy) {
    view.x += dx;
    view.y += dy;
    apply();
  }

  stage.addEventListener(
    "wheel",
    (event) => {
      const box = stage.getBoundingClientRect();
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), event.clientX - box.left, event.clientY - box.top);
    },
    { passive: false }
  );
  stage.addEventListener("pointerdown", (event) => {
    if (event.defaultPrevented) return;
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => pointers.delete(event.pointerId));
  /* One finger moves, two zoom about their middle. */
  stage.addEventListener("pointermove", (event) => {
    const was = pointers.get(event.pointerId);
    if (!was) return;
    const other = [...pointers.entries()].find(([id]) => id !== event.pointerId)?.[1];
    const now = { x: event.clientX, y: event.clientY };
    if (other) {
      const box = stage.getBoundingClientRect(),
        apart = (p) => Math.hypot(p.x - other.x, p.y - other.y) || 1;
      zoom(apart(now) / apart(was), (now.x + other.x) / 2 - box.left, (now.y + other.y) / 2 - box.top);
    } else move(now.x - was.x, now.y - was.y);
    pointers.set(event.pointerId, now);
  });
  stage.addEventListener("dblclick", fit);
  stage.addEventListener("keydown", (event) => {
    if (event.target !== stage || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      "+": () => zoom(1.4),
      "=": () => zoom(1.4),
      "-": () => zoom(1 / 1.4),
      0: fit,
      ArrowLeft: () => move(40, 0),
      ArrowRight: () => move(-40, 0),
      ArrowUp: () => move(0, 40),
      ArrowDown: () => move(0, -40)
    };
    if (!acts[event.key]) return;
    acts[event.key]();
    event.preventDefault();
  });
  new ResizeObserver(fit).observe(stage);
  return {
    stage,
    paper,
    fit,
    zoom,
    setSize(width, height) {
      view.width = width || 1;
      view.height = height || 1;
      fit();
    },
    get scale() {
      return view.scale;
    },
    onView(act) {
      heard.push(act);
    }
  };
}

export function zoomButtons(place) {
  return [
    iconButton("\u2212", t("zoomOut"), () => place.zoom(1 / 1.4)),
    iconButton("+", t("zoomIn"), () => place.zoom(1.4)),
    iconButton("\u2922", t("fit"), place.fit)
  ];
}

/* A viewer. show({name, picture, heat, outline}): each of the three is a Blob, or a function that brings a Blob when it is first
 * looked at, or nothing. */
export function makeViewer() {
  const place = stageOf(t("pictureStage"));
  const base = el("img", { alt: "", draggable: "false" }),
    over = el("img", { alt: "", draggable: "false", class: "over" });
  const note = el("p", { class: "stage-note", role: "status" });
  const opacity = el("input", { type: "range", min: 0, max: 100, value: 70, "aria-label": t("opacity") });
  let shown = {},
    layer = "outline",
    turn = 0;

  place.paper.append(base, over);
  const layers = segments(
    t("layer"),
    [
      ["picture", t("layerPicture")],
      ["heat", t("layerHeat")],
      ["outline", t("layerOutline")]
    ],
    layer,
    (value) => choose(value)
  );
  opacity.addEventListener("input", () => {
    over.style.opacity = String(opacity.value / 100);
  });

  async function blobOf(kind) {
    if (typeof shown[kind] === "function") shown[kind] = await shown[kind]();
    return shown[kind];
  }
  async function put(image, kind, mine) {
    const blob = await blobOf(kind);
    if (mine !== turn || !blob) {
      image.hidden = true;
      return false;
    }
    image.hidden = false;
    await showBlob(image, blob);
    return true;
  }
  async function choose(value) {
    const mine = ++turn;
    layer = value;
    layers.choose(value);
    over.style.opacity = String(opacity.value / 100);
    opacity.parentElement.hidden = value === "picture";
    note.textContent = "";
    try {
      if (value === "picture") over.hidden = true;
      else if (!(await put(over, value, mine)) && mine === turn) note.textContent = t("layerNotKept");
    } catch {
      if (mine === turn) {
        over.hidden = true;
        note.textContent = t("layerNotKept");
      }
    }
  }
  async function show(what) {
    const mine = ++turn;
    shown = { ...what };
    base.hidden = over.hidden = true;
    note.textContent = "";
    place.stage.setAttribute("aria-label", t("pictureOf", { name: what.name || "" }));
    if (!what.picture && !what.outline) {
      note.textContent = t("pictureNotKept");
      return;
    }
    const kind = what.picture ? "picture" : "outline"; /* formats that browsers do not know are seen by what the server drew */
    try {
      await put(base, kind, mine);
    } catch {
      try {
        await put(base, "outline", mine);
      } catch {
        note.textContent = t("pictureNotKept");
      }
    }
    if (mine !== turn) return;
    place.setSize(base.naturalWidth, base.naturalHeight);
    await choose(layer);
  }
  place.stage.addEventListener("keydown", (event) => {
    const chosen = { 1: "picture", 2: "heat", 3: "outline" }[event.key];
    if (chosen && !event.ctrlKey && !event.metaKey && !event.altKey) choose(chosen);
  });
  const bar = el(
    "div",
    { class: "viewer-bar" },
    layers,
    el("label", { class: "opacity" }, t("opacity"), opacity),
    el("span", { class: "space" }),
    zoomButtons(place)
  );
  return {
    element: el("div", { class: "viewer" }, bar, place.stage, note),
    show,
    choose,
    clear: () => {
      turn++;
      fill(note);
      base.hidden = over.hidden = true;
    }
  };
}

/* A small picture of the server's that is fetched when it comes into sight. */
export function thumbnail(path, alt, query) {
  const image = el("img", { alt, class: "thumb waiting", width: 96, height: 96 });
  const seen = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      loadInto(image, path, query).then(
        () => image.classList.remove("waiting"),
        () => {
          image.replaceWith(el("span", { class: "thumb none", role: "img", "aria-label": `${alt} ${t("noPicture")}`.trim() }));
        }
      );
    },
    { rootMargin: "200px" }
  );
  seen.observe(image);
  return image;
}
