/* The words of the page in the language that is chosen. en.js and ko.js hold them all, under the same keys. */
import en from "./en.js";
import ko from "./ko.js";

const tables = { en, ko };
export const languages = [
  ["en", "English"],
  ["ko", "\ud55c\uad6d\uc5b4"]
];
let language = "en";

export function currentLanguage() {
  return language;
}

export function setLanguage(name) {
  language = tables[name] ? name : "en";
  document.documentElement.lang = language;
  document.documentElement.dataset.close = t("close");
}

/* "{n} picture|{n} pictures" takes the first where n is 1. Other values in braces are put in as they are. */
export function t(key, values) {
  let text = tables[language][key];
  if (text === undefined) return key;
  const forms = text.split("|");
  if (values && forms.length > 1) text = values.n === 1 ? forms[0] : forms[1];
  return text.replace(/\{(\w+)\}/g, (place, name) => {
    const value = values && values[name];
    return value === undefined ? place : typeof value === "number" ? whole(value) : value;
  });
}

export function whole(n) {
  return Number.isFinite(n) ? n.toLocaleString(language) : "\u2013";
}
export function short(x) {
  return Number.isFinite(x) ? String(+x.toPrecision(4)) : "\u2013";
}
export function percent(part, digits = 1) {
  return Number.isFinite(part) ? part.toLocaleString(language, { style: "percent", maximumFractionDigits: digits }) : "\u2013";
}

/* As few digits as read back as the same float32, which is what okng compares with. */
export function digits(x) {
  for (let n = 4; n < 9; n++) if (Math.fround(+x.toPrecision(n)) === Math.fround(x)) return String(+x.toPrecision(n));
  return String(+x.toPrecision(9));
}

export function bytes(n) {
  if (!Number.isFinite(n)) return "\u2013";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  while (n >= 1024 && at < units.length - 1) {
    n /= 1024;
    at++;
  }
  return `${at && n < 10 ? n.toFixed(1) : Math.round(n)} ${units[at]}`;
}

/* Times of this place, as ISO 8601 writes them: the same in every language, in order, and short. */
function parts(text) {
  const time = new Date(text),
    two = (n) => String(n).padStart(2, "0");
  if (Number.isNaN(time.getTime())) return null;
  return {
    day: `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`,
    minute: `${two(time.getHours())}:${two(time.getMinutes())}`,
    second: two(time.getSeconds())
  };
}
function written(text, form) {
  const p = text ? parts(text) : null;
  return p ? form(p) : "\u2013";
}
export function moment(text) {
  return written(text, (p) => `${p.day} ${p.minute}`);
}
export function momentExact(text) {
  return written(text, (p) => `${p.day} ${p.minute}:${p.second}`);
}
export function clockTime(text) {
  return written(text, (p) => `${p.minute}:${p.second}`);
}
export function hourOf(text) {
  return written(text, (p) => p.minute);
}
