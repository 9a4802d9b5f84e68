/* All inspections, by filter. */
import { el, fill, button, select, table, field } from "../dom.js";
import { t } from "../words.js";
import { get, download } from "../api.js";
import { productChoice } from "../products.js";
import { VERDICTS, verdictWord } from "../verdict.js";
import { openRecord, recordRow } from "../records.js";

const LOT = 50;

/* Of an <input type="datetime-local">, which is in the time of this place; the server's are in UTC. */
function asTime(text) {
  const time = new Date(text);
  return text && !Number.isNaN(time.getTime()) ? time.toISOString() : "";
}

export function history({ signal, query }) {
  const filter = { bank: "", verdict: query.get("verdict") || "", judged: "", from: "", to: "" };
  const place = el("div"),
    says = el("p", { class: "note", role: "status" });
  const more = button(t("more"), () => load(false));
  let rows = [],
    next = null,
    turn = 0;

  function draw() {
    fill(
      place,
      table(
        t("nav.history"),
        [t("time"), t("product"), t("verdictHead"), t("judgedHead"), [t("score")], t("picture"), t("source"), [t("msHead")]],
        rows.map((record) => recordRow(record, () => openRecord(record, rows, draw)))
      )
    );
    says.textContent = rows.length ? t("shownRows", { n: rows.length, more: next ? "+" : "" }) : t("nothingFound");
    more.hidden = !next;
  }
  async function load(anew) {
    const mine = ++turn;
    try {
      const answer = await get("/v1/inspections", { ...filter, limit: LOT, before: anew ? "" : next }, signal);
      if (mine !== turn) return;
      rows = anew ? answer.inspections : rows.concat(answer.inspections);
      next = answer.next;
      draw();
    } catch (error) {
      if (!signal.aborted) says.textContent = error.message;
    }
  }
  const set = (key) => (value) => {
    filter[key] = value;
    load(true);
  };
  const time = (key) => {
    const input = el("input", { type: "datetime-local", onchange: () => set(key)(asTime(input.value)) });
    return input;
  };
  return {
    title: t("nav.history"),
    element: [
      el(
        "div",
        { class: "head" },
        el("h1", {}, t("nav.history")),
        el("span", { class: "space" }),
        button(t("downloadCsv"), () =>
          download("/v1/inspections", "inspections.csv", { ...filter, format: "csv", limit: "" }).catch((error) => {
            says.textContent = error.message;
          })
        )
      ),
      el(
        "div",
        { class: "filters" },
        el(
          "div",
          { class: "field" },
          el("label", { for: "product" }, t("product")),
          productChoice(
            { first: ["", t("allProducts")], known: query.get("bank") || "" },
            (name) => {
              filter.bank = name;
              load(true);
            },
            signal
          )
        ),
        field(
          t("verdictHead"),
          select([["", t("all")], ...VERDICTS.map((v) => [v, verdictWord(v)])], filter.verdict, set("verdict"))
        ),
        field(
          t("judgedHead"),
          select(
            [
              ["", t("all")],
              ["OK", t("judgeOk")],
              ["NG", t("judgeNg")],
              ["none", t("judgeNone")]
            ],
            "",
            set("judged")
          )
        ),
        field(t("from"), time("from")),
        field(t("to"), time("to"))
      ),
      says,
      place,
      more
    ]
  };
}
