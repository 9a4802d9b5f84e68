// The words of the page: both languages have the same keys and places for numbers, every word that the page asks for is there, and
// none is there that nobody asks for. node words.mjs PAGE. Prints what is wrong; status 1 then.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const page = process.argv[2];
const load = async (name) => (await import(pathToFileURL(path.join(page, name)).href)).default;
const en = await load("en.js"),
  ko = await load("ko.js");
const wrong = [];
const places = (text) => [...new Set(text.match(/\{\w+\}/g) || [])].sort().join();

for (const key of Object.keys(en)) {
  if (ko[key] === undefined) wrong.push(`ko.js lacks ${key}`);
  else if (places(en[key]) !== places(ko[key])) wrong.push(`${key}: ${places(en[key])} in English, ${places(ko[key])} in Korean`);
}
for (const key of Object.keys(ko)) if (en[key] === undefined) wrong.push(`en.js lacks ${key}`);

const source = fs
  .readdirSync(page, { recursive: true })
  .filter((name) => name.endsWith(".js") && !/^(en|ko)\.js$/.test(name))
  .map((name) => fs.readFileSync(path.join(page, name), "utf8"))
  .join("\n");
for (const [, key] of source.matchAll(/\bt\("([^"]+)"/g)) if (en[key] === undefined) wrong.push(`nobody has a word for ${key}`);
// Keys are literals, or begin with one: t(`verdict.${v}`).
const literal = new Set([...source.matchAll(/"([A-Za-z.]+)"/g)].map((m) => m[1])),
  begun = [...source.matchAll(/`([a-zA-Z]+\.)\$\{/g)].map((m) => m[1]);
for (const key of Object.keys(en))
  if (!literal.has(key) && !begun.some((b) => key.startsWith(b))) wrong.push(`nobody says ${key}`);

console.log([...new Set(wrong)].join("\n"));
process.exit(wrong.length ? 1 : 0);
