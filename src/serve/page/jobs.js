/* Jobs of the server: learning, adding pictures, evaluating, exporting. */
import { el, fill, button, figures } from "./dom.js";
import { t, whole, percent, short, bytes } from "./words.js";
import { get, send, pathOf, download, pause } from "./api.js";
import { subscribe } from "./events.js";

const OVER = ["done", "failed", "cancelled"];
export function isOver(job) {
  return OVER.includes(job.state);
}
export function startJob(body) {
  return send("POST", "/v1/jobs", body);
}

/* Follows a job by its events, and by asking now and then, until it is over. */
export async function follow(id, seen, signal) {
  let wake = () => {};
  const over = new AbortController();
  signal?.addEventListener("abort", () => over.abort(), { once: true });
  subscribe(
    "job",
    (job) => {
      if (job.id === id) wake();
    },
    over.signal
  );
  try {
    for (;;) {
      const told = new Promise((resolve) => {
        wake = resolve;
      });
      const job = await get(pathOf("/v1/jobs", id), {}, over.signal);
      seen(job);
      if (isOver(job)) return job;
      await Promise.race([told.then(() => pause(150, over.signal)), pause(1500, over.signal)]);
    }
  } finally {
    over.abort();
  }
}

export function stageWord(job) {
  const key = `stage.${job.stage}`,
    word = t(key);
  return word === key ? job.stage || "" : word;
}

/* A bar with the stage beside it, and a button that cancels. Returns {element, show(job)}. */
export function jobProgress() {
  const bar = el("progress", { max: 1, "aria-label": t("progress") }),
    says = el("p", { class: "note", role: "status" });
  let id = null;
  const cancel = button(t("cancel"), () => {
    cancel.disabled = true;
    send("DELETE", pathOf("/v1/jobs", id)).catch((error) => {
      says.textContent = error.message;
    });
  });
  const home = el("div", { class: "progress" }, bar, says, cancel);
  return {
    element: home,
    show(job) {
      id = job.id;
      cancel.hidden = isOver(job);
      if (job.total > 0) bar.value = Math.min(1, job.done / job.total);
      else if (!isOver(job)) bar.removeAttribute("value");
      if (isOver(job)) bar.value = 1;
      const amount = job.total > 0 ? t("doneOf", { done: whole(job.done), total: whole(job.total) }) : "";
      const text = [
        t(`job.${job.state}`),
        job.state === "running" ? stageWord(job) : "",
        job.state === "running" ? amount : "",
        job.why || ""
      ]
        .filter(Boolean)
        .join(" \u00b7 ");
      if (says.textContent !== text) says.textContent = text;
    }
  };
}

export function jobFiles(job) {
  if (!job.files?.length) return null;
  return el(
    "ul",
    { class: "files" },
    job.files.map((file) =>
      el(
        "li",
        {},
        button(t("downloadFile", { name: file.name, size: bytes(file.bytes) }), () =>
          download(pathOf("/v1/jobs", job.id, "files", file.name), file.name)
        )
      )
    )
  );
}

/* What evaluating found: how many of the bad parts, how many false alarms. */
export function evaluationFigures(result) {
  return figures([
    result.ng ? [t("foundOf"), `${whole(result.found)} / ${whole(result.ng)}`, percent(result.found / result.ng)] : null,
    result.good
      ? [t("alarmsOf"), `${whole(result.false_alarms)} / ${whole(result.good)}`, percent(result.false_alarms / result.good)]
      : null,
    ...["review", "not_found", "not_inspected"].map((key) =>
      result[key] > 0 ? [t(`verdict.${key.toUpperCase()}`), whole(result[key])] : null
    ),
    Number.isFinite(result.image_auroc) ? [t("auroc"), short(result.image_auroc)] : null
  ]);
}

/* Runs a job from body to end inside `home`. Returns the job, or null where it could not begin. */
export async function runJob(home, body, signal) {
  const progress = jobProgress();
  fill(home, progress.element);
  try {
    const job = await startJob(body);
    return await follow(job.id, progress.show, signal);
  } catch (error) {
    if (signal?.aborted) throw error;
    fill(home, el("p", { class: "problem", role: "alert" }, error.message));
    return null;
  }
}
