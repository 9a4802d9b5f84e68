/* The line as it runs: the last part, counts, last NG parts, yield of each hour, trend of the scores, sources and sinks. */
import { el, fill, button, table, announce } from "../dom.js";
import { t, whole, short, clockTime } from "../words.js";
import { get, send } from "../api.js";
import { subscribe, connected } from "../events.js";
import { productChoice } from "../products.js";
import { counters } from "../counters.js";
import { hourChart, trendChart, legend } from "../charts.js";
import { badge, known, sign, verdictWord, VERDICTS } from "../verdict.js";
import { thumbnail } from "../viewer.js";
import { openRecord, thumbnailPath } from "../records.js";
import { driftNote } from "./overview.js";
import { may } from "../session.js";

const LAST_NG = 12;
const HOURS = 24;
const REFRESH_MS = 30000;
const LINE_MS = 3000;

function shot(record, others) {
  const path = thumbnailPath(record),
    words = `${verdictWord(record.verdict)} ${clockTime(record.time)}`;
  return el(
    "li",
    {},
    button(
      [
        path ? thumbnail(path, "") : el("span", { class: "thumb none" }),
        badge(record.verdict),
        el("span", { class: "soft" }, clockTime(record.time)),
        el("span", { class: "number" }, short(record.score ?? NaN))
      ],
      () => openRecord(record, others),
      { class: "shot", "aria-label": `${words} ${record.picture || ""}` }
    )
  );
}

function ends(caption, rows, counted) {
  if (!rows?.length) return null;
  return el(
    "div",
    {},
    el("h3", {}, caption),
    table(
      caption,
      [t("name"), t("kindHead"), t("stateHead"), ...counted.map(([, head]) => [head])],
      rows.map((row) =>
        el(
          "tr",
          {},
          el("td", {}, row.name),
          el("td", {}, row.kind),
          el("td", {}, el("span", { class: `badge end-${row.state}` }, row.state), row.why ? el("small", {}, ` ${row.why}`) : ""),
          counted.map(([key]) => el("td", { class: "number" }, whole(row[key] ?? NaN)))
        )
      )
    )
  );
}

/* By hand: a trigger, another recipe. */
function lineControls() {
  const number = el("input", {
      type: "number",
      min: 0,
      step: 1,
      "aria-label": t("recipeNumber"),
      placeholder: t("recipeNumber")
    }),
    said = el("p", { class: "note", role: "status" });
  const act = (what) => async () => {
    try {
      await what();
      fill(said, t("sent"));
    } catch (error) {
      fill(said, error.message);
    }
  };
  return [
    el(
      "div",
      { class: "row" },
      button(
        t("trigger"),
        act(() => send("POST", "/v1/line/trigger"))
      ),
      may("engineer")
        ? [
            number,
            button(
              t("setRecipe"),
              act(() => send("PUT", "/v1/line/recipe", { number: Number(number.value) }))
            )
          ]
        : null
    ),
    said
  ];
}

function linePanel(signal) {
  const state = el("div"),
    controls = el("div", { hidden: true }, lineControls());
  async function draw() {
    let line;
    try {
      line = await get("/v1/line", {}, signal);
    } catch (error) {
      if (signal.aborted) return;
      controls.hidden = true;
      fill(state, el("p", { class: "soft" }, error.status === 404 ? t("noLine") : error.message));
      return;
    }
    controls.hidden = false;
    fill(
      state,
      line.bank ? el("p", {}, t("lineJudges", { bank: line.bank, recipe: line.recipe ?? "\u2013" })) : null,
      ends(t("sources"), line.sources, [
        ["frames", t("frames")],
        ["not_inspected", t("verdict.NOT_INSPECTED")]
      ]),
      ends(t("sinks"), line.sinks, [
        ["queued", t("queued")],
        ["sent", t("sentHead")],
        ["lost", t("lost")]
      ])
    );
  }
  subscribe("line", draw, signal);
  every(LINE_MS, draw, signal);
  draw();
  return [state, controls];
}

/* While the page is looked at and the server answers. */
function every(ms, act, signal) {
  const clock = setInterval(() => {
    if (connected() && !document.hidden) act();
  }, ms);
  signal.addEventListener("abort", () => clearInterval(clock));
}

export function live({ signal }) {
  const count = counters(),
    last = el("div", { class: "last", role: "status", "aria-live": "polite" }),
    strip = el("ul", { class: "strip" });
  const hours = el("div"),
    trend = el("div"),
    drift = el("div");
  let bank = "",
    threshold = NaN,
    ng = [];

  function drawLast(record) {
    fill(
      last,
      record
        ? el(
            "div",
            { class: `last-verdict v-${known(record.verdict)}` },
            sign(record.verdict),
            el("strong", {}, verdictWord(record.verdict)),
            el("span", {}, `${record.bank} \u00b7 ${clockTime(record.time)} \u00b7 ${t("score")} ${short(record.score ?? NaN)}`)
          )
        : el("p", { class: "soft" }, t("nothingYet"))
    );
  }
  function drawStrip() {
    fill(strip, ng.length ? ng.map((r) => shot(r, ng)) : el("li", { class: "soft" }, t("noNg")));
  }

  async function load() {
    try {
      const [stats, recent, newest] = await Promise.all([
        get("/v1/stats", { bank, hours: HOURS }, signal),
        get("/v1/inspections", { bank, verdict: "NG", limit: LAST_NG }, signal),
        get("/v1/inspections", { bank, limit: 1 }, signal)
      ]);
      count.set(stats.counts);
      ng = recent.inspections;
      drawStrip();
      drawLast(newest.inspections[0]);
      drawCharts(stats);
    } catch (error) {
      if (!signal.aborted) fill(last, el("p", { class: "problem" }, error.message));
    }
  }
  function drawCharts(stats) {
    fill(
      hours,
      hourChart(stats.hours || []),
      legend(VERDICTS.filter((v) => (stats.counts?.[v] || 0) > 0).map((v) => [`fill-${v}`, verdictWord(v)]))
    );
    fill(
      trend,
      bank
        ? [
            trendChart(stats.trend || [], threshold),
            legend([
              ["fill-median", t("median")],
              ["fill-upper", t("upperSpread")]
            ])
          ]
        : el("p", { class: "soft" }, t("trendOfOne"))
    );
    fill(
      drift,
      driftNote(stats.drift) ||
        el(
          "p",
          { class: "soft" },
          stats.drift?.state === "none"
            ? t("driftNone", { test: stats.drift.test || "" })
            : `${t("driftUnknown")} ${stats.drift?.text || ""}`
        )
    );
  }
  async function use(name) {
    bank = name;
    threshold = NaN;
    if (name)
      threshold = await get("/v1/banks", {}, signal).then(
        (answer) => answer.banks.find((b) => b.name === name)?.image_threshold ?? NaN,
        () => NaN
      );
    load();
  }
  subscribe(
    "inspection",
    (record) => {
      if (bank && record.bank !== bank) return;
      count.add(known(record.verdict));
      drawLast(record);
      if (record.verdict !== "NG") return;
      ng = [record, ...ng].slice(0, LAST_NG);
      drawStrip();
      announce(`${verdictWord("NG")} ${record.bank}`);
    },
    signal
  );
  subscribe(
    "connection",
    (open) => {
      if (open) load();
      else fill(last, el("p", { class: "warning" }, sign("REVIEW"), t("noConnection")));
    },
    signal
  );
  every(REFRESH_MS, () => get("/v1/stats", { bank, hours: HOURS }, signal).then(drawCharts, () => {}), signal);
  return {
    title: t("nav.live"),
    element: [
      el(
        "div",
        { class: "head" },
        el("h1", {}, t("nav.live")),
        el("label", { for: "product" }, t("product")),
        productChoice({ first: ["", t("allProducts")] }, use, signal),
        el("span", { class: "space" }),
        el("a", { class: "button primary", href: "#/operator" }, t("operatorView"))
      ),
      count.element,
      last,
      el("section", { class: "panel" }, el("h2", {}, t("lastNg")), strip),
      el(
        "div",
        { class: "charts" },
        el("section", { class: "panel" }, el("h2", {}, t("perHour")), hours),
        el("section", { class: "panel" }, el("h2", {}, t("scoreTrend")), drift, trend)
      ),
      el("section", { class: "panel" }, el("h2", {}, t("line")), linePanel(signal))
    ]
  };
}
