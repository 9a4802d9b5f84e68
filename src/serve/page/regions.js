/* Regions on a picture: drawn, moved and sized with the pointer; the list beside it does the same by numbers and keys. */
import { el, svg, fill, button, iconButton, field } from "./dom.js";
import { t } from "./words.js";
import { stageOf, zoomButtons } from "./viewer.js";

const LEAST = 8; /* pixels */
const MOST = 16;
const HANDLES = ["nw", "ne", "sw", "se"];

function whole(region, size) {
  const x = Math.round(Math.min(Math.max(0, region.x), size.width - LEAST)),
    y = Math.round(Math.min(Math.max(0, region.y), size.height - LEAST));
  return {
    name: region.name,
    x,
    y,
    width: Math.round(Math.min(Math.max(LEAST, region.width), size.width - x)),
    height: Math.round(Math.min(Math.max(LEAST, region.height), size.height - y))
  };
}

/* changed(regions) after every change. Returns {element, setPicture(image blob or path loader, width, height), regions}. */
export function regionEditor(changed) {
  const place = stageOf(t("regionStage"));
  const image = el("img", { alt: t("firstPicture"), draggable: "false" });
  const layer = svg("svg", { class: "regions", "aria-hidden": "true" });
  const list = el("ol", { class: "region-list" });
  const say = el("p", { class: "help" }, t("regionHelp"));
  const size = { width: 1, height: 1 };
  let regions = [],
    chosen = -1,
    drag = null;

  place.paper.append(image, layer);

  function pointOf(event) {
    const box = place.paper.getBoundingClientRect();
    return { x: (event.clientX - box.left) / place.scale, y: (event.clientY - box.top) / place.scale };
  }
  function told() {
    draw();
    changed(regions.map((r) => ({ ...r })));
  }
  function put(i, region) {
    regions[i] = whole(region, size);
  }
  function addRegion(region) {
    if (regions.length >= MOST) return;
    let n = regions.length + 1;
    while (regions.some((r) => r.name === `region-${n}`)) n++;
    regions.push(whole({ name: `region-${n}`, ...region }, size));
    chosen = regions.length - 1;
  }

  function begin(event, kind, i) {
    if (event.button) return;
    event.preventDefault();
    layer.setPointerCapture(event.pointerId);
    drag = { kind, i, from: pointOf(event), was: i >= 0 ? { ...regions[i] } : null };
    chosen = i;
  }
  layer.addEventListener("pointerdown", (event) => {
    const handle = event.target.dataset.handle,
      i = event.target.dataset.region;
    if (event.shiftKey && i === undefined) return; /* shift moves the picture */
    begin(event, handle || (i === undefined ? "new" : "move"), i === undefined ? -1 : Number(i));
  });
  layer.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const now = pointOf(event),
      dx = now.x - drag.from.x,
      dy = now.y - drag.from.y,
      was = drag.was;
    if (drag.kind === "new") {
      if (Math.hypot(dx, dy) * place.scale < 6 && drag.i < 0) return;
      if (drag.i < 0) {
        addRegion({ x: drag.from.x, y: drag.from.y, width: LEAST, height: LEAST });
        drag.i = chosen;
      }
      put(drag.i, {
        name: regions[drag.i].name,
        x: Math.min(now.x, drag.from.x),
        y: Math.min(now.y, drag.from.y),
        width: Math.abs(dx),
        height: Math.abs(dy)
      });
    } else if (drag.kind === "move") {
      put(drag.i, { ...was, x: Math.min(was.x + dx, size.width - was.width), y: Math.min(was.y + dy, size.height - was.height) });
    } else {
      const left = drag.kind.includes("w"),
        top = drag.kind.includes("n");
      const x0 = left ? Math.min(was.x + dx, was.x + was.width - LEAST) : was.x,
        y0 = top ? Math.min(was.y + dy, was.y + was.height - LEAST) : was.y;
      put(drag.i, {
        name: was.name,
        x: x0,
        y: y0,
        width: left ? was.x + was.width - x0 : was.width + dx,
        height: top ? was.y + was.height - y0 : was.height + dy
      });
    }
    draw();
  });
  for (const end of ["pointerup", "pointercancel"])
    layer.addEventListener(end, () => {
      if (drag && (drag.kind !== "new" || drag.i >= 0)) {
        drawList();
        told();
      }
      drag = null;
    });

  function draw() {
    const unit = 1 / place.scale;
    fill(
      layer,
      regions.map((r, i) => {
        const box = svg("rect", {
          x: r.x,
          y: r.y,
          width: r.width,
          height: r.height,
          class: `region${i === chosen ? " chosen" : ""}`,
          "stroke-width": 2 * unit,
          "data-region": i
        });
        const name = svg(
          "text",
          { x: r.x + 6 * unit, y: r.y + 18 * unit, "font-size": 14 * unit, "stroke-width": 3 * unit, class: "region-name" },
          r.name
        );
        const corners = HANDLES.map((h) =>
          svg("rect", {
            x: (h.includes("w") ? r.x : r.x + r.width) - 7 * unit,
            y: (h.includes("n") ? r.y : r.y + r.height) - 7 * unit,
            width: 14 * unit,
            height: 14 * unit,
            class: `handle ${h}`,
            "stroke-width": 1.5 * unit,
            "data-handle": h,
            "data-region": i
          })
        );
        return [box, name, i === chosen ? corners : null];
      })
    );
  }
  place.onView(draw);

  function numberInput(r, i, key) {
    const input = el("input", { type: "number", min: 0, step: 1, value: String(r[key]), required: true });
    input.addEventListener("change", () => {
      if (input.value !== "" && Number.isFinite(+input.value)) put(i, { ...regions[i], [key]: +input.value });
      input.value = String(regions[i][key]);
      told();
    });
    input.addEventListener("focus", () => {
      chosen = i;
      draw();
    });
    return field(t(`region.${key}`), input);
  }
  function drawList() {
    fill(
      list,
      regions.map((r, i) => {
        const name = el("input", { type: "text", value: r.name, maxlength: 64, "aria-label": t("region.name") });
        name.addEventListener("change", () => {
          regions[i].name = name.value.trim() || r.name;
          name.value = regions[i].name;
          told();
        });
        return el(
          "li",
          {},
          el(
            "div",
            { class: "row" },
            name,
            iconButton("\u2715", t("removeRegion", { name: r.name }), () => {
              regions.splice(i, 1);
              chosen = -1;
              drawList();
              told();
            })
          ),
          el(
            "div",
            { class: "four" },
            ["x", "y", "width", "height"].map((key) => numberInput(r, i, key))
          )
        );
      })
    );
  }

  return {
    element: el(
      "div",
      { class: "region-editor" },
      el(
        "div",
        { class: "viewer" },
        el("div", { class: "viewer-bar" }, el("span", { class: "space" }), zoomButtons(place)),
        place.stage
      ),
      el(
        "div",
        { class: "region-side" },
        say,
        list,
        button(t("addRegion"), () => {
          addRegion({ x: size.width / 4, y: size.height / 4, width: size.width / 2, height: size.height / 2 });
          drawList();
          told();
        })
      )
    ),
    /* load(image) puts the picture into it; width and height are those of the original, which may be larger. */
    async setPicture(load, width, height) {
      await load(image);
      Object.assign(size, { width: width || image.naturalWidth, height: height || image.naturalHeight });
      image.style.width = `${size.width}px`;
      image.style.height = `${size.height}px`;
      layer.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
      place.setSize(size.width, size.height);
      draw();
    },
    get regions() {
      return regions.map((r) => ({ ...r }));
    }
  };
}
