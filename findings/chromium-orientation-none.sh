#!/bin/sh
# What surprises: createImageBitmap(file, {imageOrientation: "none"}) turns a picture by its EXIF all the same. "none" is what
#   "from-image" was called first, and stands for it to this day; no value means "as stored". An <img> whose style says
#   image-orientation: none is laid out as stored, 32 x 16, while its naturalWidth and naturalHeight are those of the turned picture.
# Why it matters: training and inspection take pixels as they are stored (Pillow's Image.open, torchvision, okng). Phones and tablets
#   turn by EXIF alone. A region that is drawn on such a picture in a browser, a mask or a heat map that is laid over it, or a crop that
#   is cut out lies at another place than the model's, without an error. okng's page overwrites the name of the EXIF block in a copy
#   before it shows a picture (src/serve/page/stored.js).
# Version: Chromium 156.0 (Debian 12, chromium; the newest is all that Debian keeps, so that it cannot be pinned).
# Source: whatwg/html #8085, "passing {imageOrientation: "none"} to createImageBitmap is equivalent to {image-orientation: from-image} in
#   CSS"; open since 2022.
# Output seen (a JPEG of 32 x 16 pixels with orientation 6, "turn by 90 degrees"):
#   | createImageBitmap: 16 x 32
#   | createImageBitmap, imageOrientation none: 16 x 32
#   | createImageBitmap, imageOrientation from-image: 16 x 32
#   | img, image-orientation none: 16 x 32 natural, 32 x 16 laid out
#
# Not part of CI. Needs Chromium (Debian's chromium); writes into a folder that it removes again.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work"
cat >"$work/page.html" <<'PAGE'
<pre id="said"></pre>
<script>
const say = (text) => { document.getElementById("said").textContent += text + "\n"; };
/* A JPEG of the browser's own with an EXIF block that says orientation 6 behind its first marker. */
async function turned() {
  const canvas = document.createElement("canvas");
  canvas.width = 32;
  canvas.height = 16;
  const plain = new Uint8Array(await (await new Promise((done) => canvas.toBlob(done, "image/jpeg"))).arrayBuffer());
  const exif = [0xff, 0xe1, 0, 34, 69, 120, 105, 102, 0, 0, 77, 77, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
  return new Blob([plain.slice(0, 2), new Uint8Array(exif), plain.slice(2)], { type: "image/jpeg" });
}
setInterval(() => {}, 10); /* virtual time passes at once where nothing is to be done, and decoding is done beside it */
(async () => {
  const file = await turned();
  for (const how of ["", "none", "from-image"]) {
    const made = await createImageBitmap(file, how ? { imageOrientation: how } : {});
    say(`createImageBitmap${how && `, imageOrientation ${how}`}: ${made.width} x ${made.height}`);
  }
  const image = new Image();
  image.src = URL.createObjectURL(file);
  image.style.imageOrientation = "none";
  document.body.append(image);
  await image.decode();
  const box = image.getBoundingClientRect();
  say(`img, image-orientation none: ${image.naturalWidth} x ${image.naturalHeight} natural, ${box.width} x ${box.height} laid out`);
})();
</script>
PAGE
timeout 120 chromium --headless --no-sandbox --disable-gpu --virtual-time-budget=600000 --dump-dom "file://$work/page.html" 2>/dev/null |
    sed -n 's/.*<pre id="said">//; /^createImage\|^img/p' >"$work/seen"
sed -n 's/^#   | //p' "$0" >"$work/expected"
cat "$work/seen"
diff "$work/expected" "$work/seen"
