/* The threshold and the review band beside the scores of the history: a move re-judges all of it at once. */
import { el, fill, button, check, figures, field, announce } from "./dom.js";
import { t, digits, short, whole } from "./words.js";
import { get, send, pathOf } from "./api.js";
import { histogram, legend, rangeOf } from "./charts.js";
import { judge, countsOf, VERDICTS } from "./verdict.js";

const HISTORY = 20000;

function tally(scores, threshold, review) {
  const c = { ...countsOf({}), bad: 0, found: 0, doubt: 0, good: 0, alarms: 0 };
  for (const s of scores) {
    const now = judge(s.score, threshold, review);
    c[now]++;
    if (s.judged === "NG") {
      c.bad++;
      c.found += now === "NG";
      c.doubt += now === "REVIEW";
    }
    if (s.judged === "OK") {
      c.good++;
      c.alarms += now === "NG";
    }
  }
  return c;
}

function slider(label, help, set) {
  const bar = el("input", { type: "range", min: 0, max: 2000, step: 1, "aria-label": label }),
    box = el("input", { type: "number", step: "any" });
  let range = { low: 0, high: 1 };
  bar.addEventListener("input", () => set(range.low + ((range.high - range.low) * bar.value) / 2000));
  box.addEventListener("change", () => {
    if (box.value !== "" && Number.isFinite(+box.value)) set(+box.value);
  });
  const row = el("div", { class: "slider" }, field(label, box, help), bar);
  return {
    element: row,
    show(value, within) {
      range = within;
      bar.value = String(Math.round((2000 * (value - range.low)) / (range.high - range.low)));
      bar.setAttribute("aria-valuetext", digits(value));
      if (document.activeElement !== box) box.value = digits(value);
    },
    allow(on) {
      bar.disabled = box.disabled = !on;
    }
  };
}

/* bank: its description as the server gives it. may: whether this user may save. saved(description) after a change. */
export function thresholdPanel(name, bank, may, saved) {
  const home = el("div", { class: "thresholds" });
  const now = { image: bank.image_threshold, review: bank.review ? [...bank.review] : null };
  const was = { image: bank.image_threshold, review: bank.review ? [...bank.review] : null };
  const wasPixel = Number.isFinite(bank.pixel_threshold) ? digits(bank.pixel_threshold) : "";
  let scores = [],
    range = rangeOf([was.image]);

  const plot = el("div", { class: "chart-place" }),
    counts = el("div"),
    told = el("p", { class: "note", role: "status" });
  const upper = slider(t("threshold"), t("thresholdHelp"), (value) => move("image", value));
  const lower = slider(t("reviewFrom"), t("reviewHelp"), (value) => move("low", value));
  const band = check(t("reviewBand"), Boolean(now.review), (on) => {
    now.review = on
      ? [was.review && was.review[0] < now.image ? was.review[0] : now.image - (range.high - range.low) * 0.1, now.image]
      : null;
    draw();
  });
  const pixel = el("input", { type: "number", step: "any", value: wasPixel });
  const save = button(t("save"), keep, { class: "primary" }),
    back = button(t("undo"), undo);
  const reset = button(t("resetThresholds"), () => change({ reset: true }));

  const proposal = button(t("propose"), propose);

  function move(which, value) {
    const v = Math.fround(value);
    if (which === "image") {
      now.image = v;
      if (now.review) now.review = [Math.min(now.review[0], v), v];
    } else if (now.review) now.review = [Math.min(v, now.image), now.image];
    draw();
  }
  function undo() {
    now.image = was.image;
    now.review = was.review && [...was.review];
    pixel.value = wasPixel;
    draw();
  }
  /* What a PATCH would say; empty where nothing was moved. */
  function differences() {
    const body = {};
    if (now.image !== was.image) body.image = now.image;
    if (JSON.stringify(now.review) !== JSON.stringify(was.review)) body.review = now.review;
    if (pixel.value !== "" && pixel.value !== wasPixel) body.pixel = +pixel.value;
    return body;
  }

  function change(body) {
    return send("PATCH", pathOf("/v1/banks", name), body).then(
      (answer) => {
        announce(t("saved"));
        saved(answer);
      },
      (error) => {
        told.textContent = error.message;
      }
    );
  }
  function keep() {
    return change(differences());
  }

  function drawCounts() {
    const before = tally(scores, was.image, was.review),
      after = tally(scores, now.image, now.review);
    const cell = (v) => [t(`verdict.${v}`), whole(after[v]), after[v] !== before[v] ? t("before", { n: before[v] }) : ""];
    fill(
      counts,
      figures(
        [
          ...VERDICTS.filter((v) => v === "NG" || v === "REVIEW" || v === "OK").map(cell),
          after.bad
            ? [
                t("foundOf"),
                `${whole(after.found)} / ${whole(after.bad)}`,
                after.doubt ? t("ofThemReview", { n: after.doubt }) : ""
              ]
            : null,
          after.good ? [t("alarmsOf"), `${whole(after.alarms)} / ${whole(after.good)}`, ""] : null
        ],
        { class: "figures tight" }
      )
    );
  }
  /* As okng tune proposes it, of what people judged. It is shown, and saved by who agrees. */
  async function propose() {
    try {
      const answer = await get(`${pathOf("/v1/banks", name)}/proposal`);
      if (Number.isFinite(answer.image.proposed)) move("image", answer.image.proposed);
      told.textContent = t("proposed", {
        threshold: short(answer.image.proposed ?? NaN),
        ok: answer.judged_ok,
        ng: answer.judged_ng
      });
    } catch (error) {
      told.textContent = error.message;
    }
  }
  function draw() {
    const groups = [
      { cls: "fill-OK", scores: scores.filter((s) => judge(s.score, now.image, now.review) === "OK").map((s) => s.score) },
      {
        cls: "fill-REVIEW",
        scores: scores.filter((s) => judge(s.score, now.image, now.review) === "REVIEW").map((s) => s.score)
      },
      { cls: "fill-NG", scores: scores.filter((s) => judge(s.score, now.image, now.review) === "NG").map((s) => s.score) },
      { cls: "fill-learnt", scores: scores.length ? [] : bank.scores || [] }
    ];
    fill(
      plot,
      histogram(
        scores.length ? t("histogramSays", { n: scores.length, threshold: digits(now.image) }) : t("histogramLearnt"),
        groups,
        range,
        {
          marks: [
            [was.image, "was", now.image === was.image ? "" : t("inForce")],
            [now.image, "limit", ""]
          ],
          band: now.review,
          aim: may ? (value) => move("image", value) : null
        }
      ),
      legend(
        scores.length
          ? [
              ["fill-OK", t("verdict.OK")],
              ["fill-REVIEW", t("verdict.REVIEW")],
              ["fill-NG", t("verdict.NG")]
            ]
          : [["fill-learnt", t("learntScores")]]
      )
    );
    upper.show(now.image, range);
    lower.element.hidden = !now.review;
    band.firstChild.checked = Boolean(now.review);
    if (now.review) lower.show(now.review[0], range);
    drawCounts();
    const moved = Object.keys(differences()).length > 0;
    save.disabled = back.disabled = !moved || !may;
    told.textContent = moved ? t("notSaved", { from: short(was.image), to: short(now.image) }) : "";
  }

  pixel.addEventListener("input", draw);
  upper.allow(may);
  lower.allow(may);
  band.firstChild.disabled = pixel.disabled = proposal.disabled = reset.disabled = !may;
  home.append(
    plot,
    counts,
    el(
      "div",
      { class: "sliders" },
      upper.element,
      el("div", {}, band, lower.element),
      field(t("pixelThreshold"), pixel, t("pixelThresholdHelp"))
    ),
    told,
    el("div", { class: "row" }, save, back, proposal, reset)
  );
  draw();
  get("/v1/inspections/scores", { bank: name, limit: HISTORY }).then(
    (answer) => {
      scores = answer.scores.filter((s) => Number.isFinite(s.score));
      range = rangeOf(scores.map((s) => s.score).concat(was.image, was.review || [], scores.length ? [] : bank.scores || []));
      draw();
    },
    (error) => {
      told.textContent = error.message;
      range = rangeOf((bank.scores || []).concat(was.image));
      draw();
    }
  );
  return home;
}
