/* Counts of verdicts as a line sees them. */
import { el, fill } from "./dom.js";
import { t, whole, percent } from "./words.js";
import { VERDICTS, countsOf, sign, verdictWord, yieldOf, total } from "./verdict.js";

/* Returns {element, set(counts), add(verdict)}. */
export function counters() {
  const home = el("dl", { class: "counters", "aria-label": t("counts") });
  let counts = countsOf({});
  function draw() {
    const some = ["OK", "REVIEW", "NG", ...VERDICTS.filter((v) => v.startsWith("NOT_") && counts[v])];
    fill(
      home,
      some.map((v) =>
        el("div", { class: `counter v-${v}` }, el("dt", {}, sign(v), verdictWord(v)), el("dd", {}, whole(counts[v])))
      ),
      el("div", { class: "counter" }, el("dt", {}, t("yield")), el("dd", {}, total(counts) ? percent(yieldOf(counts)) : "\u2013"))
    );
  }
  draw();
  return {
    element: home,
    set(given) {
      counts = countsOf(given);
      draw();
    },
    add(verdict) {
      counts[verdict]++;
      draw();
    }
  };
}
