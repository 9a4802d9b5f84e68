/* The choice of a product, kept from view to view. */
import { select, fill, el } from "./dom.js";
import { t } from "./words.js";
import { get } from "./api.js";
import { remembered, remember } from "./session.js";

/* first, last: entries around the products, [value, text], or nothing. changed(name) is called once at the beginning too.
 * Returns an element that fills itself. */
export function productChoice({ first, last, known = remembered("product") }, changed, signal) {
  const home = el("span", { class: "product-choice" });
  get("/v1/banks", {}, signal).then(
    (answer) => {
      const names = answer.banks.filter((bank) => bank.state !== "damaged").map((bank) => bank.name);
      const rows = [first, ...names.map((name) => [name, name]), names.length && last].filter(Boolean);
      if (!rows.length) {
        fill(home, el("a", { href: "#/teach" }, t("noProducts")));
        return;
      }
      const value = rows.some(([v]) => v === known) ? known : rows[0][0];
      fill(
        home,
        select(
          rows,
          value,
          (name) => {
            remember("product", name);
            changed(name);
          },
          { "aria-label": t("product"), id: "product" }
        )
      );
      changed(value);
    },
    (error) => fill(home, el("span", { class: "problem" }, error.message))
  );
  return home;
}
