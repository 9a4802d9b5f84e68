/* What the server tells by itself: one stream of events for the whole page, read by fetch, because an EventSource cannot send
 * a token. It comes back by itself when it breaks; until then `connected` is false, and nobody may take what is shown for new. */
import { request, pause } from "./api.js";

const SILENCE = 40000; /* the server says something every 15 s */
const events = new EventTarget();
let open = false;
let running = null;

export function connected() {
  return open;
}

/* kind: inspection, judged, job, bank, line, or "connection". */
export function subscribe(kind, act, signal) {
  events.addEventListener(kind, (event) => act(event.detail), { signal });
}

function tell(kind, detail) {
  events.dispatchEvent(new CustomEvent(kind, { detail }));
}

function set(state) {
  if (open === state) return;
  open = state;
  tell("connection", state);
}

/* One event: lines "event: KIND", "data: TEXT", "id: N"; a line that begins with a colon is a remark. */
function take(block) {
  let kind = "message";
  const data = [];
  for (const line of block.split("\n")) {
    const cut = line.indexOf(":");
    if (cut <= 0) continue;
    const value = line.slice(cut + 1).replace(/^ /, "");
    if (line.startsWith("event:")) kind = value;
    else if (line.startsWith("data:")) data.push(value);
  }
  if (!data.length || kind === "ping") return;
  try {
    tell(kind, JSON.parse(data.join("\n")));
  } catch {
    /* not ours: the next one may be */
  }
}

async function listen(stop) {
  const silent = new AbortController();
  const both = AbortSignal.any ? AbortSignal.any([stop, silent.signal]) : stop;
  const response = await request("GET", "/v1/events", { signal: both });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  set(true);
  let rest = "";
  for (;;) {
    const clock = setTimeout(() => {
      silent.abort();
      reader.cancel().catch(() => {});
    }, SILENCE);
    const { done, value } = await reader.read().finally(() => clearTimeout(clock));
    if (done) return;
    const blocks = (rest + value.replace(/\r\n?/g, "\n")).split("\n\n");
    rest = blocks.pop();
    blocks.forEach(take);
  }
}

async function run(stop) {
  let wait = 500;
  while (!stop.aborted) {
    const begun = Date.now();
    try {
      await listen(stop);
    } catch {
      /* told by the connection's state */
    }
    set(false);
    if (Date.now() - begun > 10000) wait = 500;
    await pause(wait, stop).catch(() => {});
    wait = Math.min(10000, wait * 2);
  }
}

export function start() {
  running?.abort();
  running = new AbortController();
  run(running.signal);
}

export function stop() {
  running?.abort();
  running = null;
  set(false);
}
