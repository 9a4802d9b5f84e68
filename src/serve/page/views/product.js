/* One product: thresholds, what it is, adding pictures, trying it on known parts, files for elsewhere, changes. */
import { el, fill, button, facts, table, field, openDialog, announce } from "../dom.js";
import { t, whole, short, bytes, moment, momentExact } from "../words.js";
import { get, send, pathOf, upload } from "../api.js";
import { subscribe } from "../events.js";
import { thumbnail } from "../viewer.js";
import { thresholdPanel } from "../thresholds.js";
import { evaluatePanel } from "../evaluate.js";
import { pickPlace } from "../pick.js";
import { runJob, jobFiles, jobProgress } from "../jobs.js";
import { may, remember } from "../session.js";

function section(heading, ...content) {
  return el("section", { class: "panel" }, el("h2", {}, heading), content);
}

function about(bank) {
  return facts([
    [t("method"), [bank.method, bank.backbone].filter(Boolean).join(" \u00b7 ")],
    [t("goodPictures"), whole(bank.pictures ?? NaN)],
    [t("rows"), whole(bank.rows ?? NaN)],
    [t("size"), bytes(bank.bytes ?? NaN)],
    [t("changed"), moment(bank.modified)],
    [t("regions"), bank.regions ? whole(bank.regions) : t("wholePicture")],
    Number.isFinite(bank.recipe_number) ? [t("recipeNumber"), String(bank.recipe_number)] : null,
    bank.hash ? [t("hash"), el("code", { title: bank.hash }, bank.hash.slice(0, 16))] : null
  ]);
}

function addPanel(name, signal, again) {
  const out = el("div");
  return [
    el("p", { class: "help" }, t("addHelp")),
    pickPlace(
      async (files) => {
        const progress = jobProgress();
        fill(out, progress.element);
        try {
          const stored = await upload(
            files,
            null,
            (done, total) => progress.show({ state: "running", stage: "upload", done, total }),
            signal
          );
          const job = await runJob(out, { kind: "add", bank: name, upload: stored.id }, signal);
          if (job?.state === "done") {
            announce(t("added", { n: files.length }));
            again();
          }
        } catch (error) {
          if (!signal.aborted) fill(out, el("p", { class: "problem", role: "alert" }, error.message));
        }
      },
      { compact: true, label: t("addPictures") }
    ),
    out
  ];
}

/* A bank with regions does not grow; it is taught anew. */
function addRefused() {
  return el("p", { class: "help" }, t("addHelpRegions"));
}

function exportPanel(name, bank, signal) {
  const out = el("div");
  const start = (body) => async () => {
    const job = await runJob(out, { bank: name, ...body }, signal);
    if (job?.state === "done") fill(out, jobFiles(job) || el("p", { class: "note" }, t("job.done")));
  };
  return [
    el("p", { class: "help" }, t(bank.regions ? "exportHelpRegions" : "exportHelp")),
    el(
      "div",
      { class: "row" },
      button(t("exportRecipe"), start({ kind: "pack" })),
      bank.regions ? null : button("ONNX", start({ kind: "export", format: "onnx" })),
      bank.regions ? null : button("OpenVINO", start({ kind: "export", format: "openvino" }))
    ),
    out
  ];
}

function said(value) {
  return value === null || value === undefined
    ? "\u2013"
    : Array.isArray(value)
      ? value.map(said).join(" \u2026 ")
      : typeof value === "number"
        ? short(value)
        : String(value);
}

/* What a change was: "image 0.76 -> 0.83". Before and after are values, or objects of values of which some differ. */
function difference({ before, after }) {
  const values = (v) => (v !== null && typeof v === "object" && !Array.isArray(v) ? v : { "": v });
  const was = values(before),
    is = values(after),
    keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return keys
    .filter((key) => JSON.stringify(was[key] ?? null) !== JSON.stringify(is[key] ?? null))
    .map((key) => `${key} ${said(was[key])} \u2192 ${said(is[key])}`.trim())
    .join(", ");
}

function changesPanel(name, signal) {
  const place = el("div");
  get("/v1/changes", { bank: name, limit: 20 }, signal).then(
    (answer) => {
      fill(
        place,
        answer.changes.length
          ? table(
              t("changes"),
              [t("time"), t("by"), t("what")],
              answer.changes.map((c) =>
                el(
                  "tr",
                  {},
                  el("td", {}, momentExact(c.time)),
                  el("td", {}, c.by || ""),
                  el("td", { class: "wrap" }, c.what, el("small", {}, ` ${difference(c)}`))
                )
              )
            )
          : el("p", { class: "soft" }, t("noChanges"))
      );
    },
    (error) => fill(place, el("p", { class: "soft" }, error.message))
  );
  return place;
}

async function rename(name) {
  const box = el("input", { type: "text", value: name, maxlength: 64, required: true }),
    said = el("p", { class: "problem", role: "alert" });
  const form = el(
    "form",
    {
      onsubmit: async (event) => {
        event.preventDefault();
        try {
          await send("PATCH", pathOf("/v1/banks", name), { name: box.value.trim() });
          dialog.close("done");
        } catch (error) {
          said.textContent = error.message;
        }
      }
    },
    field(t("name"), box, t("nameHelp")),
    said,
    el("div", { class: "row" }, el("button", { class: "primary" }, t("rename")))
  );
  const dialog = openDialog(t("rename"), form);
  if ((await dialog.closed) === "done") location.hash = pathOf("#/product", box.value.trim());
}

async function remove(name) {
  if (!confirm(t("deleteAsk", { name }))) return;
  try {
    await send("DELETE", pathOf("/v1/banks", name));
    announce(t("deleted"));
    location.hash = "#/";
  } catch (error) {
    announce(error.message);
    alert(error.message);
  }
}

export function product({ signal, parts }) {
  const name = parts[0],
    home = el("div");
  remember("product", name);
  const go = (where) => () => {
    location.hash = where;
  };
  async function draw() {
    let bank;
    try {
      bank = await get(pathOf("/v1/banks", name), {}, signal);
    } catch (error) {
      if (!signal.aborted) fill(home, el("p", { class: "problem", role: "alert" }, error.message));
      return;
    }
    const engineer = may("engineer");
    fill(
      home,
      bank.why ? el("p", { class: "problem" }, bank.why) : null,
      el(
        "div",
        { class: "product-page" },
        el(
          "div",
          {},
          section(
            t("thresholds"),
            Number.isFinite(bank.image_threshold)
              ? thresholdPanel(name, bank, engineer, draw)
              : el("p", { class: "soft" }, t("noThreshold"))
          ),
          engineer ? section(t("evaluate"), el("p", { class: "help" }, t("evaluateHelp")), evaluatePanel(name, signal)) : null,
          engineer ? section(t("changes"), changesPanel(name, signal)) : null
        ),
        el(
          "div",
          {},
          section(t("about"), thumbnail(pathOf("/v1/banks", name, "thumbnail"), t("goodPicture")), about(bank)),
          engineer ? section(t("addPictures"), bank.regions ? addRefused() : addPanel(name, signal, draw)) : null,
          engineer ? section(t("takeAway"), exportPanel(name, bank, signal)) : null,
          engineer
            ? section(
                t("manage"),
                el(
                  "div",
                  { class: "row" },
                  button(t("rename"), () => rename(name)),
                  el("a", { class: "button", href: pathOf("#/teach", name) }, t("teachAnew")),
                  button(t("delete"), () => remove(name), { class: "danger" })
                )
              )
            : null
        )
      )
    );
  }
  subscribe(
    "bank",
    (event) => {
      if (event.name === name && event.what !== "loaded") draw();
    },
    signal
  );
  draw();
  return {
    title: name,
    element: [
      el(
        "div",
        { class: "head" },
        el("h1", {}, el("bdi", {}, name)),
        el("span", { class: "space" }),
        button(t("nav.inspect"), go("#/inspect"), { class: "primary" }),
        button(t("nav.live"), go("#/live")),
        button(t("nav.review"), go("#/review")),
        button(t("nav.history"), go("#/history"))
      ),
      home
    ]
  };
}
