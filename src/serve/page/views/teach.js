/* Teaching a product: pictures, regions, options, learning, and what came out. */
import { el, svg, fill, button, check, field, figures, announce } from "../dom.js";
import { t, whole, short, percent, digits } from "../words.js";
import { get, send, pathOf, upload, loadInto } from "../api.js";
import { pickPlace } from "../pick.js";
import { regionEditor } from "../regions.js";
import { optionForm } from "../options.js";
import { evaluatePanel } from "../evaluate.js";
import { startJob, follow, jobProgress } from "../jobs.js";
import { histogram, rangeOf, legend } from "../charts.js";
import { thumbnail } from "../viewer.js";
import { remember } from "../session.js";

const THUMB = 160;
const FEW = 10; /* good pictures below which thresholds promise little */

function step(number, heading, ...content) {
  const title = el("h2", {}, el("span", { class: "step-number", "aria-hidden": "true" }, number), heading);
  return el("section", { class: "panel step", "aria-label": `${number}. ${heading}` }, title, content);
}

class Lesson {
  constructor(name, signal) {
    this.signal = signal;
    this.name = name || "";
    this.upload = null;
    this.pictures = []; /* as the server has them: {name, width, height}; their place is their number there */
    this.left = new Set(); /* numbers that are not to be learnt */
    this.regions = [];
    this.found = null;
    this.threshold = 0.5;
  }
  path(...rest) {
    return pathOf("/v1/uploads", this.upload, ...rest);
  }
  thumb(n, size = THUMB) {
    return thumbnail(this.path("pictures", n), this.pictures[n].name, { size });
  }
  numbers() {
    return this.pictures.map((p, i) => i).filter((i) => !this.left.has(i));
  }
  first() {
    return this.numbers()[0];
  }
}

/* ---- 1 pictures ---- */

function picturesStep(lesson, changed) {
  const grid = el("ul", { class: "shots" }),
    says = el("p", { class: "note", role: "status" }),
    bar = el("progress", { max: 1, value: 0, hidden: true, "aria-label": t("progress") });
  const name = el("input", {
    type: "text",
    maxlength: 64,
    required: true,
    value: lesson.name,
    autocomplete: "off",
    oninput: () => {
      lesson.name = name.value.trim();
      changed();
    }
  });
  let queue = Promise.resolve();

  function draw() {
    fill(
      grid,
      lesson.numbers().map((n) =>
        el(
          "li",
          {},
          lesson.thumb(n),
          el("span", { class: "name" }, el("bdi", {}, lesson.pictures[n].name)),
          button(
            "\u2715",
            () => {
              lesson.left.add(n);
              draw();
              changed(true);
            },
            { class: "icon corner", "aria-label": t("leaveOut", { name: lesson.pictures[n].name }) }
          )
        )
      )
    );
    const n = lesson.numbers().length;
    says.textContent = n ? `${t("pictures", { n })}. ${n < FEW ? t("morePictures", { few: FEW }) : ""}` : "";
  }
  async function take(files) {
    bar.hidden = false;
    try {
      const answer = await upload(
        files,
        lesson.upload,
        (done, total) => {
          bar.value = done / total;
        },
        lesson.signal
      );
      lesson.upload = answer.id;
      lesson.pictures = (await get(lesson.path(), {}, lesson.signal)).pictures;
      draw();
      changed(true);
    } catch (error) {
      if (!lesson.signal.aborted) says.textContent = error.message;
    }
    bar.hidden = true;
  }
  /* One upload after the other: the first brings the number that the next ones go to. */
  const place = pickPlace(
    (files) => {
      queue = queue.then(() => take(files));
    },
    { hint: t("dropGood"), signal: lesson.signal, label: t("goodParts") }
  );
  return step(1, t("teach.pictures"), field(t("name"), name, t("nameHelp")), place, bar, says, grid);
}

/* ---- 2 regions ---- */

/* The regions where they were found, over the small picture. Boxes are told as they are before they are turned about their centre. */
function foundBoxes(picture, found) {
  return svg(
    "svg",
    { viewBox: `0 0 ${picture.width} ${picture.height}`, "aria-hidden": "true" },
    found.map(({ x, y, width, height, angle }) =>
      svg("rect", {
        x,
        y,
        width,
        height,
        transform: `rotate(${-angle} ${x + width / 2} ${y + height / 2})`,
        "vector-effect": "non-scaling-stroke"
      })
    )
  );
}

/* A few pictures at a time, so that progress is seen and no request is long. */
async function findInLots(lesson, said) {
  const LOT = 8,
    all = lesson.numbers(),
    found = { found: [], missing: [] };
  for (let i = 0; i < all.length; i += LOT) {
    const some = await send("POST", lesson.path("find"), {
      regions: lesson.regions,
      picture: lesson.first(),
      threshold: lesson.threshold,
      pictures: all.slice(i, i + LOT)
    });
    found.found.push(...some.found);
    found.missing.push(...some.missing);
    said(Math.min(1, (i + LOT) / all.length));
  }
  return found;
}

function foundList(lesson, out) {
  const byPicture = new Map();
  for (const f of lesson.found.found) byPicture.set(f.picture, [...(byPicture.get(f.picture) || []), f]);
  const missing = new Set(lesson.found.missing);
  const order = lesson.numbers().sort((a, b) => missing.has(b) - missing.has(a) || worst(a) - worst(b));
  function worst(n) {
    return Math.min(1, ...(byPicture.get(n) || []).map((f) => f.score));
  }
  fill(
    out,
    el(
      "p",
      { class: missing.size ? "warning" : "note", role: "status" },
      missing.size ? t("notFoundIn", { n: missing.size }) : t("foundInAll", { n: order.length })
    ),
    el(
      "ul",
      { class: "shots" },
      order.map((n) =>
        el(
          "li",
          { class: missing.has(n) ? "missing" : "" },
          el("span", { class: "found" }, lesson.thumb(n), foundBoxes(lesson.pictures[n], byPicture.get(n) || [])),
          el("span", { class: "name" }, missing.has(n) ? t("verdict.NOT_FOUND") : t("match", { score: percent(worst(n), 0) }))
        )
      )
    )
  );
}

function regionsStep(lesson) {
  const out = el("div"),
    place = el("div", { class: "soft" }, t("regionWaits"));
  const threshold = el("input", { type: "number", min: 0, max: 1, step: 0.05, value: "0.5" });
  const find = button(
    t("findRegions"),
    async () => {
      const bar = el("progress", { max: 1, value: 0, "aria-label": t("progress") });
      find.disabled = true;
      fill(out, bar);
      try {
        lesson.found = await findInLots(lesson, (part) => {
          bar.value = part;
        });
        foundList(lesson, out);
      } catch (error) {
        fill(out, el("p", { class: "problem", role: "alert" }, error.message));
      }
      find.disabled = !lesson.regions.length;
    },
    { disabled: true }
  );
  threshold.addEventListener("change", () => {
    lesson.threshold = Math.min(1, Math.max(0, +threshold.value || 0.5));
  });
  let editor = null,
    shown = -1;
  const home = step(
    2,
    t("teach.regions"),
    el("p", { class: "help" }, t("regionsWhy")),
    place,
    el("div", { class: "row end" }, field(t("regionThreshold"), threshold, t("regionThresholdHelp")), find),
    out
  );
  return {
    element: home,
    async refresh() {
      const n = lesson.first();
      if (n === undefined || n === shown) return;
      shown = n;
      if (!editor) {
        editor = regionEditor((regions) => {
          lesson.regions = regions;
          lesson.found = null;
          find.disabled = !regions.length;
          fill(out);
        });
        place.className = "";
        fill(place, editor.element);
      }
      const picture = lesson.pictures[n];
      await editor
        .setPicture(
          (image) => loadInto(image, lesson.path("pictures", n), { size: 2048 }, lesson.signal),
          picture.width,
          picture.height
        )
        .catch(() => {});
    }
  };
}

/* ---- 5 result ---- */

/* Pictures in the order in which a person should look at them: those that are doubtful first, then by score. */
function inDoubtOrder(result) {
  const doubtful = new Set(result.doubtful.map((d) => d.picture));
  return result.scores
    .map(({ picture, score }) => ({ picture, score, doubtful: doubtful.has(picture) }))
    .sort((a, b) => b.doubtful - a.doubtful || b.score - a.score);
}

function resultStep(lesson, job, learnAgain) {
  const result = job.result,
    leave = new Set(),
    order = inDoubtOrder(result);
  const again = button(
    t("learnWithout"),
    () => {
      leave.forEach((n) => lesson.left.add(n));
      learnAgain();
    },
    { disabled: true }
  );
  const numberOf = (name) => lesson.pictures.findIndex((p) => p.name === name);
  const shot = (row) => {
    const n = numberOf(row.picture);
    if (n < 0) return null;
    return el(
      "li",
      { class: row.doubtful ? "doubtful" : "" },
      lesson.thumb(n),
      el(
        "span",
        { class: "name" },
        row.doubtful ? el("span", { class: "badge v-REVIEW" }, t("doubtful")) : "",
        ` ${short(row.score)}`
      ),
      check(t("leaveOutShort"), false, (on) => {
        if (on) leave.add(n);
        else leave.delete(n);
        again.disabled = !leave.size;
      })
    );
  };
  const scores = order.map((row) => row.score).filter(Number.isFinite),
    image = result.image_threshold;
  const missing = result.not_found || [];
  return step(
    5,
    t("teach.result"),
    figures([
      [t("goodPictures"), whole(result.pictures ?? order.length)],
      result.rows ? [t("rows"), whole(result.rows)] : null,
      [t("threshold"), short(image ?? NaN)],
      [t("expectedAlarms"), percent(result.expected_false_alarms ?? NaN, 1), t("ofGood", { n: result.pictures ?? order.length })],
      missing.length ? [t("verdict.NOT_FOUND"), whole(missing.length), ""] : null
    ]),
    missing.length
      ? el("p", { class: "warning" }, t("leftOutNotFound", { n: missing.length }), " ", missing.slice(0, 12).join(", "))
      : null,
    result.warnings?.length
      ? el(
          "details",
          {},
          el("summary", {}, t("warnings", { n: result.warnings.length })),
          el(
            "ul",
            { class: "plain" },
            result.warnings.map((w) => el("li", {}, w.text))
          )
        )
      : null,
    scores.length && Number.isFinite(image)
      ? el(
          "div",
          { class: "chart-place" },
          histogram(t("histogramLearnt"), [{ cls: "fill-learnt", scores }], rangeOf(scores.concat(image)), {
            marks: [[image, "limit", `${t("threshold")} ${digits(image)}`]]
          }),
          legend([["fill-learnt", t("learntScores")]])
        )
      : null,
    order.length
      ? [
          el("h3", {}, t("doubtHead")),
          el("p", { class: "help" }, t("doubtHelp")),
          el("ul", { class: "shots tall" }, order.slice(0, 200).map(shot)),
          el("div", { class: "row" }, again)
        ]
      : null,
    el("h3", {}, t("expectFound")),
    el("p", { class: "help" }, t("evaluateHelp")),
    evaluatePanel(lesson.name, lesson.signal),
    el(
      "div",
      { class: "row" },
      el("a", { class: "button primary", href: "#/inspect" }, t("nowInspect")),
      el("a", { class: "button", href: pathOf("#/product", lesson.name) }, t("setThresholds"))
    )
  );
}

export function teach({ signal, parts }) {
  const lesson = new Lesson(parts[0], signal),
    result = el("div"),
    out = el("div"),
    options = el("div", {}, el("p", { class: "soft" }, t("loading")));
  const learn = button(t("learn"), start, { class: "primary", disabled: true }),
    hint = el("p", { class: "note" });
  let form = { values: () => ({}) },
    running = false,
    learnt = false;
  const regions = regionsStep(lesson);

  function changed(pictures) {
    const n = lesson.numbers().length;
    hint.textContent = !lesson.name ? t("giveName") : n < 2 ? t("givePictures") : "";
    learn.disabled = running || !lesson.name || n < 2;
    if (pictures) regions.refresh();
  }
  /* Pictures that were left out go from the upload, so that what is learnt is what is seen. */
  async function dropLeftOut() {
    for (const n of [...lesson.left].sort((a, b) => b - a)) await send("DELETE", lesson.path("pictures", n));
    if (!lesson.left.size) return;
    lesson.left.clear();
    lesson.pictures = (await get(lesson.path(), {}, signal)).pictures;
  }
  async function start() {
    const progress = jobProgress();
    running = true;
    changed(false);
    fill(result);
    fill(out, progress.element);
    try {
      await dropLeftOut();
      learnt = true;
      const job = await startJob({
        kind: "build",
        bank: lesson.name,
        upload: lesson.upload,
        options: form.values(),
        regions: lesson.regions.map((r) => ({ ...r, picture: 0, threshold: lesson.threshold }))
      });
      const over = await follow(job.id, progress.show, signal);
      if (over.state === "done") {
        fill(
          result,
          resultStep(lesson, over, () => {
            start();
            out.scrollIntoView({ block: "center" });
          })
        );
        announce(t("learnt", { name: lesson.name }));
        remember("product", lesson.name);
        result.scrollIntoView({ block: "start", behavior: "smooth" });
      }
    } catch (error) {
      if (!signal.aborted) fill(out, el("p", { class: "problem", role: "alert" }, error.message));
    }
    running = false;
    changed(true);
  }
  get("/v1/options", { verb: "build" }, signal).then(
    (rows) => {
      form = optionForm(Array.isArray(rows) ? rows : rows.options);
      fill(options, form.element);
    },
    (error) => fill(options, el("p", { class: "soft" }, error.message))
  );
  /* What was learnt stays, for showing good pictures beside bad ones; what was only tried goes. */
  signal.addEventListener("abort", () => {
    if (lesson.upload && !learnt) send("DELETE", pathOf("/v1/uploads", lesson.upload)).catch(() => {});
  });
  changed(false);
  return {
    title: t("teachTitle"),
    element: [
      el("h1", {}, parts[0] ? t("teachAnewTitle", { name: parts[0] }) : t("teachTitle")),
      el("p", { class: "lead" }, t("teachLead")),
      picturesStep(lesson, changed),
      regions.element,
      step(3, t("teach.options"), el("p", { class: "help" }, t("optionsHelp")), options),
      step(4, t("teach.learn"), hint, el("div", { class: "row" }, learn), out),
      result
    ]
  };
}
