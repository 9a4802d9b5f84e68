/* Who may do what. A token is shown once, when it is made. */
import { el, fill, button, table, field, select, announce, openDialog } from "../dom.js";
import { t } from "../words.js";
import { get, send, pathOf } from "../api.js";
import { roles, session } from "../session.js";

async function showToken(answer) {
  const box = el("input", { type: "text", readonly: true, value: answer.token, class: "mono", "aria-label": t("token") }),
    said = el("p", { class: "note", role: "status" });
  const copy = button(
    t("copy"),
    async () => {
      box.select();
      try {
        await navigator.clipboard.writeText(answer.token);
        said.textContent = t("copied");
      } catch {
        said.textContent = t("copyByHand");
      }
    },
    { class: "primary" }
  );
  await openDialog(
    t("tokenOf", { name: answer.name }),
    el("div", {}, el("p", {}, t("tokenOnce")), el("div", { class: "row" }, box, copy), said)
  ).closed;
}

export function users({ signal }) {
  const place = el("div"),
    said = el("p", { class: "problem", role: "alert" });
  async function draw() {
    try {
      const all = (await get("/v1/users", {}, signal)).users;
      fill(
        place,
        all.length
          ? table(
              t("nav.users"),
              [t("name"), t("role"), ""],
              all.map((user) =>
                el(
                  "tr",
                  {},
                  el("td", {}, user.name),
                  el("td", {}, t(`role.${user.role}`)),
                  el(
                    "td",
                    {},
                    button(
                      t("delete"),
                      async () => {
                        if (!confirm(t("deleteUserAsk", { name: user.name }))) return;
                        try {
                          await send("DELETE", pathOf("/v1/users", user.name));
                        } catch (error) {
                          said.textContent = error.message;
                        }
                        draw();
                      },
                      {
                        class: "danger",
                        disabled: user.name === session().name,
                        "aria-label": t("deleteUser", { name: user.name })
                      }
                    )
                  )
                )
              )
            )
          : el("p", { class: "soft" }, t("noUsers"))
      );
    } catch (error) {
      if (!signal.aborted) said.textContent = error.message;
    }
  }
  const name = el("input", { type: "text", required: true, maxlength: 64, autocomplete: "off" });
  let role = roles[0];
  const form = el(
    "form",
    {
      class: "filters",
      onsubmit: async (event) => {
        event.preventDefault();
        said.textContent = "";
        try {
          const answer = await send("POST", "/v1/users", { name: name.value.trim(), role });
          name.value = "";
          announce(t("saved"));
          draw();
          await showToken(answer);
        } catch (error) {
          said.textContent = error.message;
        }
      }
    },
    field(t("name"), name),
    field(
      t("role"),
      select(
        roles.map((r) => [r, t(`role.${r}`)]),
        role,
        (r) => {
          role = r;
        }
      )
    ),
    el("button", { class: "primary" }, t("addUser"))
  );
  draw();
  return {
    title: t("nav.users"),
    element: [
      el("h1", {}, t("nav.users")),
      el("p", { class: "lead" }, session().needs_token ? t("usersLead") : t("usersLoopback")),
      place,
      el(
        "section",
        { class: "panel" },
        el("h2", {}, t("addUser")),
        el(
          "ul",
          { class: "plain soft" },
          roles.map((r) => el("li", {}, `${t(`role.${r}`)}: ${t(`roleHelp.${r}`)}`))
        ),
        form,
        said
      )
    ]
  };
}
