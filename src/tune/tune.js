/* The histogram of tune.html, its slider and what is nearest to it. Plain script, works from file://. Text reaches the page
 * through textContent only. */
(function () {
  "use strict";
  var source = document.getElementById("tune-data"), home = document.getElementById("tune");
  if (!source || !home) return;
  var data = JSON.parse(source.textContent);
  var NEAREST = 6, BINS = 48, W = 960, H = 260, LEFT = 36, BOTTOM = 34, TOP = 26;
  var SVG = "http://www.w3.org/2000/svg";
  var kind = "image", threshold = 0;

  function make(tag, cls, text) {
    var e = document.createElement(tag);
    if (cls) e.className = cls;
    if (text !== undefined) e.textContent = text;
    return e;
  }
  function shape(parent, tag, attributes, text) {
    var e = document.createElementNS(SVG, tag);
    Object.keys(attributes).forEach(function (k) { e.setAttribute(k, attributes[k]); });
    if (text !== undefined) e.textContent = text;
    parent.appendChild(e);
    return e;
  }
  function word(key, a, b) {
    return (data.words[key] || key).replace(/\{([ab])\}/g, function (place, which) { return which === "a" ? a : b; });
  }
  function clear(e) { while (e.firstChild) e.removeChild(e.firstChild); return e; }
  /* As few digits as read back as the same float32, which is what the command compares with. */
  function digits(x) {
    for (var n = 4; n < 9; n++) if (Math.fround(+x.toPrecision(n)) === Math.fround(x)) return String(+x.toPrecision(n));
    return String(+x.toPrecision(9));
  }
  /* As a shell reads one word. */
  function quoted(text) { return /^[\w.\/][\w.\/-]*$/.test(text) ? text : "'" + text.replace(/'/g, "'\\''") + "'"; }
  function short(x) { return String(+x.toPrecision(4)); }

  function scored() {
    return data.pictures.filter(function (p) { return Number.isFinite(p[kind]); });
  }
  function above(t) {
    var c = { found: 0, ng: 0, alarms: 0, good: 0 };
    scored().forEach(function (p) {
      if (p.label) { c.ng++; if (p[kind] > t) c.found++; } else { c.good++; if (p[kind] > t) c.alarms++; }
    });
    return c;
  }
  function range() {
    var low = Infinity, high = -Infinity, k = data[kind];
    scored().forEach(function (p) { low = Math.min(low, p[kind]); high = Math.max(high, p[kind]); });
    [k.in_force, k.computed, k.proposed].forEach(function (t) {
      if (Number.isFinite(t)) { low = Math.min(low, t); high = Math.max(high, t); }
    });
    var edge = (high - low) * 0.03 || Math.abs(high) * 0.03 || 1;
    return { low: low - edge, high: high + edge };
  }

  /* ---- the parts ---- */

  var bar = make("div", "tune-bar"), slider = make("input"), entry = make("input");
  var chart = document.createElementNS(SVG, "svg"), says = make("p", "tune-says"), command = make("code");
  var near = make("div");
  var line = null, view = null;

  function x(score) { return LEFT + (score - view.low) / (view.high - view.low) * (W - LEFT - 8); }

  function mark(score, name, cls, row) {
    if (!Number.isFinite(score)) return;
    shape(chart, "line", { x1: x(score), x2: x(score), y1: TOP, y2: H - BOTTOM, "class": cls, "stroke-dasharray": "3 4" });
    var left = x(score) < W - 100; // else the name would end outside
    shape(chart, "text", { x: x(score) + (left ? 3 : -3), y: TOP - 14 + 11 * row, "class": "f2", "font-size": 11,
      "text-anchor": left ? "start" : "end" }, name);
  }

  function draw() {
    var bins = [], most = 1, i;
    clear(chart);
    view = range();
    for (i = 0; i < BINS; i++) bins.push([0, 0]);
    scored().forEach(function (p) {
      var b = Math.min(BINS - 1, Math.floor((p[kind] - view.low) / (view.high - view.low) * BINS));
      bins[b][p.label]++;
      most = Math.max(most, bins[b][0] + bins[b][1]);
    });
    var width = (W - LEFT - 8) / BINS, tall = H - BOTTOM - TOP;
    bins.forEach(function (b, n) {
      var at = LEFT + n * width, good = b[0] / most * tall, bad = b[1] / most * tall;
      if (b[0]) shape(chart, "rect", { x: at + 0.5, y: H - BOTTOM - good, width: width - 1, height: good, "class": "f4" });
      if (b[1]) shape(chart, "rect", { x: at + 0.5, y: H - BOTTOM - good - bad, width: width - 1, height: bad, "class": "f5" });
    });
    shape(chart, "line", { x1: LEFT, x2: W - 8, y1: H - BOTTOM, y2: H - BOTTOM, "class": "s2" });
    for (i = 0; i <= 6; i++) {
      var value = view.low + (view.high - view.low) * i / 6;
      shape(chart, "text", { x: x(value), y: H - BOTTOM + 16, "class": "f2", "font-size": 11,
        "text-anchor": i === 0 ? "start" : i === 6 ? "end" : "middle" }, short(value));
    }
    shape(chart, "text", { x: LEFT - 6, y: TOP + 9, "class": "f2", "font-size": 11, "text-anchor": "end" }, String(most));
    mark(data[kind].in_force, word("inForce"), "s2", 0);
    if (data[kind].computed !== data[kind].in_force) mark(data[kind].computed, word("computed"), "s2", 1);
    if (data[kind].proposed !== data[kind].in_force) mark(data[kind].proposed, word("proposed"), "s2", 1);
    line = shape(chart, "line", { y1: TOP, y2: H - BOTTOM, "class": "s1", "stroke-width": 2 });
    slider.min = view.low; slider.max = view.high; slider.step = (view.high - view.low) / 2000;
  }

  /* "2 more found", "1 fewer false alarm", "as many found": one word for each, as languages differ in their order. */
  function change(now, then, what) {
    var d = now - then, one = Math.abs(d) === 1 ? "One" : "";
    return word(what + (d > 0 ? "More" : d < 0 ? "Fewer" : "Same") + (d === 0 ? "" : one), Math.abs(d));
  }

  function picture(p) {
    var figure = make("figure"), caption = make("figcaption", "", p.name + "  " + short(p[kind]));
    figure.appendChild(make("span", "badge " + (p.label ? "ng" : "ok"), word(p.label ? "bad" : "good")));
    if (p.id >= 0) {
      var image = make("img");
      image.loading = "lazy"; image.alt = p.name; image.src = "tune_files/thumbs/" + p.id + ".webp";
      figure.appendChild(image);
    } else {
      figure.appendChild(make("div", "tune-none", word("ofBank")));
    }
    figure.appendChild(caption);
    return figure;
  }

  function group(title, list) {
    near.appendChild(make("h3", "", title));
    var row = make("div", "tune-near");
    list.forEach(function (p) { row.appendChild(picture(p)); });
    if (!list.length) row.appendChild(make("p", "note", word("noPicture")));
    near.appendChild(row);
  }

  function show() {
    var now = above(threshold), force = data[kind].in_force, text;
    line.setAttribute("x1", x(threshold)); line.setAttribute("x2", x(threshold));
    text = word("above", digits(threshold)) + " ";
    if (now.ng) text += word("foundOf", now.found, now.ng) + " ";
    text += word("alarmsOf", now.alarms, now.good);
    if (Number.isFinite(force)) {
      var then = above(force);
      text += " " + word("against") + " " + (now.ng ? change(now.found, then.found, "found") + ", " : "") +
        change(now.alarms, then.alarms, "alarms") + ".";
    }
    says.textContent = text;
    command.textContent = "okng bank set " + quoted(data.bank) + " --threshold-" + kind + " " + digits(threshold);
    var sorted = scored().sort(function (a, b) { return a[kind] - b[kind]; });
    var up = sorted.filter(function (p) { return p[kind] > threshold; });
    var down = sorted.filter(function (p) { return p[kind] <= threshold; });
    clear(near);
    group(word("justAbove"), up.slice(0, NEAREST));
    group(word("justBelow"), down.slice(-NEAREST).reverse());
  }

  function set(t) {
    if (!Number.isFinite(t)) return;
    threshold = Math.fround(t);
    slider.value = threshold; entry.value = digits(threshold);
    show();
  }

  function choose(name) {
    kind = name;
    Array.prototype.forEach.call(bar.querySelectorAll("button[data-kind]"), function (b) {
      b.setAttribute("aria-pressed", String(b.dataset.kind === kind));
    });
    draw();
    var k = data[kind];
    set([k.proposed, k.in_force, k.computed, (view.low + view.high) / 2].filter(Number.isFinite)[0]);
  }

  /* ---- putting them together ---- */

  [["image", word("kindImage")], ["pixel", word("kindPixel")]].forEach(function (k) {
    if (!data.pictures.some(function (p) { return Number.isFinite(p[k[0]]); })) return;
    var b = make("button", "", k[1]);
    b.type = "button"; b.dataset.kind = k[0];
    b.addEventListener("click", function () { choose(k[0]); });
    bar.appendChild(b);
  });
  slider.type = "range"; slider.setAttribute("aria-label", word("threshold"));
  slider.addEventListener("input", function () { set(+slider.value); });
  entry.type = "number"; entry.step = "any"; entry.setAttribute("aria-label", word("threshold"));
  entry.addEventListener("change", function () { set(parseFloat(entry.value)); });
  chart.setAttribute("viewBox", "0 0 " + W + " " + H);
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", word("chart"));
  var figure = make("figure", "chart"), pick = make("div", "tune-pick"), legend = make("p", "note");
  legend.textContent = word("legend");
  figure.appendChild(chart);
  pick.appendChild(slider); pick.appendChild(entry);
  [bar, figure, pick, says, command, near, legend].forEach(function (e) { home.appendChild(e); });
  figure.after(legend);
  choose("image");
})();
