/* Why: the places that were found beside the nearest place among the good pictures that were learnt. */
import { el } from "./dom.js";
import { t, short } from "./words.js";
import { pathOf, request } from "./api.js";
import { asStored } from "./stored.js";

const AROUND = 1.5; /* of a patch on each side: the network sees more than the patch */
const SIDE = 132;
const MOST = 3;

/* Cuts `box` [x, y, width, height] with what is around it out of a picture. */
async function cut(blob, box, canvas) {
  const picture = await createImageBitmap(await asStored(blob));
  const [x, y, w, h] = box,
    side = Math.max(w, h) * (1 + 2 * AROUND),
    scale = (SIDE * devicePixelRatio) / side;
  canvas.width = canvas.height = SIDE * devicePixelRatio;
  const pen = canvas.getContext("2d"),
    left = x + w / 2 - side / 2,
    top = y + h / 2 - side / 2;
  pen.imageSmoothingEnabled = scale < 3;
  pen.drawImage(picture, -left * scale, -top * scale, picture.width * scale, picture.height * scale);
  pen.lineWidth = 2 * devicePixelRatio;
  pen.strokeStyle = "#fff";
  pen.strokeRect((x - left) * scale, (y - top) * scale, w * scale, h * scale);
  pen.strokeStyle = "#000";
  pen.lineWidth = devicePixelRatio;
  pen.strokeRect((x - left) * scale, (y - top) * scale, w * scale, h * scale);
  picture.close();
}

function figureOf(words) {
  const canvas = el("canvas", { role: "img", "aria-label": words, class: "crop" });
  return { canvas, element: el("figure", {}, canvas, el("figcaption", {}, words)) };
}

/* Good pictures by bank and name, so that several places of one are fetched once. */
function goodPictures(bank, signal) {
  const fetched = new Map();
  return (picture) => {
    if (!fetched.has(picture))
      fetched.set(
        picture,
        request("GET", pathOf("/v1/banks", bank, "good"), { query: { picture }, signal }).then((response) => response.blob())
      );
    return fetched.get(picture);
  };
}

/* item: {file, bank, record}. */
export function nearestPairs(item, signal) {
  const why = (item.record.regions || []).filter((r) => r.patch && r.near).slice(0, MOST),
    good = goodPictures(item.bank, signal);
  if (!why.length) return null;
  return el(
    "section",
    {},
    el("h3", {}, t("whyHead")),
    el("p", { class: "help" }, t("whyHelp")),
    why.map((region) => {
      const here = figureOf(t("foundHere", { score: short(region.score) })),
        near = figureOf(t("nearestGood", { name: region.near.picture }));
      cut(item.file, region.patch, here.canvas).catch(() => here.element.remove()); /* a format that browsers do not know */
      good(region.near.picture)
        .then((blob) => cut(blob, region.near.box, near.canvas))
        .catch(() => near.canvas.replaceWith(el("p", { class: "crop none" }, t("goodNotKept"))));
      return el("div", { class: "pair" }, here.element, near.element);
    })
  );
}
