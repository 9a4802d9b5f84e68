/* Options of learning, made of the library's own tables: each with its default and what it does. */
import { el, select, field } from "./dom.js";
import { t } from "./words.js";

/* What engineers change most; the others are there, folded. */
const FIRST = ["preset", "method", "pixels", "coreset", "precision", "augment", "noise-robust"];
/* Files and devices are the server's own, and names of files would point anywhere. */
const LEFT_OUT = new Set(["weights", "vocabulary", "device", "max-memory", "max-pixels", "shorter", "threads", "seed"]);

function choicesOf(row) {
  const parts = (row.values || "").split("|");
  return row.type === "choice" || (parts.length > 1 && parts.every((p) => /^[a-z0-9-]+$/.test(p))) ? parts : null;
}

function control(row, given) {
  const initial = row.initial ?? "";
  const set = (value) => {
    if (value === "" || value === initial) given.delete(row.name);
    else given.set(row.name, value);
  };
  const choices = choicesOf(row);
  if (choices)
    return select(
      choices.includes(initial) ? choices.map((c) => [c, c]) : [["", t("byDefault")], ...choices.map((c) => [c, c])],
      choices.includes(initial) ? initial : "",
      set
    );
  const input = el("input", { type: "text", placeholder: initial || row.values || "", autocomplete: "off", spellcheck: "false" });
  input.addEventListener("change", () => set(input.value.trim()));
  return input;
}

function line(row, given) {
  const initial = row.initial ? t("defaultIs", { value: row.initial }) : "";
  return field(
    row.name,
    control(row, given),
    [row.help, row.values && !choicesOf(row) ? row.values : "", initial].filter(Boolean).join(" \u00b7 ")
  );
}

/* rows: of GET /v1/options. Returns {element, values(): what differs from the defaults}. */
export function optionForm(rows) {
  const given = new Map(),
    offered = rows.filter((row) => !LEFT_OUT.has(row.name));
  const first = FIRST.map((name) => offered.find((row) => row.name === name)).filter(Boolean),
    groups = new Map();
  for (const row of offered) {
    if (FIRST.includes(row.name)) continue;
    const name = row.group || t("otherOptions");
    groups.set(name, [...(groups.get(name) || []), row]);
  }
  return {
    element: el(
      "div",
      { class: "options" },
      el(
        "div",
        { class: "option-grid" },
        first.map((row) => line(row, given))
      ),
      [...groups].map(([name, some]) =>
        el(
          "details",
          {},
          el("summary", {}, name),
          el(
            "div",
            { class: "option-grid" },
            some.map((row) => line(row, given))
          )
        )
      )
    ),
    values: () => Object.fromEntries(given)
  };
}
