/* The queue of parts that a person has to judge, one after the other, and what is done with the corrections. */
import { el, fill, button, select, announce } from "../dom.js";
import { t } from "../words.js";
import { get, pathOf } from "../api.js";
import { subscribe } from "../events.js";
import { productChoice } from "../products.js";
import { makeViewer } from "../viewer.js";
import { badge, judgedBadge, verdictWord } from "../verdict.js";
import { pictureOf, recordFacts, judgeRecord, kept } from "../records.js";
import { runJob } from "../jobs.js";
import { may } from "../session.js";

const LOT = 50;
const MOST_LEARNT = 500;

/* Parts that were called REVIEW or NG and that a person called OK: what the product has to learn. */
async function falseOnes(bank, signal) {
  const lots = await Promise.all(
    ["NG", "REVIEW"].map((verdict) => get("/v1/inspections", { bank, verdict, judged: "OK", limit: MOST_LEARNT }, signal))
  );
  return lots.flatMap((lot) => lot.inspections).filter((record) => kept(record, "picture"));
}

function corrections(state, signal) {
  const out = el("div"),
    place = el("section", { class: "panel" });
  async function draw() {
    if (!state.bank) {
      fill(place, el("h2", {}, t("corrections")), el("p", { class: "soft" }, t("chooseProduct")));
      return;
    }
    const [wrong, bank] = await Promise.all([
      falseOnes(state.bank, signal).catch(() => []),
      get(pathOf("/v1/banks", state.bank), {}, signal).catch(() => null)
    ]);
    const grows = !bank?.regions; /* one with regions does not: it is taught anew */
    const learn = button(
      t("learnCorrections", { n: wrong.length }),
      async () => {
        learn.disabled = true;
        const job = await runJob(out, { kind: "add", bank: state.bank, inspections: wrong.map((r) => r.id) }, signal);
        if (job?.state === "done") announce(t("added", { n: wrong.length }));
        learn.disabled = false;
      },
      { class: "primary", disabled: !wrong.length }
    );
    fill(
      place,
      el("h2", {}, t("corrections")),
      el("p", { class: "help" }, t(grows ? "correctionsHelp" : "addHelpRegions")),
      el(
        "div",
        { class: "row" },
        grows ? (may("engineer") ? learn : el("span", { class: "soft" }, t("engineersLearn"))) : null,
        el("a", { class: "button", href: pathOf("#/product", state.bank) }, t("setThresholds"))
      ),
      out
    );
  }
  return { element: place, draw };
}

export function review({ signal }) {
  const state = { bank: "", verdict: "REVIEW" },
    viewer = makeViewer(),
    side = el("aside", { class: "side" });
  const head = el("p", { class: "note", role: "status" }),
    work = el("div", { class: "with-side" }, viewer.element, side),
    none = el("p", { class: "empty", hidden: true }, t("nothingToReview"));
  const fix = corrections(state, signal);
  let queue = [],
    done = [],
    more = null,
    busy = false,
    turn = 0;

  function show() {
    const record = queue[0];
    head.textContent = queue.length ? t("toJudge", { n: queue.length, more: more ? "+" : "" }) : "";
    none.hidden = queue.length > 0;
    work.hidden = !record;
    undo.disabled = !done.length;
    if (!record) return;
    fill(
      side,
      el("p", { class: "verdict-line" }, badge(record.verdict), judgedBadge(record.judged)),
      el(
        "div",
        { class: "big-judge" },
        button([t("judgeOk"), el("kbd", {}, "O")], () => say("OK"), { class: "judge-ok" }),
        button([t("judgeNg"), el("kbd", {}, "N")], () => say("NG"), { class: "judge-ng" }),
        button([t("skip"), el("kbd", {}, "S")], skip)
      ),
      recordFacts(record)
    );
    viewer.show(pictureOf(record));
  }
  async function load() {
    const mine = ++turn;
    try {
      const answer = await get(
        "/v1/inspections",
        { bank: state.bank, verdict: state.verdict, judged: "none", limit: LOT },
        signal
      );
      if (mine !== turn) return; /* another product was chosen meanwhile */
      queue = answer.inspections;
      more = answer.next;
      done = [];
      show();
      fix.draw();
    } catch (error) {
      if (!signal.aborted) head.textContent = error.message;
    }
  }
  async function say(judged) {
    if (busy || !queue.length) return;
    busy = true;
    const record = queue[0];
    try {
      await judgeRecord(record, judged);
      queue.shift();
      done.push(record);
      announce(t("judgedAs", { verdict: verdictWord(judged) }));
      if (!queue.length && more) await load();
      else show();
      fix.draw();
    } catch (error) {
      head.textContent = error.message;
    }
    busy = false;
  }
  function skip() {
    if (queue.length > 1) queue.push(queue.shift());
    show();
  }
  async function takeBack() {
    const record = done.pop();
    if (!record) return;
    try {
      await judgeRecord(record, null);
      queue.unshift({ ...record, judged: null });
    } catch (error) {
      head.textContent = error.message;
      done.push(record);
    }
    show();
  }
  const undo = button(t("undo"), takeBack, { disabled: true });
  document.addEventListener(
    "keydown",
    (event) => {
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) ||
        document.querySelector("dialog[open]")
      )
        return;
      const act = { o: () => say("OK"), n: () => say("NG"), s: skip, u: takeBack }[event.key.toLowerCase()];
      if (act) {
        event.preventDefault();
        act();
      }
    },
    { signal }
  );
  subscribe(
    "inspection",
    (record) => {
      if (record.judged || (state.bank && record.bank !== state.bank) || (state.verdict && record.verdict !== state.verdict))
        return;
      queue.push(record);
      if (queue.length === 1) show();
      else head.textContent = t("toJudge", { n: queue.length, more: more ? "+" : "" });
    },
    signal
  );
  subscribe(
    "judged",
    (record) => {
      /* by somebody else: it need not be judged again */
      if (busy || !queue.some((r) => r.id === record.id)) return;
      queue = queue.filter((r) => r.id !== record.id);
      show();
    },
    signal
  );
  return {
    title: t("nav.review"),
    element: [
      el(
        "div",
        { class: "head" },
        el("h1", {}, t("nav.review")),
        el("label", { for: "product" }, t("product")),
        productChoice(
          { first: ["", t("allProducts")] },
          (name) => {
            state.bank = name;
            load();
          },
          signal
        ),
        select(
          [
            ["REVIEW", verdictWord("REVIEW")],
            ["NG", verdictWord("NG")],
            ["NOT_FOUND", verdictWord("NOT_FOUND")],
            ["OK", verdictWord("OK")]
          ],
          state.verdict,
          (v) => {
            state.verdict = v;
            load();
          },
          { "aria-label": t("verdictHead") }
        ),
        el("span", { class: "space" }),
        undo
      ),
      head,
      none,
      work,
      fix.element
    ]
  };
}
