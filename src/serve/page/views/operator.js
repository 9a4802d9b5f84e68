/* For the screen beside the machine: one verdict that is read from two metres, and nothing else. What is not sure is never
 * shown as OK: without a connection there is no verdict. */
import { el, fill, button } from "../dom.js";
import { t, short, clockTime } from "../words.js";
import { get } from "../api.js";
import { subscribe, connected } from "../events.js";
import { productChoice } from "../products.js";
import { counters } from "../counters.js";
import { known, sign, verdictWord } from "../verdict.js";
import { thumbnailPath, judgeButtons } from "../records.js";
import { loadInto } from "../api.js";

/* A screen that sleeps shows no verdict. */
async function stayAwake(signal) {
  const ask = async () => {
    try {
      const lock = await navigator.wakeLock.request("screen");
      signal.addEventListener("abort", () => lock.release().catch(() => {}), { once: true });
    } catch {
      /* not every browser can, and none where the page is hidden */
    }
  };
  if (!navigator.wakeLock) return;
  await ask();
  document.addEventListener(
    "visibilitychange",
    () => {
      if (!document.hidden) ask();
    },
    { signal }
  );
}

export function operator({ signal }) {
  const home = el("div", { class: "operator v-WAITING" }),
    big = el("div", { class: "big", role: "status", "aria-live": "assertive" }),
    count = counters(),
    judge = el("div");
  const picture = el("img", { alt: "", class: "operator-picture", hidden: true }),
    line = el("p", { class: "operator-line" });
  let bank = "",
    shown = null,
    day = "";

  function draw() {
    const verdict = !connected() ? "NO_CONNECTION" : shown ? known(shown.verdict) : "WAITING";
    home.setAttribute("class", `operator v-${verdict}`);
    if (verdict === "NO_CONNECTION" || verdict === "WAITING") {
      fill(big, sign("NOT_INSPECTED"), el("strong", {}, t(verdict === "WAITING" ? "waitingForParts" : "noConnectionBig")));
      fill(line, verdict === "WAITING" ? "" : t("noConnectionHelp"));
      picture.hidden = true;
      fill(judge);
      return;
    }
    fill(big, sign(verdict), el("strong", {}, verdictWord(verdict)));
    fill(
      line,
      `${shown.bank} \u00b7 ${t("score")} ${short(shown.score ?? NaN)} / ${short(shown.image_threshold ?? NaN)} \u00b7 ${clockTime(shown.time)}`,
      shown.why ? ` \u00b7 ${shown.why}` : ""
    );
    fill(judge, verdict === "OK" ? null : judgeButtons(shown));
  }
  async function drawPicture(record) {
    const path = thumbnailPath(record);
    picture.hidden = true;
    if (!path) return;
    try {
      await loadInto(picture, path, {}, signal);
      picture.alt = t("pictureOf", { name: record.picture || "" });
      picture.hidden = shown !== record || !connected();
    } catch {
      /* the verdict alone counts */
    }
  }
  function show(record) {
    shown = record;
    draw();
    drawPicture(record);
  }
  async function load() {
    shown = null;
    draw();
    try {
      const [stats, newest] = await Promise.all([
        get("/v1/stats", { bank, hours: 24 }, signal),
        get("/v1/inspections", { bank, limit: 1 }, signal)
      ]);
      count.set(stats.counts);
      if (!shown && newest.inspections[0]) show(newest.inspections[0]);
    } catch {
      /* draw() tells of the connection */
    }
  }
  subscribe(
    "inspection",
    (record) => {
      if (bank && record.bank !== bank) return;
      count.add(known(record.verdict));
      show(record);
    },
    signal
  );
  subscribe(
    "connection",
    (open) => {
      if (open) load();
      else draw();
    },
    signal
  );
  const clock = setInterval(() => {
    const now = new Date().toDateString(); /* counts are of the last day: begin anew with it */
    if (day && day !== now) load();
    day = now;
  }, 60000);
  signal.addEventListener("abort", () => {
    clearInterval(clock);
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  });
  stayAwake(signal);

  const full = button(t("fullScreen"), () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => {});
  });
  fill(
    home,
    el(
      "div",
      { class: "operator-bar" },
      el("h1", { class: "unseen" }, t("operatorView")),
      el("label", { class: "unseen", for: "product" }, t("product")),
      productChoice(
        { first: ["", t("allProducts")] },
        (name) => {
          bank = name;
          load();
        },
        signal
      ),
      el("span", { class: "space" }),
      full,
      el("a", { class: "button", href: "#/live" }, t("leaveOperator"))
    ),
    el("div", { class: "operator-main" }, el("div", { class: "operator-verdict" }, big, line, judge), picture),
    count.element
  );
  draw();
  return { title: t("operatorView"), element: [home], bare: true };
}
