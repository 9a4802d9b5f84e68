/* The viewer: plain script, no library, works from file://. Text reaches the page through textContent only. */
(function () {
  "use strict";
  var data = window.okngViewerData, home = document.getElementById("viewer");
  if (!data || !home) return;
  var words = data.words, rows = data.rows, groups = data.groups, files = encodeURIComponent(data.files) + "_files/";
  var OK = 0, NG = 1, REVIEW = 2, NOT_FOUND = 3, SKIPPED = -1, UNJUDGED = -2;
  var LAYERS = ["picture", "overlay", "heat", "mask", "truth"];
  var finite = Number.isFinite;

  /* ---- small helpers ---- */

  function word(key, a, b) {
    return (words[key] || key).replace(/\{([ab])\}/g, function (place, which) { return which === "a" ? a : b; });
  }
  function make(tag, cls, text) {
    var e = document.createElement(tag);
    if (cls) e.className = cls;
    if (text !== undefined) e.textContent = text;
    return e;
  }
  function add(parent) {
    for (var i = 1; i < arguments.length; i++) if (arguments[i]) parent.appendChild(arguments[i]);
    return parent;
  }
  function button(text, title, act) {
    var b = make("button", "", text);
    b.type = "button";
    if (title) { b.title = title; b.setAttribute("aria-label", title); }
    b.addEventListener("click", act);
    return b;
  }
  function number(x) { return finite(x) ? String(+x.toPrecision(5)) : "\u2013"; }
  /* As few digits as read back as the same float32, which is what the command compares with. */
  function digits(x) {
    for (var n = 5; n < 9; n++) if (Math.fround(+x.toPrecision(n)) === Math.fround(x)) return String(+x.toPrecision(n));
    return String(+x.toPrecision(9));
  }
  function clear(e) { while (e.firstChild) e.removeChild(e.firstChild); return e; }

  /* ---- state ---- */

  groups.forEach(function (g) {
    g.banded = finite(g.low) && finite(g.high);
    g.t = g.banded ? g.high : g.threshold;
    g.from = g.banded ? g.low : g.t;
    g.t0 = g.t;
    g.from0 = g.from;
  });
  var several = groups.length > 1, truth = rows.some(function (r) { return r.label >= 0; });
  var anyReview = groups.some(function (g) { return g.banded; }) || rows.some(function (r) { return r.verdict === REVIEW; });
  var anyNotFound = rows.some(function (r) { return r.verdict === NOT_FOUND; });
  var anySkipped = rows.some(function (r) { return r.verdict === SKIPPED; });
  var anyUnjudged = rows.some(function (r) { return r.verdict === UNJUDGED; });
  var state = { group: several ? -1 : 0, filter: "all", search: "", sort: "high", layer: 1, opacity: 1 };
  var shown = [], at = -1;

  function moved(g) { return g.t !== g.t0 || g.from !== g.from0; }
  /* The verdict as it was given where nothing was moved: it may come from a rule of its own. */
  function judge(r) {
    var g = groups[r.group];
    if (r.verdict === SKIPPED || !finite(r.score) || !finite(g.t) || !moved(g)) return r.verdict;
    var score = Math.fround(r.score); /* the command compares float32 */
    if (score > Math.fround(g.t)) return NG;
    return g.banded && score > Math.fround(g.from) ? REVIEW : OK;
  }
  /* A picture that people are asked to look at is neither missed nor a false alarm. */
  function wrong(r) {
    if (r.label === 1 && r.now === OK) return "missed";
    return r.label === 0 && r.now === NG ? "falseAlarm" : "";
  }
  var filters = {
    all: function () { return true; },
    ok: function (r) { return r.now === OK; },
    review: function (r) { return r.now === REVIEW; },
    ng: function (r) { return r.now === NG; },
    notFound: function (r) { return r.now === NOT_FOUND; },
    skipped: function (r) { return r.now === SKIPPED; },
    unjudged: function (r) { return r.now === UNJUDGED; },
    missed: function (r) { return wrong(r) === "missed"; },
    falseAlarm: function (r) { return wrong(r) === "falseAlarm"; }
  };
  function byName(a, b) { return a.name < b.name ? -1 : a.name > b.name ? 1 : a.id - b.id; }
  function scoreOr(r, other) { return finite(r.score) ? r.score : other; }
  function away(r) {
    var t = groups[r.group].t;
    return finite(r.score) && finite(t) ? Math.abs(r.score - t) / (several && state.group < 0 && t > 0 ? t : 1) : Infinity;
  }
  var sorts = {
    high: function (a, b) { return scoreOr(b, -Infinity) - scoreOr(a, -Infinity) || byName(a, b); },
    low: function (a, b) { return scoreOr(a, Infinity) - scoreOr(b, Infinity) || byName(a, b); },
    near: function (a, b) { return away(a) - away(b) || byName(a, b); },
    name: byName
  };
  function inGroup(r) { return state.group < 0 || r.group === state.group; }

  /* ---- the panel ---- */

  var tiles = make("dl", "figures"), panel = make("div", "v-panel"), list = make("div", "v-panel");
  var grid = make("div", "v-grid"), empty = make("p", "v-empty", word("none")), count = make("span", "v-soft");
  clear(home);
  add(home, tiles, panel, list, empty, grid);

  var chips = {};
  function filterButtons() {
    var row = make("div", "v-row");
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", word("show"));
    [["all", "all"], ["ng", "ng"], ["review", "review"], ["notFound", "notFound"], ["ok", "ok"], ["skipped", "skipped"], ["unjudged", "unjudged"], ["missed", "missedMany"],
     ["falseAlarm", "falseAlarmMany"]].forEach(function (pair) {
      if (pair[0] === "review" && !anyReview) return;
      if (pair[0] === "notFound" && !anyNotFound) return;
      if (pair[0] === "skipped" && !anySkipped) return;
      if (pair[0] === "unjudged" && !anyUnjudged) return;
      if ((pair[0] === "missed" || pair[0] === "falseAlarm") && !truth) return;
      var b = button(word(pair[1]), "", function () { state.filter = pair[0]; refresh(true); });
      chips[pair[0]] = { button: b, count: make("span", "v-count") };
      add(b, chips[pair[0]].count);
      row.appendChild(b);
    });
    return row;
  }
  function select(label, options, value, act) {
    var s = make("select");
    s.setAttribute("aria-label", label);
    options.forEach(function (o) {
      var e = make("option", "", o[1]);
      e.value = o[0];
      s.appendChild(e);
    });
    s.value = value;
    s.addEventListener("change", function () { act(s.value); });
    return s;
  }
  var search = make("input", "v-search");
  search.type = "search";
  search.placeholder = word("search");
  search.setAttribute("aria-label", word("search"));
  search.addEventListener("input", function () { state.search = search.value.toLowerCase(); refresh(true); });
  add(list, filterButtons(), add(make("div", "v-row"), search,
    select(word("sort"), ["high", "low", "near", "name"].map(function (k) {
      return [k, word("sort" + k[0].toUpperCase() + k.slice(1))];
    }), state.sort, function (v) { state.sort = v; refresh(true); }), count));

  var canvas = make("canvas", "v-hist"), axis = make("div", "v-axis"), sliders = make("div", "v-sliders");
  var told = make("p", "v-soft"), chosen = make("div", "v-row"), low = 0, high = 1;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", word("histogramHelp"));
  if (several)
    panel.appendChild(add(make("div", "v-row"), make("span", "v-soft", word("group")),
      select(word("group"), [[-1, word("allGroups")]].concat(groups.map(function (g, i) { return [i, g.name]; })), -1,
        function (v) { state.group = +v; range(); refresh(true); })));
  told.style.margin = "6px 0 0";
  add(panel, canvas, axis, sliders, told, chosen);
  chosen.style.marginTop = "8px";

  /* A slider with the number beside it. */
  function slider(label, get, set) {
    var name = make("label", "", word(label)), bar = make("input"), box = make("input");
    bar.type = "range";
    bar.min = 0;
    bar.max = 1000;
    bar.step = 1;
    box.type = "number";
    box.step = "any";
    bar.setAttribute("aria-label", word(label));
    box.setAttribute("aria-label", word(label));
    bar.addEventListener("input", function () { set(+(low + (high - low) * bar.value / 1000).toPrecision(6)); refresh(false); });
    box.addEventListener("change", function () { if (box.value !== "" && finite(+box.value)) set(+box.value); refresh(false); });
    add(sliders, name, bar, box);
    return function () {
      bar.value = Math.round(1000 * (get() - low) / (high - low));
      if (document.activeElement !== box) box.value = +get().toPrecision(7);
    };
  }
  var updateSliders = [];
  function range() {
    var some = rows.filter(function (r) { return inGroup(r) && finite(r.score); });
    low = Infinity;
    high = -Infinity;
    some.forEach(function (r) { low = Math.min(low, r.score); high = Math.max(high, r.score); });
    var g = groups[state.group];
    if (g && finite(g.t0)) { low = Math.min(low, g.from0, g.t0); high = Math.max(high, g.t0); }
    if (!(low < high)) { low = finite(low) ? low - 0.5 : 0; high = low + 1; }
    var margin = (high - low) / 40;
    low -= margin;
    high += margin;
    add(clear(axis), make("span", "", number(low)), make("span", "", word("histogram")), make("span", "", number(high)));
    clear(sliders);
    updateSliders = [];
    if (!g || !finite(g.t)) return;
    updateSliders.push(slider("threshold", function () { return g.t; }, function (v) { g.t = v; if (g.from > v || !g.banded) g.from = v; }));
    if (g.banded) updateSliders.push(slider("reviewFrom", function () { return g.from; }, function (v) { g.from = Math.min(v, g.t); }));
  }
  function aim(event) {
    var g = groups[state.group], box = canvas.getBoundingClientRect();
    if (!g || !finite(g.t) || !(event.buttons & 1)) return;
    g.t = +(low + (high - low) * Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))).toPrecision(6);
    if (g.from > g.t || !g.banded) g.from = g.t;
    refresh(false);
  }
  canvas.addEventListener("pointerdown", function (event) { canvas.setPointerCapture(event.pointerId); aim(event); });
  canvas.addEventListener("pointermove", aim);

  function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  /* Good below in blue, bad on top in orange where the truth is known; else by verdict. */
  function draw() {
    var width = canvas.clientWidth, height = canvas.clientHeight, ratio = window.devicePixelRatio || 1;
    if (!width) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    var c = canvas.getContext("2d"), bins = Math.max(20, Math.min(90, Math.floor(width / 10))), kinds = 3, most = 1;
    c.scale(ratio, ratio);
    var counts = [];
    for (var i = 0; i < bins * kinds; i++) counts.push(0);
    rows.forEach(function (r) {
      if (!inGroup(r) || !finite(r.score)) return;
      var bin = Math.min(bins - 1, Math.max(0, Math.floor((r.score - low) / (high - low) * bins)));
      var kind = truth ? (r.label === 1 ? 1 : r.label === 0 ? 0 : 2) : r.now === NG ? 1 : r.now === REVIEW ? 2 : 0;
      counts[bin * kinds + kind]++;
    });
    for (i = 0; i < bins; i++) most = Math.max(most, counts[i * kinds] + counts[i * kinds + 1] + counts[i * kinds + 2]);
    var inks = [colour("--blue"), colour("--orange"), colour("--gold")], step = width / bins, floor = height - 1;
    var g = groups[state.group];
    if (g && g.banded && finite(g.from)) {
      c.fillStyle = colour("--warnground");
      c.fillRect(width * (g.from - low) / (high - low), 0, width * (g.t - g.from) / (high - low), floor);
    }
    for (i = 0; i < bins; i++) {
      var y = floor;
      for (var k = 0; k < kinds; k++) {
        var n = counts[i * kinds + k];
        if (!n) continue;
        var h = Math.max(2, n / most * (height - 8));
        c.fillStyle = inks[k];
        c.fillRect(i * step + 0.5, y - h, Math.max(1, step - 1), h);
        y -= h;
      }
    }
    c.fillStyle = colour("--line");
    c.fillRect(0, floor, width, 1);
    if (g && finite(g.t)) {
      c.fillStyle = colour("--ink");
      c.fillRect(width * (g.t - low) / (high - low) - 1, 0, 2, height);
    }
  }

  function tile(name, value, rest) {
    var dd = make("dd", "", value);
    if (rest) add(dd, make("small", "", " " + rest));
    return add(make("div"), make("dt", "", name), dd);
  }
  function ofAll(b) { return word("of", "", b).trim(); }
  function summarise(c) {
    clear(tiles);
    add(tiles, tile(word("pictures"), c.all), tile(word("ng"), c.ng), anyReview && tile(word("review"), c.review),
      anyNotFound && tile(word("notFound"), c.notFound), tile(word("ok"), c.ok), anySkipped && tile(word("skipped"), c.skipped),
      anyUnjudged && tile(word("unjudged"), c.unjudged));
    if (truth && (c.bad > 0 || c.clean > 0 || !anyUnjudged))
      add(tiles, tile(word("found"), c.found, c.doubt ? word("ofReview", c.doubt, c.bad) : ofAll(c.bad)), tile(word("falseAlarms"), c.falseAlarm, ofAll(c.clean)));
  }
  function tellThreshold() {
    var g = groups[state.group];
    clear(chosen);
    updateSliders.forEach(function (update) { update(); });
    if (!g) { told.textContent = word("allGroupsHelp"); return; }
    if (!finite(g.t)) { told.textContent = ""; return; }
    var before = g.banded ? number(g.from0) + ", " + number(g.t0) : number(g.t0);
    told.textContent = word("thresholdHelp") + "; " + (moved(g) ? word("changed", before) : word("unchanged")) + ".";
    if (!moved(g)) return;
    var text = g.banded ? "--review " + digits(g.from) + "," + digits(g.t) : "--threshold-image " + digits(g.t);
    var line = make("span", "v-soft"), parts = word("keep", "\u0000").split("\u0000");
    add(line, document.createTextNode(parts[0]), make("code", "", text), document.createTextNode(parts[1] || ""));
    add(chosen, button(word("reset"), "", function () { g.t = g.t0; g.from = g.from0; refresh(false); }), line);
  }

  /* ---- the list: only what is in sight is in the page ---- */

  var cells = new Map(), layout = { columns: 1, width: 200, height: 200, gap: 10 };
  function source(r, folder, ending) { return files + folder + "/" + r.id + ending; }
  function badge(verdict) {
    var names = { 0: ["ok", "ok"], 1: ["ng", "ng"], 2: ["review", "review"], 3: ["review", "notFound"] }, n = verdict === UNJUDGED ? ["v-skip", "unjudged"] : names[verdict] || ["v-skip", "skipped"];
    return make("span", "badge " + n[0], word(n[1]));
  }
  function thumb(r, ending) {
    var image = make("img");
    image.loading = "lazy";
    image.decoding = "async";
    image.alt = "";
    image.src = source(r, "thumbs", ending);
    return image;
  }
  function cell(r) {
    var e = make("button", "v-cell"), head = make("div", "v-head"), thumbs = make("div", "v-thumbs"), bad = wrong(r);
    e.type = "button";
    e.title = r.name + (r.note ? "\n" + r.note : "");
    e.setAttribute("aria-label", word("open", r.name));
    add(head, badge(r.now), bad && make("span", "badge wrong", word(bad)), make("span", "score", number(r.score)));
    if (r.drawn & 1) thumbs.appendChild(thumb(r, ".webp"));
    if (r.drawn & 2) thumbs.appendChild(thumb(r, "_heat.webp"));
    if (!r.drawn) thumbs.appendChild(make("span", "v-none", r.note || word("noPicture")));
    var name = make("div", "v-name");
    add(name, make("bdi", "", (several && state.group < 0 ? groups[r.group].name + ": " : "") + r.name));
    add(e, head, thumbs, name);
    e.addEventListener("click", function () { open(shown.indexOf(r)); });
    return e;
  }
  function measure() {
    var width = grid.clientWidth || home.clientWidth, cellWidth = parseFloat(getComputedStyle(home).getPropertyValue("--cell")) || 200;
    var columns = Math.max(1, Math.floor((width + layout.gap) / (cellWidth + layout.gap)));
    layout.columns = columns;
    layout.width = Math.floor((width - (columns - 1) * layout.gap) / columns);
    layout.height = Math.round(layout.width * 0.62) + 74;
    var lines = Math.ceil(shown.length / columns);
    grid.style.height = Math.max(0, lines * (layout.height + layout.gap) - layout.gap) + "px";
  }
  function place() {
    var top = -grid.getBoundingClientRect().top, step = layout.height + layout.gap, page = window.innerHeight || 800;
    var first = Math.max(0, Math.floor((top - page) / step) * layout.columns);
    var last = Math.min(shown.length, Math.ceil((top + 2 * page) / step) * layout.columns), keep = new Map();
    for (var i = first; i < last; i++) {
      var r = shown[i], e = cells.get(r) || cell(r);
      e.style.left = (i % layout.columns) * (layout.width + layout.gap) + "px";
      e.style.top = Math.floor(i / layout.columns) * step + "px";
      e.style.width = layout.width + "px";
      e.style.height = layout.height + "px";
      if (!e.parentNode) grid.appendChild(e);
      keep.set(r, e);
    }
    cells.forEach(function (e, r) { if (!keep.has(r)) grid.removeChild(e); });
    cells = keep;
  }

  /* ---- everything anew: counts, list, large picture ---- */

  function refresh() {
    var c = { all: 0, ok: 0, review: 0, ng: 0, notFound: 0, skipped: 0, unjudged: 0, missed: 0, falseAlarm: 0, found: 0, doubt: 0, bad: 0, clean: 0 };
    var current = at >= 0 ? shown[at] : null;
    rows.forEach(function (r) {
      r.now = judge(r);
      if (!inGroup(r)) return;
      for (var key in filters) if (filters[key](r)) c[key]++;
      if (r.now === SKIPPED || r.now === UNJUDGED) return;
      if (r.label === 1) { c.bad++; c.found += r.now !== OK; c.doubt += r.now === REVIEW; }
      if (r.label === 0) c.clean++;
    });
    for (var key in chips) {
      chips[key].count.textContent = c[key];
      chips[key].button.setAttribute("aria-pressed", state.filter === key);
    }
    shown = rows.filter(function (r) {
      return inGroup(r) && filters[state.filter](r) && (!state.search || r.name.toLowerCase().indexOf(state.search) >= 0);
    }).sort(sorts[state.sort]);
    count.textContent = word("shown", shown.length, c.all);
    empty.hidden = shown.length > 0;
    cells.forEach(function (e) { grid.removeChild(e); });
    cells = new Map();
    summarise(c);
    tellThreshold();
    draw();
    measure();
    place();
    if (current) at = shown.indexOf(current);
  }

  /* ---- one picture, large ---- */

  var big = make("div", "v-big"), bar = make("div", "v-bar"), stage = make("div", "v-stage"), paper = make("div", "v-paper");
  var side = make("aside", "v-side"), title = make("span", "v-title"), base = make("img"), over = make("img"), opener = null;
  var view = { x: 0, y: 0, scale: 1, fit: 1 }, size = { width: 1, height: 1 }, layerButtons = [];
  var opacity = make("input"), opacityLabel = make("label", "v-opacity v-soft", word("opacity"));
  big.hidden = true;
  big.tabIndex = -1;
  big.setAttribute("role", "dialog");
  big.setAttribute("aria-modal", "true");
  base.alt = over.alt = "";
  base.draggable = over.draggable = false;
  opacity.type = "range";
  opacity.min = 0;
  opacity.max = 100;
  opacity.value = 100;
  opacity.addEventListener("input", function () { state.opacity = opacity.value / 100; showLayer(); });
  add(opacityLabel, opacity);
  LAYERS.forEach(function (name, i) {
    var b = button(word("layer" + name[0].toUpperCase() + name.slice(1)), "", function () { state.layer = i; showLayer(); });
    b.title = String(i + 1);
    layerButtons.push(b);
  });
  add(bar, button("\u2190", word("previous"), function () { go(-1); }), button("\u2192", word("next"), function () { go(1); }), title);
  layerButtons.forEach(function (b) { bar.appendChild(b); });
  add(bar, opacityLabel, button("\u2212", word("zoomOut"), function () { zoom(1 / 1.4); }), button("+", word("zoomIn"), function () { zoom(1.4); }),
    button("\u2922", word("fit"), fit), button("\u2715", word("close"), close));
  add(home, add(big, bar, add(stage, add(paper, base, over)), side));

  function layerFile(r, i) {
    if (LAYERS[i] === "picture") return "";
    if (LAYERS[i] === "truth" && r.drawn & 4) return source(r, "pictures", "_truth.jpg");
    return r[LAYERS[i]] || "";
  }
  function showLayer() {
    var r = shown[at];
    if (!r) return;
    var file = layerFile(r, state.layer);
    layerButtons.forEach(function (b, i) {
      b.setAttribute("aria-pressed", i === (file ? state.layer : 0));
      b.hidden = i > 0 && !layerFile(r, i);
    });
    over.hidden = !file;
    over.style.opacity = state.opacity;
    if (file && over.getAttribute("src") !== file) over.src = file;
    opacityLabel.style.visibility = file ? "visible" : "hidden";
  }
  function pair(r, reason, i) {
    function figure(file, text) {
      var f = make("figure"), image;
      if (file) {
        image = make("img");
        image.loading = "lazy";
        image.alt = "";
        image.src = file;
      }
      return add(f, image, make("figcaption", "", text));
    }
    var name = !reason.near ? word("nearestUnknown") : word(reason.drawn ? "nearest" : "nearestGone", reason.near);
    return add(make("div", "v-pair"), figure(source(r, "crops", "_" + i + "_found.jpg"), word("here", number(reason.score))),
      figure(reason.drawn ? source(r, "crops", "_" + i + "_near.jpg") : "", name));
  }
  function fact(dl, key, value, help) {
    var dt = make("dt", "", word(key)), dd = make("dd");
    if (help) dt.title = word(help);
    add(dl, dt, add(dd, typeof value === "string" ? document.createTextNode(value) : value));
  }
  function fillSide(r) {
    var dl = make("dl"), g = groups[r.group], bad = wrong(r), verdict = add(make("span"), badge(r.now));
    if (bad) add(verdict, document.createTextNode(" "), make("span", "badge wrong", word(bad)));
    fact(dl, "verdict", verdict);
    fact(dl, "score", number(r.score));
    if (finite(g.t)) fact(dl, "threshold", g.banded ? number(g.from) + ", " + number(g.t) : number(g.t));
    if (finite(r.p)) fact(dl, "pValue", number(r.p), "pValueHelp");
    if (truth) fact(dl, "label", word(r.label === 1 ? "defect" : r.label === 0 ? "good" : "unknown"));
    if (several) fact(dl, "group", g.name);
    add(clear(side), dl);
    if (r.note) side.appendChild(make("p", "v-soft", r.note));
    if (r.file) {
      var link = make("a", "", word("original"));
      link.href = r.file;
      link.target = "_blank";
      link.rel = "noopener";
      add(side, link);
    }
    if (r.why && r.why.length) {
      add(side, make("h3", "", word("why")), make("p", "v-soft", word("whyHelp")));
      r.why.forEach(function (reason, i) { side.appendChild(pair(r, reason, i)); });
    }
    add(side, make("p", "v-soft", word("keys")));
  }
  base.addEventListener("load", function () {
    size = { width: base.naturalWidth || 1, height: base.naturalHeight || 1 };
    fit();
  });
  over.addEventListener("load", function () {
    if (base.getAttribute("src")) return;
    size = { width: over.naturalWidth || 1, height: over.naturalHeight || 1 };
    fit();
  });
  function show() {
    var r = shown[at];
    if (!r) { close(); return; }
    title.textContent = (at + 1) + " / " + shown.length + "  " + r.name;
    title.title = r.name;
    over.removeAttribute("src");
    base.hidden = !(r.drawn & 1);
    if (r.drawn & 1) base.src = source(r, "pictures", ".jpg");
    else base.removeAttribute("src");
    showLayer();
    fillSide(r);
    var neighbour = shown[at + 1];
    if (neighbour && neighbour.drawn & 1) new Image().src = source(neighbour, "pictures", ".jpg");
  }
  function open(i) {
    if (i < 0) return;
    opener = document.activeElement;
    at = i;
    big.hidden = false;
    document.documentElement.style.overflow = "hidden";
    show();
    big.focus();
  }
  function close() {
    if (big.hidden) return;
    big.hidden = true;
    at = -1;
    document.documentElement.style.overflow = "";
    if (opener && opener.isConnected) opener.focus();
  }
  function go(step) {
    var next = at + step;
    if (next < 0 || next >= shown.length) return;
    at = next;
    show();
  }
  function apply() {
    paper.style.width = size.width + "px";
    paper.style.height = size.height + "px";
    paper.style.transform = "translate(" + view.x + "px," + view.y + "px) scale(" + view.scale + ")";
    paper.classList.toggle("v-pixels", view.scale >= 3);
  }
  function fit() {
    var w = stage.clientWidth, h = stage.clientHeight;
    if (!w || !h) return;
    view.fit = view.scale = Math.min(w / size.width, h / size.height, 8);
    view.x = (w - size.width * view.scale) / 2;
    view.y = (h - size.height * view.scale) / 2;
    apply();
  }
  /* About a point of the stage, its middle where none is given. */
  function zoom(factor, x, y) {
    if (x === undefined) { x = stage.clientWidth / 2; y = stage.clientHeight / 2; }
    var scale = Math.min(64, Math.max(view.fit / 4, view.scale * factor)), by = scale / view.scale;
    view.x = x - (x - view.x) * by;
    view.y = y - (y - view.y) * by;
    view.scale = scale;
    apply();
  }
  stage.addEventListener("wheel", function (event) {
    var box = stage.getBoundingClientRect();
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  stage.addEventListener("pointerdown", function (event) { stage.setPointerCapture(event.pointerId); stage.classList.add("v-drag"); });
  stage.addEventListener("pointerup", function () { stage.classList.remove("v-drag"); });
  stage.addEventListener("pointermove", function (event) {
    if (!(event.buttons & 1)) return;
    view.x += event.movementX;
    view.y += event.movementY;
    apply();
  });
  stage.addEventListener("dblclick", fit);

  document.addEventListener("keydown", function (event) {
    if (big.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    var inSlider = event.target === opacity, key = event.key;
    if (key === "Escape") close();
    else if (key === "ArrowLeft" && !inSlider) go(-1);
    else if (key === "ArrowRight" && !inSlider) go(1);
    else if (key === "Home" && !inSlider) go(-at);
    else if (key === "End" && !inSlider) go(shown.length - 1 - at);
    else if (key >= "1" && key <= "5") { state.layer = +key - 1; showLayer(); }
    else if (key === "+" || key === "=") zoom(1.4);
    else if (key === "-") zoom(1 / 1.4);
    else if (key === "0") fit();
    else if (key === "Tab") keepInside(event);
    else return;
    if (key !== "Tab") event.preventDefault();
  });
  function keepInside(event) {
    var inside = Array.prototype.filter.call(big.querySelectorAll("button,input,a"), function (e) { return e.offsetParent !== null; });
    var first = inside[0], last = inside[inside.length - 1];
    if (event.shiftKey && (event.target === first || event.target === big)) { last.focus(); event.preventDefault(); }
    else if (!event.shiftKey && event.target === last) { first.focus(); event.preventDefault(); }
  }

  /* ---- begin ---- */

  var waiting = false;
  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(function () { waiting = false; place(); });
  }
  window.addEventListener("scroll", later, { passive: true });
  window.addEventListener("resize", function () { draw(); measure(); place(); if (!big.hidden) fit(); });
  if (window.matchMedia) window.matchMedia("(prefers-color-scheme:dark)").addEventListener("change", draw);
  range();
  refresh();
  /* "#name" opens a picture, so that it can be linked to. */
  function fromAddress() {
    var name;
    try { name = decodeURIComponent(location.hash.slice(1)); } catch (e) { return; }
    if (name) open(shown.findIndex(function (r) { return r.name === name; }));
  }
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
}());
