/* The page: who is there, which view, which language, which colours. */
import { el, fill, button, select, field } from "./dom.js";
import { t, setLanguage, currentLanguage, languages } from "./words.js";
import { get, setToken } from "./api.js";
import { start, stop, subscribe, connected } from "./events.js";
import { session, setSession, may, remember, remembered } from "./session.js";
import { overview } from "./views/overview.js";
import { product } from "./views/product.js";
import { teach } from "./views/teach.js";
import { inspect } from "./views/inspect.js";
import { live } from "./views/live.js";
import { operator } from "./views/operator.js";
import { review } from "./views/review.js";
import { history } from "./views/history.js";
import { users } from "./views/users.js";

/* [first word of the address, view, role, stands in the menu] */
const VIEWS = [
  ["", overview, "operator", "overview"],
  ["teach", teach, "engineer", "teach"],
  ["inspect", inspect, "operator", "inspect"],
  ["live", live, "operator", "live"],
  ["review", review, "operator", "review"],
  ["history", history, "operator", "history"],
  ["users", users, "admin", "users"],
  ["product", product, "operator", null],
  ["operator", operator, "operator", null]
];

const page = { bar: document.getElementById("bar"), main: document.getElementById("main") };
let leaving = null;
let shown = null; /* the view, once there was one */
let signing = false;

/* "#/product/NAME?x=y" -> {view, parts, query} */
function addressed() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const words = path.split("/").map((word) => {
    try {
      return decodeURIComponent(word);
    } catch {
      return word;
    }
  });
  return {
    view: VIEWS.find(([name]) => name === words[0]) || VIEWS[0],
    parts: words.slice(1),
    query: new URLSearchParams(query || "")
  };
}

/* ---- colours ---- */

const dark = matchMedia("(prefers-color-scheme: dark)");
function useTheme() {
  const chosen = remembered("theme");
  document.documentElement.dataset.theme = chosen === "light" || chosen === "dark" ? chosen : dark.matches ? "dark" : "light";
}

/* What somebody chose here, or the first of the browser's that there is; else the server's. */
function chosenLanguage() {
  const there = languages.map(([name]) => name);
  return remembered("language") || navigator.languages.map((name) => name.slice(0, 2)).find((name) => there.includes(name));
}

/* ---- the bar ---- */

function connectionSign() {
  const place = el("span", { class: "connection", role: "status" });
  const draw = () => {
    place.dataset.open = String(connected());
    place.textContent = connected() ? t("connected") : t("noConnection");
  };
  subscribe("connection", draw);
  draw();
  return place;
}
const connection = connectionSign();

function drawBar(at) {
  const menu = VIEWS.filter(([, , role, word]) => word && may(role));
  fill(
    page.bar,
    el("a", { class: "brand", href: "#/" }, "okng"),
    el(
      "nav",
      { "aria-label": t("menu") },
      el(
        "ul",
        {},
        menu.map(([name, , , word]) =>
          el("li", {}, el("a", { href: `#/${name}`, "aria-current": at === name ? "page" : null }, t(`nav.${word}`)))
        )
      )
    ),
    el("span", { class: "space" }),
    connection,
    select(
      languages,
      currentLanguage(),
      (name) => {
        remember("language", name);
        setLanguage(name);
        show();
      },
      { "aria-label": t("language") }
    ),
    select(
      [
        ["auto", t("theme.auto")],
        ["light", t("theme.light")],
        ["dark", t("theme.dark")]
      ],
      remembered("theme") || "auto",
      (name) => {
        remember("theme", name);
        useTheme();
      },
      { "aria-label": t("theme") }
    ),
    session().needs_token
      ? button(t("signOut", { name: session().name }), () => {
          setToken("");
          stop();
          signIn();
        })
      : null
  );
  connection.textContent = connected() ? t("connected") : t("noConnection");
}

/* ---- views ---- */

function show() {
  const { view, parts, query } = addressed(),
    [name, make, role] = view;
  leaving?.abort();
  leaving = new AbortController();
  document.body.classList.remove("bare");
  drawBar(name);
  if (!may(role)) {
    fill(page.main, el("p", { class: "problem", role: "alert" }, t("notAllowed", { role: t(`role.${role}`) })));
    return;
  }
  const made = make({ signal: leaving.signal, parts, query });
  document.title = `${made.title} \u2013 okng`;
  document.body.classList.toggle("bare", Boolean(made.bare));
  fill(page.main, made.element);
  const heading = page.main.querySelector("h1"),
    first = shown === null;
  shown = name;
  if (heading && !first) {
    /* a page that has just been opened is read from its top */
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
  scrollTo(0, 0);
}

/* ---- signing in ---- */

/* False: the server wants a token that it knows. */
async function begin() {
  try {
    setSession(await get("/v1/session"));
  } catch (error) {
    if (error.status === 401) return false;
    throw error;
  }
  if (session().role === "none") return false;
  signing = false;
  setLanguage(chosenLanguage() || session().language);
  start();
  show();
  return true;
}

async function signIn() {
  if (signing) return;
  signing = true;
  leaving?.abort();
  fill(page.main);
  fill(page.bar, el("span", { class: "brand" }, "okng"));
  const box = el("input", { type: "password", required: true, autocomplete: "current-password", class: "mono" }),
    said = el("p", { class: "problem", role: "alert" });
  const form = el(
    "form",
    {
      class: "panel sign-in",
      onsubmit: async (event) => {
        event.preventDefault();
        setToken(box.value.trim());
        try {
          if (!(await begin())) said.textContent = t("tokenWrong");
        } catch (error) {
          said.textContent = error.message;
        }
      }
    },
    el("h1", {}, t("signIn")),
    el("p", { class: "help" }, t("signInHelp")),
    field(t("token"), box),
    said,
    el("div", { class: "row" }, el("button", { class: "primary" }, t("signIn")))
  );
  fill(page.main, form);
  document.title = `${t("signIn")} \u2013 okng`;
  box.focus();
}

async function main() {
  setLanguage(chosenLanguage());
  useTheme();
  dark.addEventListener("change", useTheme);
  const skip = document.getElementById("skip"); /* its address would be that of a view */
  skip.textContent = t("skipToMain");
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    page.main.focus();
  });
  addEventListener("hashchange", show);
  document.addEventListener("okng-sign-in", signIn);
  /* A picture that misses its place must not take the page's. */
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  try {
    if (!(await begin())) signIn();
  } catch (error) {
    fill(
      page.main,
      el("p", { class: "problem", role: "alert" }, error.message),
      button(t("again"), () => location.reload())
    );
  }
}
main();
