/* Verdicts: their sign, word and colour, which always come together, and how they follow from a score. */
import { el, svg } from "./dom.js";
import { t } from "./words.js";

/* In order of what wants most attention. What is none of these counts as not inspected: only OK is OK. */
export const VERDICTS = ["NG", "NOT_FOUND", "NOT_INSPECTED", "REVIEW", "OK"];

export function known(verdict) {
  return VERDICTS.includes(verdict) ? verdict : "NOT_INSPECTED";
}

/* Each has a shape of its own, so that nobody needs the colour. */
const SHAPES = {
  OK: [
    ["circle", { cx: 12, cy: 12, r: 10 }],
    ["path", { d: "M7 12.5l3.5 3.5 6.5-7.5", class: "stroke" }]
  ],
  REVIEW: [
    ["path", { d: "M12 2.5L22.5 21H1.5z" }],
    ["path", { d: "M12 9v6M12 17.4v.8", class: "stroke" }]
  ],
  NG: [
    ["path", { d: "M7.9 2h8.2L22 7.9v8.2L16.1 22H7.9L2 16.1V7.9z" }],
    ["path", { d: "M8 8l8 8M16 8l-8 8", class: "stroke" }]
  ],
  NOT_FOUND: [
    ["rect", { x: 3, y: 3, width: 18, height: 18, class: "dashed" }],
    ["path", { d: "M7 17L17 7", class: "line" }]
  ],
  NOT_INSPECTED: [
    ["rect", { x: 2.5, y: 2.5, width: 19, height: 19, rx: 2 }],
    ["path", { d: "M7 12h10", class: "stroke" }]
  ]
};

export function sign(verdict) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: `sign sign-${known(verdict)}`, "aria-hidden": "true", focusable: "false" },
    SHAPES[known(verdict)].map(([tag, attributes]) => svg(tag, attributes))
  );
}

export function verdictWord(verdict) {
  return t(`verdict.${known(verdict)}`);
}

export function badge(verdict) {
  return el("span", { class: `badge v-${known(verdict)}` }, sign(verdict), verdictWord(verdict));
}

/* What a person said of the part. */
export function judgedBadge(judged) {
  return judged
    ? el("span", { class: `badge judged v-${known(judged)}` }, sign(judged), t("judgedAs", { verdict: verdictWord(judged) }))
    : null;
}

/* As the server does: float32, OK up to the lower end of the band, REVIEW up to the upper, NG above. */
export function judge(score, threshold, review) {
  if (!Number.isFinite(score) || !Number.isFinite(threshold)) return "NOT_INSPECTED";
  const s = Math.fround(score);
  if (review) return s > Math.fround(review[1]) ? "NG" : s > Math.fround(review[0]) ? "REVIEW" : "OK";
  return s > Math.fround(threshold) ? "NG" : "OK";
}

export function countsOf(given) {
  return Object.fromEntries(VERDICTS.map((v) => [v, Number(given?.[v]) || 0]));
}
export function total(counts) {
  return VERDICTS.reduce((sum, v) => sum + counts[v], 0);
}
/* The part of what was inspected that is OK; NaN of nothing. */
export function yieldOf(counts) {
  const all = total(counts);
  return all ? counts.OK / all : NaN;
}
