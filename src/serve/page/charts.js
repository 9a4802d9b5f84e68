/* Charts as SVG: scores, yield of each hour, trend. Every one says in words what it shows. */
import { el, svg } from "./dom.js";
import { t, short, percent, hourOf, whole, moment } from "./words.js";
import { VERDICTS, countsOf, total, yieldOf } from "./verdict.js";

const WIDE = 720;

function text(x, y, words, anchor, cls = "tick") {
  return svg("text", { x, y, "text-anchor": anchor || "start", class: cls }, words);
}

function frame(label, height) {
  return svg("svg", { viewBox: `0 0 ${WIDE} ${height}`, role: "img", "aria-label": label, class: "plot" });
}

/* The range of numbers with a margin; never empty. */
export function rangeOf(numbers) {
  let low = Infinity,
    high = -Infinity;
  for (const n of numbers)
    if (Number.isFinite(n)) {
      low = Math.min(low, n);
      high = Math.max(high, n);
    }
  if (!(low <= high)) return { low: 0, high: 1 };
  const margin = (high - low) * 0.04 || Math.abs(high) * 0.05 || 0.5;
  return { low: low - margin, high: high + margin };
}

/* Scores in bins, stacked by kind (classes of colour). marks: lines [value, class, name]; band: [low, high] or null.
 * aim(value) is called where somebody points at the plot. */
export function histogram(label, groups, range, { marks = [], band = null, aim = null } = {}) {
  const H = 200,
    TOP = 18,
    BOTTOM = 24,
    BINS = 60;
  const plot = frame(label, H),
    span = range.high - range.low,
    floor = H - BOTTOM;
  const x = (value) => ((value - range.low) / span) * WIDE;
  const bins = Array.from({ length: BINS }, () => groups.map(() => 0));
  groups.forEach(({ scores }, g) => {
    for (const s of scores)
      if (Number.isFinite(s)) bins[Math.max(0, Math.min(BINS - 1, Math.floor(((s - range.low) / span) * BINS)))][g]++;
  });
  const most = Math.max(1, ...bins.map((b) => b.reduce((sum, n) => sum + n, 0)));
  if (band)
    plot.append(
      svg("rect", { x: x(band[0]), y: TOP, width: Math.max(0, x(band[1]) - x(band[0])), height: floor - TOP, class: "band" })
    );
  bins.forEach((counts, i) => {
    let y = floor;
    counts.forEach((n, g) => {
      const height = n ? Math.max(2, (n / most) * (floor - TOP)) : 0;
      y -= height;
      if (n) plot.append(svg("rect", { x: (i * WIDE) / BINS + 0.5, y, width: WIDE / BINS - 1, height, class: groups[g].cls }));
    });
  });
  plot.append(svg("line", { x1: 0, x2: WIDE, y1: floor, y2: floor, class: "axis" }));
  for (let i = 0; i <= 4; i++) {
    const at = range.low + (span * i) / 4;
    plot.append(text(x(at), H - 8, short(at), i === 0 ? "start" : i === 4 ? "end" : "middle"));
  }
  plot.append(text(0, 11, t("most", { n: most })));
  for (const [value, cls, name] of marks) {
    if (!Number.isFinite(value)) continue;
    plot.append(svg("line", { x1: x(value), x2: x(value), y1: TOP, y2: floor, class: cls }));
    if (name)
      plot.append(
        text(x(value) + (x(value) > WIDE * 0.75 ? -4 : 4), TOP + 10, name, x(value) > WIDE * 0.75 ? "end" : "start", "mark")
      );
  }
  if (aim) pointAt(plot, (part) => aim(range.low + span * part));
  return plot;
}

function pointAt(plot, act) {
  const at = (event) => {
    const box = plot.getBoundingClientRect();
    act(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)));
  };
  plot.classList.add("aimed");
  plot.addEventListener("pointerdown", (event) => {
    plot.setPointerCapture(event.pointerId);
    at(event);
  });
  plot.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) at(event);
  });
}

export function legend(rows) {
  return el(
    "ul",
    { class: "legend" },
    rows.map(([cls, name]) =>
      el(
        "li",
        {},
        svg("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, svg("rect", { width: 12, height: 12, rx: 2, class: cls })),
        name
      )
    )
  );
}

/* Parts of each hour by verdict, with its yield above where that is not all. hours: as the server's stats have them, oldest first. */
export function hourChart(hours) {
  const H = 190,
    TOP = 26,
    BOTTOM = 24,
    LEFT = 34;
  const rows = hours.map((hour) => ({ from: hour.from, counts: countsOf(hour) }));
  const most = Math.max(1, ...rows.map((row) => total(row.counts)));
  const sum = countsOf(Object.fromEntries(VERDICTS.map((v) => [v, rows.reduce((n, row) => n + row.counts[v], 0)])));
  const plot = frame(t("hoursSays", { n: total(sum), yield: percent(yieldOf(sum)) }), H),
    floor = H - BOTTOM;
  const step = (WIDE - LEFT) / Math.max(1, rows.length);
  plot.append(text(LEFT - 6, TOP + 4, whole(most), "end"), text(LEFT - 6, floor, "0", "end"));
  rows.forEach((row, i) => {
    const left = LEFT + i * step,
      all = total(row.counts);
    let y = floor;
    for (const v of [...VERDICTS].reverse()) {
      const height = row.counts[v] ? Math.max(2, (row.counts[v] / most) * (floor - TOP)) : 0;
      y -= height;
      if (height)
        plot.append(
          svg(
            "rect",
            { x: left + 2, y, width: Math.max(2, step - 4), height, class: `fill-${v}` },
            svg("title", {}, `${hourOf(row.from)}  ${t(`verdict.${v}`)} ${row.counts[v]}`)
          )
        );
    }
    if (all && row.counts.OK < all && step >= 26)
      plot.append(text(left + step / 2, y - 4, percent(yieldOf(row.counts), 0), "middle", "mark"));
    if (i % Math.ceil(rows.length / 8) === 0) plot.append(text(left + 2, H - 8, hourOf(row.from)));
  });
  plot.append(svg("line", { x1: LEFT, x2: WIDE, y1: floor, y2: floor, class: "axis" }));
  return plot;
}

/* Median and upper spread of the scores over time, and the threshold. */
export function trendChart(trend, threshold) {
  const H = 190,
    TOP = 12,
    BOTTOM = 24,
    LEFT = 44;
  const points = trend.filter((p) => Number.isFinite(p.median));
  const range = rangeOf(points.flatMap((p) => [p.median, p.p84]).concat(Number.isFinite(threshold) ? [threshold] : []));
  const first = new Date(points[0]?.time).getTime(),
    last = new Date(points.at(-1)?.time).getTime();
  const x = (p) => LEFT + (last > first ? (new Date(p.time).getTime() - first) / (last - first) : 0.5) * (WIDE - LEFT - 8);
  const y = (value) => TOP + ((range.high - value) / (range.high - range.low)) * (H - TOP - BOTTOM);
  const says = points.length
    ? t("trendSays", { n: points.length, first: short(points[0].median), last: short(points.at(-1).median) })
    : t("noScores");
  const plot = frame(says, H),
    path = (key) => points.map((p, i) => `${i ? "L" : "M"}${x(p).toFixed(1)} ${y(p[key]).toFixed(1)}`).join("");
  for (let i = 0; i <= 2; i++) {
    const value = range.high - ((range.high - range.low) * i) / 2;
    plot.append(
      svg("line", { x1: LEFT, x2: WIDE, y1: y(value), y2: y(value), class: "grid" }),
      text(LEFT - 6, y(value) + 4, short(value), "end")
    );
  }
  if (!points.length) return plot;
  plot.append(svg("path", { d: path("p84"), class: "upper" }), svg("path", { d: path("median"), class: "median" }));
  if (points.length < 60)
    for (const p of points)
      plot.append(
        svg(
          "circle",
          { cx: x(p), cy: y(p.median), r: 2.5, class: "dot" },
          svg("title", {}, `${moment(p.time)}  ${short(p.median)}  n = ${p.n}`)
        )
      );
  if (Number.isFinite(threshold))
    plot.append(
      svg("line", { x1: LEFT, x2: WIDE, y1: y(threshold), y2: y(threshold), class: "limit" }),
      text(WIDE - 4, y(threshold) - 4, t("threshold"), "end", "mark")
    );
  plot.append(text(LEFT, H - 8, moment(points[0].time)), text(WIDE, H - 8, moment(points.at(-1).time), "end"));
  return plot;
}

/* A bar of the shares of verdicts, with the numbers in words below it. */
export function shareBar(counts) {
  const all = total(counts),
    bar = svg("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", class: "share", "aria-hidden": "true" });
  let x = 0;
  for (const v of ["OK", "REVIEW", "NG", "NOT_FOUND", "NOT_INSPECTED"]) {
    const width = all ? (100 * counts[v]) / all : 0;
    if (width) bar.append(svg("rect", { x, y: 0, width, height: 6, class: `fill-${v}` }));
    x += width;
  }
  return bar;
}
