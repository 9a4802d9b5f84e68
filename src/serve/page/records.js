/* Inspections of the history: as a line, and large with what was found. */
import { el, fill, button, facts, openDialog, announce, segments } from "./dom.js";
import { t, short, digits, percent, momentExact, whole } from "./words.js";
import { request, send, pathOf } from "./api.js";
import { badge, judgedBadge, known } from "./verdict.js";
import { makeViewer } from "./viewer.js";

function recordPath(record, ...rest) {
  return pathOf("/v1/inspections", record.id, ...rest);
}
export function kept(record, kind) {
  return (record.kept || []).includes(kind);
}

/* What a viewer shows of a record: what the server kept. */
export function pictureOf(record) {
  const load = (kind) => (kept(record, kind) ? async () => (await request("GET", recordPath(record, kind))).blob() : null);
  return { name: record.picture, picture: load("picture"), heat: load("heat"), outline: load("overlay") };
}

export function thumbnailPath(record) {
  const kind = ["overlay", "picture"].find((k) => kept(record, k));
  return kind ? recordPath(record, kind) : null;
}

function regionsText(regions) {
  return regions.map((r) => t("regionAt", { x: r.x, y: r.y, size: `${r.width}\u00d7${r.height}`, score: short(r.score) }));
}

export function recordFacts(record) {
  return facts([
    [t("score"), digits(record.score ?? NaN) === "NaN" ? "\u2013" : digits(record.score)],
    Number.isFinite(record.image_threshold)
      ? [t("threshold"), record.review ? record.review.map(short).join(" \u2026 ") : short(record.image_threshold)]
      : null,
    Number.isFinite(record.p_value) ? [t("pValue"), el("span", { title: t("pValueHelp") }, percent(record.p_value, 2))] : null,
    [t("product"), record.bank],
    record.time ? [t("time"), momentExact(record.time)] : null,
    record.source ? [t("source"), record.source] : null,
    record.picture ? [t("picture"), el("bdi", {}, record.picture)] : null,
    Number.isFinite(record.duration_ms) ? [t("duration"), t("ms", { n: Math.round(record.duration_ms) })] : null,
    Number.isFinite(record.recipe_number) ? [t("recipeNumber"), whole(record.recipe_number)] : null,
    record.judged
      ? [t("judgedBy"), `${record.judged_by || ""} ${record.judged_time ? momentExact(record.judged_time) : ""}`]
      : null,
    record.why ? [t("why"), record.why] : null,
    record.regions?.length
      ? [
          t("regionsFound"),
          el(
            "ul",
            { class: "plain" },
            regionsText(record.regions).map((text) => el("li", {}, text))
          )
        ]
      : null
  ]);
}

export function judgeRecord(record, judged) {
  return send("PATCH", recordPath(record), { judged });
}

/* Two buttons by which a person says what the part is. changed(record) after the server has it. */
export function judgeButtons(record, changed) {
  const said = el("p", { class: "problem", role: "alert" });
  const row = segments(
    t("judgeLabel"),
    [
      ["OK", t("judgeOk")],
      ["NG", t("judgeNg")],
      ["", t("judgeNone")]
    ],
    record.judged || "",
    async (value) => {
      fill(said);
      try {
        const answer = await judgeRecord(record, value || null);
        Object.assign(record, answer);
        announce(t("saved"));
        changed?.(record);
      } catch (error) {
        row.choose(record.judged || "");
        said.textContent = error.message;
      }
    }
  );
  return el("div", { class: "judge" }, row, said);
}

/* Opens a record large. others: the list that arrows go through. */
export function openRecord(record, others = [], changed) {
  const viewer = makeViewer(),
    side = el("aside", { class: "side" });
  const content = el("div", { class: "with-side" }, viewer.element, side);
  let at = others.indexOf(record);
  const step = (by) => {
    if (others[at + by]) {
      at += by;
      show(others[at]);
    }
  };
  const back = button("\u2190", () => step(-1), { "aria-label": t("previous") }),
    on = button("\u2192", () => step(1), { "aria-label": t("next") });
  const dialog = openDialog(t("inspection"), content, { class: "full" });
  function show(r) {
    back.disabled = at <= 0;
    on.disabled = at < 0 || at >= others.length - 1;
    fill(
      side,
      el("div", { class: "row" }, back, on, badge(r.verdict), judgedBadge(r.judged)),
      judgeButtons(r, (now) => {
        changed?.(now);
        show(now);
      }),
      recordFacts(r)
    );
    viewer.show(pictureOf(r));
  }
  dialog.box.addEventListener("keydown", (event) => {
    if (event.target.tagName === "INPUT" || event.target.classList.contains("stage")) return;
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  show(record);
  return dialog.closed;
}

export function recordRow(record, open) {
  return el(
    "tr",
    { class: `row-${known(record.verdict)}` },
    el("td", {}, button(momentExact(record.time), open, { class: "link" })),
    el("td", {}, record.bank),
    el("td", {}, badge(record.verdict)),
    el("td", {}, judgedBadge(record.judged)),
    el("td", { class: "number" }, short(record.score ?? NaN)),
    el("td", { class: "name" }, el("bdi", {}, record.picture || "")),
    el("td", {}, record.source || ""),
    el("td", { class: "number" }, Number.isFinite(record.duration_ms) ? Math.round(record.duration_ms) : "")
  );
}
