/* How a product would do: good and bad pictures that are known are judged, and counted. */
import { el, fill, button } from "./dom.js";
import { t, short } from "./words.js";
import { upload, send, pathOf } from "./api.js";
import { pickPlace } from "./pick.js";
import { runJob, evaluationFigures, jobProgress } from "./jobs.js";
import { badge } from "./verdict.js";

/* The server tells good from bad by the folder that a name begins with. Numbers keep names apart that are alike. */
function named(kind, files) {
  return files.map((file, i) => ({ file, name: `${kind}/${String(i + 1).padStart(4, "0")}-${file.name}` }));
}

function wrongOnes(result) {
  const wrong = (result.pictures || []).filter((p) => (p.label === "ng" ? p.verdict === "OK" : p.verdict === "NG"));
  if (!wrong.length) return null;
  return el(
    "details",
    { open: wrong.length < 12 },
    el("summary", {}, t("wrongOnes", { n: wrong.length })),
    el(
      "ul",
      { class: "plain" },
      wrong.map((p) => el("li", {}, badge(p.verdict), " ", el("bdi", {}, p.name), ` ${short(p.score)}`))
    )
  );
}

/* bank: its name. */
export function evaluatePanel(bank, signal) {
  const chosen = { good: [], ng: [] },
    out = el("div"),
    counts = { good: el("span", { class: "soft", role: "status" }), ng: el("span", { class: "soft", role: "status" }) };
  const run = button(t("evaluateRun"), start, { class: "primary", disabled: true });
  function take(kind, files) {
    chosen[kind].push(...files);
    counts[kind].textContent = t("pictures", { n: chosen[kind].length });
    run.disabled = false;
  }
  async function start() {
    run.disabled = true;
    const all = named("good", chosen.good).concat(named("ng", chosen.ng)),
      names = new Map(all.map((a) => [a.file, a.name])),
      progress = jobProgress();
    fill(out, progress.element);
    try {
      const stored = await upload(
        all.map((a) => a.file),
        null,
        (done, total) => progress.show({ state: "running", stage: "upload", done, total }),
        signal,
        (file) => names.get(file)
      );
      const job = await runJob(out, { kind: "evaluate", bank, upload: stored.id }, signal);
      if (job?.state === "done") fill(out, evaluationFigures(job.result), wrongOnes(job.result));
      send("DELETE", pathOf("/v1/uploads", stored.id)).catch(() => {});
    } catch (error) {
      if (!signal.aborted) fill(out, el("p", { class: "problem", role: "alert" }, error.message));
    }
    run.disabled = false;
  }
  return el(
    "div",
    { class: "evaluate" },
    el(
      "div",
      { class: "two" },
      el(
        "div",
        {},
        el("h3", {}, t("goodParts"), " ", counts.good),
        pickPlace((files) => take("good", files), { compact: true, label: t("goodParts"), hint: t("dropGood") })
      ),
      el(
        "div",
        {},
        el("h3", {}, t("badParts"), " ", counts.ng),
        pickPlace((files) => take("ng", files), { compact: true, label: t("badParts"), hint: t("dropBad") })
      )
    ),
    run,
    out
  );
}
