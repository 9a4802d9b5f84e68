/* Pictures as they are stored. okng takes no notice of the orientation in EXIF, as training pictures are read everywhere; browsers
 * turn by it wherever they show or decode, and Chromium even where createImageBitmap is told "none". So that places are the same
 * for both, its name is overwritten in a copy. */

const text = (bytes, at, length) => String.fromCharCode(...bytes.subarray(at, at + length));

function inJpeg(bytes, view) {
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; at += 2 + view.getUint16(at + 2))
    if (bytes[at + 1] === 0xe1 && text(bytes, at + 4, 4) === "Exif") return at + 4;
  return -1;
}
function inPng(bytes, view) {
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) if (text(bytes, at + 4, 4) === "eXIf") return at + 4;
  return -1;
}
function inWebp(bytes, view) {
  for (let at = 12; at + 8 <= bytes.length; at += 8 + view.getUint32(at + 4, true) + (view.getUint32(at + 4, true) & 1))
    if (text(bytes, at, 4) === "EXIF") return at;
  return -1;
}

export async function asStored(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer()),
    view = new DataView(bytes.buffer);
  const head = text(bytes, 0, Math.min(12, bytes.length));
  let at = -1;
  if (bytes[0] === 0xff && bytes[1] === 0xd8) at = inJpeg(bytes, view);
  else if (head.startsWith("\x89PNG")) at = inPng(bytes, view);
  else if (head.startsWith("RIFF") && head.endsWith("WEBP")) at = inWebp(bytes, view);
  if (at < 0) return blob;
  bytes[at] = "x".charCodeAt(0);
  return new Blob([bytes], { type: blob.type });
}
