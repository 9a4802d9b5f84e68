/* The server's interface: every request of the page goes through here. */
import { t } from "./words.js";
import { asStored } from "./stored.js";

const KEY = "okng-token";
/* A queue that is full says so with 503 and when to come again. */
const PATIENCE = 6;

function stored() {
  try {
    return sessionStorage.getItem(KEY) || "";
  } catch {
    return "";
  }
}
let token = stored();

export function setToken(text) {
  token = text;
  try {
    if (text) sessionStorage.setItem(KEY, text);
    else sessionStorage.removeItem(KEY);
  } catch {
    /* a browser without storage asks again after a reload */
  }
}

/* An answer that is an error, as RFC 9457 has it. Status 0: no answer. */
export class Problem extends Error {
  constructor(status, said) {
    super(said.detail || said.title || `${status}`);
    this.status = status;
    this.said = said;
  }
}

async function problemOf(response) {
  let said = {};
  try {
    said = await response.json();
  } catch {
    /* not JSON: the status alone tells */
  }
  return new Problem(response.status, said && typeof said === "object" ? said : {});
}

export function pathOf(...parts) {
  return parts.map((part, i) => (i ? encodeURIComponent(part) : part)).join("/");
}

function address(path, query) {
  const given = Object.entries(query || {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const clock = setTimeout(resolve, ms);
    signal?.addEventListener(
      "abort",
      () => {
        clearTimeout(clock);
        reject(new DOMException("aborted", "AbortError"));
      },
      { once: true }
    );
  });
}

async function once(method, path, { query, json, body, headers, signal }) {
  const head = new Headers(headers);
  if (token) head.set("Authorization", `Bearer ${token}`);
  if (json !== undefined) {
    head.set("Content-Type", "application/json");
    body = JSON.stringify(json);
  }
  try {
    return await fetch(address(path, query), { method, headers: head, body, signal, cache: "no-store" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, { title: t("noConnection") });
  }
}

/* options: query, json or body, headers, signal; patient: a full queue is waited for. Throws a Problem. */
export async function request(method, path, options = {}) {
  for (let tries = 1; ; tries++) {
    const response = await once(method, path, options);
    if (response.ok) return response;
    if (response.status === 401) document.dispatchEvent(new Event("okng-sign-in"));
    if (!(options.patient && response.status === 503 && tries < PATIENCE)) throw await problemOf(response);
    await pause(1000 * Math.min(5, Number(response.headers.get("Retry-After")) || 1), options.signal);
  }
}

export async function get(path, query, signal) {
  return (await request("GET", path, { query, signal })).json();
}

export async function send(method, path, json, query) {
  const response = await request(method, path, { json, query });
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/* A picture of the server's. An <img> cannot send a token, so it is fetched; the address is given back when it is drawn. */
export async function loadInto(image, path, query, signal) {
  const blob = await (await request("GET", path, { query, signal })).blob();
  await showBlob(image, blob);
  return image;
}

export async function showBlob(image, blob) {
  const url = URL.createObjectURL(await asStored(blob));
  image.src = url;
  return image.decode().finally(() => URL.revokeObjectURL(url));
}

/* Hands a file of the server's to the user. */
export async function download(path, name, query) {
  const blob = await (await request("GET", path, { query })).blob();
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/* Uploads files in small lots, so that progress is seen and no request is large. said(done, total). Returns the upload. */
export async function upload(files, id, said, signal, nameOf = (file) => file.name) {
  const LOT = 8;
  let result = null;
  for (let i = 0; i < files.length; i += LOT) {
    const form = new FormData();
    for (const file of files.slice(i, i + LOT)) form.append("picture", file, nameOf(file));
    const path = id ? pathOf("/v1/uploads", id) : "/v1/uploads";
    result = await (await request("POST", path, { body: form, signal, patient: true })).json();
    id = result.id;
    said?.(Math.min(i + LOT, files.length), files.length);
  }
  return result;
}
