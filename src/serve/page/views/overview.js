/* All products at a glance: what they learnt, how they do, what wants attention. */
import { el, fill, button, table, figures, announce } from "../dom.js";
import { t, whole, short, moment, percent } from "../words.js";
import { get, send, pathOf } from "../api.js";
import { subscribe } from "../events.js";
import { thumbnail } from "../viewer.js";
import { shareBar } from "../charts.js";
import { countsOf, total, yieldOf, sign } from "../verdict.js";
import { may, remember } from "../session.js";
import { isOver, jobFiles, stageWord } from "../jobs.js";

const HOURS = 24;
const MOST_WAITING = 100;

function stateBadge(bank) {
  return el("span", { class: `badge state-${bank.state}` }, t(`state.${bank.state}`));
}

export function driftNote(drift) {
  if (drift?.state !== "warning") return null;
  return el(
    "p",
    { class: "warning" },
    sign("REVIEW"),
    el("span", {}, t("driftWarning"), drift.text ? el("small", {}, ` ${drift.text}`) : "")
  );
}

function dayOf(place, bank, signal) {
  get("/v1/stats", { bank: bank.name, hours: HOURS }, signal).then(
    (stats) => {
      const counts = countsOf(stats.counts);
      fill(
        place,
        total(counts)
          ? [
              shareBar(counts),
              el(
                "p",
                { class: "day" },
                ["OK", "REVIEW", "NG"].map((v) =>
                  el("span", { class: `count-${v}` }, sign(v), `${t(`verdict.${v}`)} ${whole(counts[v])}`)
                ),
                el("span", { class: "soft" }, t("yieldShort", { yield: percent(yieldOf(counts)) }))
              )
            ]
          : el("p", { class: "soft" }, t("nothingToday")),
        driftNote(stats.drift)
      );
    },
    () => fill(place)
  );
}

function card(bank, signal) {
  const day = el("div", { class: "day-place" });
  const ready = bank.state === "ready",
    link = pathOf("#/product", bank.name);
  const go = (where) => () => {
    remember("product", bank.name);
    location.hash = where;
  };
  if (ready) dayOf(day, bank, signal);
  return el(
    "li",
    { class: "card product" },
    el(
      "div",
      { class: "product-head" },
      thumbnail(pathOf("/v1/banks", bank.name, "thumbnail"), ""),
      el(
        "div",
        {},
        el("h2", {}, el("a", { href: link }, el("bdi", {}, bank.name))),
        el("p", { class: "soft" }, [bank.method, bank.backbone].filter(Boolean).join(" \u00b7 ")),
        el("p", {}, stateBadge(bank), bank.loaded ? el("span", { class: "badge" }, t("loaded")) : "")
      )
    ),
    bank.why ? el("p", { class: "problem" }, bank.why) : null,
    el(
      "p",
      { class: "line" },
      t("productLine", { n: bank.pictures ?? 0, threshold: short(bank.image_threshold ?? NaN) }),
      bank.regions ? ` \u00b7 ${t("regionsOf", { n: bank.regions })}` : "",
      el("br"),
      el("span", { class: "soft" }, t("changedAt", { time: moment(bank.modified) }))
    ),
    day,
    el(
      "div",
      { class: "row" },
      button(t("nav.inspect"), go("#/inspect"), { disabled: !ready, "aria-label": t("inspectProduct", { name: bank.name }) }),
      button(t("nav.live"), go("#/live"), { disabled: !ready, "aria-label": t("liveProduct", { name: bank.name }) }),
      button(
        t("details"),
        () => {
          location.hash = link;
        },
        { "aria-label": t("detailsProduct", { name: bank.name }) }
      )
    )
  );
}

function jobRow(job, again) {
  const act = async () => {
    try {
      await send("DELETE", pathOf("/v1/jobs", job.id));
      again();
    } catch (error) {
      announce(error.message);
    }
  };
  const amount = job.total > 0 && !isOver(job) ? percent(job.done / job.total, 0) : "";
  return el(
    "tr",
    {},
    el("td", {}, t(`kind.${job.kind}`)),
    el("td", {}, el("a", { href: pathOf("#/product", job.bank) }, job.bank)),
    el(
      "td",
      {},
      el("span", { class: `badge job-${job.state}` }, t(`job.${job.state}`)),
      " ",
      job.state === "running" ? `${stageWord(job)} ${amount}` : job.why || ""
    ),
    el("td", {}, job.started ? moment(job.started) : ""),
    el("td", {}, job.by || ""),
    el("td", {}, jobFiles(job)),
    el("td", {}, may("engineer") ? button(isOver(job) ? t("forget") : t("cancel"), act) : null)
  );
}

export function overview({ signal }) {
  const list = el("ul", { class: "products" }),
    jobs = el("section", {}),
    bin = el("section", {}),
    top = el("div");
  async function drawTop(all) {
    const damaged = all.filter((bank) => bank.state === "damaged").length;
    const [stats, waiting] = await Promise.all([
      get("/v1/stats", { hours: HOURS }, signal),
      get("/v1/inspections", { verdict: "REVIEW", judged: "none", limit: MOST_WAITING }, signal)
    ]).catch(() => [null, null]);
    const counts = countsOf(stats?.counts),
      n = waiting?.inspections.length;
    fill(
      top,
      figures([
        [t("products"), whole(all.length), damaged ? t("damagedOf", { n: damaged }) : ""],
        stats ? [t("inspectedDay"), whole(total(counts)), ""] : null,
        stats ? [t("yield"), percent(yieldOf(counts)), ""] : null,
        stats ? [t("verdict.NG"), whole(counts.NG), ""] : null,
        waiting ? [t("waitForPerson"), el("a", { href: "#/review" }, `${whole(n)}${waiting.next ? "+" : ""}`), ""] : null
      ])
    );
  }
  async function banks() {
    try {
      const all = (await get("/v1/banks", {}, signal)).banks;
      fill(
        list,
        all.map((bank) => card(bank, signal))
      );
      if (all.length) drawTop(all);
      else
        fill(
          top,
          el(
            "div",
            { class: "empty" },
            el("p", {}, t("noProducts")),
            may("engineer") ? el("a", { class: "button primary", href: "#/teach" }, t("teachFirst")) : null
          )
        );
    } catch (error) {
      if (!signal.aborted) fill(top, el("p", { class: "problem", role: "alert" }, error.message));
    }
  }
  async function drawJobs() {
    const all = await get("/v1/jobs", {}, signal).then(
      (answer) => answer.jobs || [],
      () => []
    );
    fill(
      jobs,
      all.length
        ? [
            el("h2", {}, t("jobs")),
            table(
              t("jobs"),
              [t("what"), t("product"), t("stateHead"), t("begun"), t("by"), t("files"), ""],
              all.map((job) => jobRow(job, drawJobs))
            )
          ]
        : null
    );
  }
  async function drawBin() {
    if (!may("engineer")) return;
    const all = await get("/v1/bin", {}, signal).then(
      (answer) => answer.bin || answer.banks || [],
      () => []
    );
    const act = (method, path) => async () => {
      try {
        await send(method, path);
      } catch (error) {
        announce(error.message);
      }
      drawBin();
      banks();
    };
    fill(
      bin,
      all.length
        ? el(
            "details",
            {},
            el("summary", {}, t("binHolds", { n: all.length })),
            table(
              t("bin"),
              [t("product"), t("deletedAt"), ""],
              all.map((old) =>
                el(
                  "tr",
                  {},
                  el("td", {}, old.name),
                  el("td", {}, moment(old.deleted)),
                  el(
                    "td",
                    {},
                    el(
                      "div",
                      { class: "row" },
                      button(t("restore"), act("POST", `${pathOf("/v1/bin", old.id)}/restore`)),
                      may("admin")
                        ? button(
                            t("deleteForGood"),
                            () => {
                              if (confirm(t("deleteForGoodAsk", { name: old.name }))) act("DELETE", pathOf("/v1/bin", old.id))();
                            },
                            { class: "danger" }
                          )
                        : null
                    )
                  )
                )
              )
            )
          )
        : null
    );
  }
  const all = () => {
    banks();
    drawJobs();
    drawBin();
  };
  let wait = 0;
  for (const kind of ["bank", "job"])
    subscribe(
      kind,
      () => {
        clearTimeout(wait);
        wait = setTimeout(all, 300);
      },
      signal
    );
  subscribe(
    "connection",
    (open) => {
      if (open) all();
    },
    signal
  );
  all();
  return {
    title: t("nav.overview"),
    element: [
      el(
        "div",
        { class: "head" },
        el("h1", {}, t("products")),
        el("span", { class: "space" }),
        may("engineer") ? el("a", { class: "button primary", href: "#/teach" }, t("teachNew")) : null
      ),
      top,
      list,
      jobs,
      bin
    ]
  };
}
