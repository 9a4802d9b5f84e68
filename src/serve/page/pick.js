/* Pictures come in by drop, paste, choice of files, or a camera. */
import { el, button, fill, select, field, openDialog, announce } from "./dom.js";
import { t } from "./words.js";
import { get, pathOf, request, pause } from "./api.js";

const ACCEPT = "image/*,.tif,.tiff,.pgm,.ppm,.pnm,.bmp,.webp";
const FRAME_MS = 400;

function isPicture(file) {
  return file.type.startsWith("image/") || /\.(tiff?|p[gpn]m|bmp|webp)$/i.test(file.name);
}

/* All files of what was dropped, folders with all that is in them. */
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const files = [];
  async function walk(entry) {
    if (entry.isFile) {
      files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return;
      for (const e of some) await walk(e);
    }
  }
  for (const entry of entries) await walk(entry);
  return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/* A place to drop pictures on, with buttons to choose them and to open the camera. taken(files) gets pictures only.
 * options: many, hint, signal: paste anywhere on the page is taken while the view is there. */
export function pickPlace(taken, { many = true, hint, signal, compact = false, label } = {}) {
  const input = el("input", {
    type: "file",
    accept: ACCEPT,
    multiple: many,
    class: "unseen",
    tabIndex: -1,
    "aria-hidden": "true"
  });
  const note = el("p", { class: "help", role: "status" });
  const give = (files) => {
    const pictures = files.filter(isPicture);
    note.textContent = pictures.length < files.length ? t("notPictures", { n: files.length - pictures.length }) : "";
    if (pictures.length) taken(many ? pictures : pictures.slice(0, 1));
  };
  input.addEventListener("change", () => {
    give([...input.files]);
    input.value = "";
  });
  const place = el(
    "div",
    { class: `drop${compact ? " compact" : ""}`, role: "group", "aria-label": label || t("dropPlace") },
    el("p", { class: "drop-say" }, hint || t("dropHere")),
    el(
      "div",
      { class: "row" },
      button(t("chooseFiles"), () => input.click()),
      button(t("openCamera"), () => openCamera(give, many)),
      input
    ),
    note
  );
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", async (event) => {
    event.preventDefault();
    place.classList.remove("over");
    give(await droppedFiles(event.dataTransfer));
  });
  if (signal)
    document.addEventListener(
      "paste",
      (event) => {
        const files = [...event.clipboardData.files];
        if (files.length) {
          event.preventDefault();
          give(files);
        }
      },
      { signal }
    );
  return place;
}

/* ---- cameras ---- */

function stamp() {
  return new Date().toISOString().replace(/[-:]/g, "").replace(/\..*/, "").replace("T", "-");
}

let taken = 0;
async function fileOf(blob) {
  const ending = blob.type === "image/jpeg" ? "jpg" : "png";
  return new File([blob], `camera-${stamp()}-${++taken}.${ending}`, { type: blob.type });
}

/* The camera of this computer or tablet. Frames are taken whole, as PNG: JPEG would add what the line's camera has not. */
async function browserCamera(device) {
  const video = el("video", { class: "camera", playsinline: true, "aria-label": t("cameraPicture") });
  video.muted = true;
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: {
      deviceId: device ? { exact: device } : undefined,
      width: { ideal: 4096 },
      height: { ideal: 4096 },
      facingMode: device ? undefined : { ideal: "environment" }
    }
  });
  video.srcObject = stream;
  await video.play();
  return {
    element: video,
    stop: () => stream.getTracks().forEach((track) => track.stop()),
    async take() {
      const canvas = el("canvas");
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext("2d").drawImage(video, 0, 0);
      return fileOf(
        await new Promise((resolve, reject) =>
          canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(t("cameraNoFrame")))), "image/png")
        )
      );
    }
  };
}

/* A camera of the line, whose newest frame the server hands out. */
function serverCamera(name, failed) {
  const image = el("img", { class: "camera", alt: t("cameraPicture") });
  const over = new AbortController();
  const frame = async () => (await request("GET", `${pathOf("/v1/cameras", name)}/frame`, { signal: over.signal })).blob();
  (async () => {
    while (!over.signal.aborted) {
      try {
        const url = URL.createObjectURL(await frame());
        image.src = url;
        await image.decode().finally(() => URL.revokeObjectURL(url));
        failed("");
      } catch (error) {
        if (!over.signal.aborted) failed(error.message);
      }
      await pause(FRAME_MS, over.signal).catch(() => {});
    }
  })();
  return { element: image, stop: () => over.abort(), take: async () => fileOf(await frame()) };
}

function whyNoCamera(error) {
  if (error?.name === "NotAllowedError") return t("cameraRefused");
  if (error?.name === "NotFoundError") return t("cameraNone");
  return t("cameraFails", { why: error?.message || "" });
}

async function cameraChoices() {
  const ours = await get("/v1/cameras").then(
    (answer) => answer.cameras || [],
    () => []
  );
  let theirs = [];
  if (navigator.mediaDevices) theirs = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === "videoinput");
  return theirs
    .map((d, i) => [`browser:${d.deviceId}`, d.label || t("cameraOfDevice", { n: i + 1 })])
    .concat(ours.map((c) => [`server:${c.name}`, t("cameraOfLine", { name: c.name })]));
}

/* A box with the camera's picture. give([file]) at each press; `many` leaves it open. */
export async function openCamera(give, many) {
  const view = el("div", { class: "camera-place" }),
    said = el("p", { class: "note", role: "status" }),
    choice = el("div");
  let camera = null,
    count = 0;
  const shoot = button(
    t("takePicture"),
    async () => {
      if (!camera) return;
      try {
        give([await camera.take()]);
        said.textContent = t("takenSoFar", { n: ++count });
        announce(said.textContent);
        if (!many) dialog.close();
      } catch (error) {
        said.textContent = whyNoCamera(error);
      }
    },
    { class: "primary", disabled: true }
  );
  const dialog = openDialog(
    t("camera"),
    el(
      "div",
      { class: "camera-box" },
      choice,
      view,
      said,
      el(
        "div",
        { class: "row" },
        shoot,
        button(many ? t("done") : t("cancel"), () => dialog.close())
      )
    ),
    { class: "wide" }
  );
  const stop = () => {
    camera?.stop();
    camera = null;
    shoot.disabled = true;
  };
  async function use(value) {
    stop();
    fill(view);
    const cut = value.indexOf(":"),
      name = value.slice(cut + 1);
    try {
      camera = value.startsWith("server:")
        ? serverCamera(name, (why) => {
            said.textContent = why;
          })
        : await browserCamera(name);
      if (!dialog.box.open) {
        stop();
        return;
      }
      fill(view, camera.element);
      shoot.disabled = false;
      shoot.focus();
    } catch (error) {
      said.textContent = whyNoCamera(error);
    }
  }
  dialog.closed.then(stop);
  const choices = await cameraChoices();
  if (!choices.length) {
    said.textContent = navigator.mediaDevices ? t("cameraNone") : t("cameraNeedsTls");
    return;
  }
  if (choices.length > 1) fill(choice, field(t("camera"), select(choices, choices[0][0], use)));
  await use(choices[0][0]);
}
