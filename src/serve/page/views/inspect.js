/* Inspecting pictures by hand: drop, paste, choose, or take them; each is shown beside what is nearest among the good. */
import { el, fill, button, check, announce } from "../dom.js";
import { t, short, percent } from "../words.js";
import { request, pathOf } from "../api.js";
import { pickPlace } from "../pick.js";
import { productChoice } from "../products.js";
import { makeViewer } from "../viewer.js";
import { badge, verdictWord } from "../verdict.js";
import { recordFacts, judgeButtons } from "../records.js";
import { nearestPairs } from "../nearest.js";

const AUTO = "";

function inspectPath(bank) {
  return bank === AUTO ? "/v1/inspect" : pathOf("/v1/banks", bank, "inspect");
}

function inspectFile(bank, file, query, signal) {
  const form = new FormData(); /* which tells the name too */
  form.append("picture", file, file.name);
  return request("POST", inspectPath(bank), {
    query: { ...query, route: bank === AUTO ? "auto" : undefined },
    body: form,
    signal,
    patient: true
  });
}

/* What the viewer asks for when it is looked at; the verdict is in the history already, so these are not recorded again. */
function layersOf(item, signal) {
  const drawn = (kind) => async () => (await inspectFile(item.bank, item.file, { return: kind, record: 0 }, signal)).blob();
  return { name: item.file.name, picture: item.file, heat: drawn("heat"), outline: drawn("overlay") };
}

/* The JSON of an inspection in the words of a record of the history. */
function recordOf(item, answer) {
  const regions = (answer.regions || []).map((r) =>
    r.box ? { ...r, x: r.box[0], y: r.box[1], width: r.box[2], height: r.box[3], area: r.area, score: r.peak } : r
  );
  return {
    ...answer,
    bank: answer.route?.bank || answer.bank_name || item.bank,
    picture: item.file.name,
    score: answer.score ?? answer.image_score,
    regions,
    image_threshold: answer.image_threshold ?? answer.image_tau,
    review: answer.review ?? answer.review_band ?? null
  };
}

function routeNote(route) {
  if (!route) return null;
  return el(
    "p",
    { class: "note" },
    t("routedTo", { name: route.bank, distance: short(route.distance), margin: short(route.margin) })
  );
}

/* Of a product with several regions: each by itself. */
function regionVerdicts(rois) {
  if (!rois?.length) return null;
  return el(
    "ul",
    { class: "plain" },
    rois.map((roi) =>
      el(
        "li",
        {},
        badge(roi.verdict),
        ` ${roi.name} `,
        roi.found ? short(roi.score) : "",
        el("span", { class: "soft" }, ` ${t("match", { score: percent(roi.match, 0) })}`)
      )
    )
  );
}

export function inspect({ signal }) {
  const items = [],
    list = el("ul", { class: "queue", "aria-label": t("inspectedPictures") }),
    side = el("aside", { class: "side" }),
    viewer = makeViewer();
  const hint = el("p", { class: "empty" }, t("inspectEmpty")),
    work = el("div", { class: "with-side three", hidden: true }, list, viewer.element, side);
  let bank = null,
    record = true,
    shown = null,
    running = Promise.resolve();

  function row(item) {
    const b = button(
      [
        item.failed
          ? el("span", { class: "badge v-NOT_INSPECTED" }, t("failed"))
          : item.record
            ? badge(item.record.verdict)
            : el("span", { class: "badge" }, t("waiting")),
        el("bdi", { class: "name" }, item.file.name),
        item.record ? el("span", { class: "number" }, short(item.record.score ?? NaN)) : ""
      ],
      () => show(item),
      { "aria-current": item === shown ? "true" : null }
    );
    return el("li", {}, b);
  }
  function drawList() {
    fill(list, items.map(row));
  }

  function show(item) {
    shown = item;
    drawList();
    if (item.failed) {
      viewer.show({ name: item.file.name, picture: item.file });
      const nearest = item.failed.said?.nearest;
      fill(
        side,
        el("p", { class: "problem", role: "alert" }, item.failed.message),
        nearest
          ? el(
              "ul",
              { class: "plain" },
              nearest.map((n) => el("li", {}, `${n.bank} ${short(n.distance)}`))
            )
          : null
      );
      return;
    }
    if (!item.record) return;
    viewer.show(layersOf(item, signal));
    fill(
      side,
      el("p", { class: "verdict-line" }, badge(item.record.verdict)),
      routeNote(item.record.route),
      regionVerdicts(item.record.rois),
      item.record.id ? judgeButtons(item.record, drawList) : null,
      recordFacts(item.record),
      item.record.warnings?.length ? el("p", { class: "warning" }, item.record.warnings.join(" ")) : null,
      nearestPairs(item, signal)
    );
  }

  async function run(item) {
    try {
      const answer = await (await inspectFile(item.bank, item.file, { return: "json", record: record ? 1 : 0 }, signal)).json();
      item.record = recordOf(item, answer);
      item.bank = item.record.bank;
      announce(`${item.file.name}: ${verdictWord(item.record.verdict)}`);
    } catch (error) {
      if (signal.aborted) return;
      item.failed = error;
      announce(`${item.file.name}: ${t("failed")}`);
    }
    if (item === items[0] || shown === item) show(item);
    else drawList();
  }
  function take(files) {
    hint.hidden = true;
    work.hidden = false;
    for (const file of files) {
      const item = { file, bank };
      items.unshift(item);
      running = running.then(() => run(item));
    }
    drawList();
  }

  const choice = productChoice(
    { last: [AUTO, t("byItself")] },
    (name) => {
      bank = name;
    },
    signal
  );
  return {
    title: t("nav.inspect"),
    element: [
      el(
        "div",
        { class: "head" },
        el("h1", {}, t("nav.inspect")),
        el("label", { class: "row", for: "product" }, t("product")),
        choice,
        check(t("keepInHistory"), true, (on) => {
          record = on;
        }),
        el("span", { class: "space" }),
        button(t("clear"), () => {
          items.length = 0;
          shown = null;
          work.hidden = true;
          hint.hidden = false;
        })
      ),
      pickPlace(take, { signal, hint: t("dropInspect"), compact: true }),
      hint,
      work
    ]
  };
}
