/** The page: its parts, put together. */

import { History } from "./document/history.js";
import { forgetWork, keepWork, readWork } from "./document/storage.js";
import { Editor } from "./editor.js";
import { askKey, connectDialogs, listModels, mayClose } from "./panels/dialogs.js";
import { at } from "./panels/dom.js";
import { listenToFiles } from "./panels/files.js";
import { connectPanels } from "./panels/panels.js";
import { Status } from "./panels/status.js";
import { Api } from "./server/api.js";
import { size, Work } from "./server/work.js";
import { Settings } from "./settings.js";
import { listenToGestures } from "./stage/gestures.js";
import { listenToKeys } from "./stage/keys.js";
import { Picture } from "./stage/picture.js";
import { Stage } from "./stage/stage.js";

/** Media types whose name is not the format's. */
const ALIASES = { "image/jpg": "jpeg", "image/heif": "heic", "image/x-ms-bmp": "bmp" };

const settings = new Settings();
const status = new Status(at("status"));
const stage = new Stage(at("stage"));
const api = new Api(askKey);
const editor = new Editor(stage, status, settings);
const work = new Work(editor, api, status, settings);
const limits = api.limits();
limits.catch(() => {}); // it is told below

const actions = {
  open: () => at("file").click(),
  run: () => work.run(),
  download: () => work.download(),
  help: () => at("help").showModal(),
  cancel: () => (editor.isBusy ? status.act?.() : editor.split !== null ? editor.compare(null) : editor.abandon()),
  invert: () => markAll("invert"),
  clear: () => markAll("erase"),
};

connectPanels(editor, work, actions);
connectDialogs(editor);
listenToGestures(stage, editor);
listenToKeys(editor, actions);
listenToFiles(open, (words) => status.fail(words));
at("forget").addEventListener("click", forget);
editor.addEventListener("marked", marked);
editor.addEventListener("picked", (event) => work.pick(event.detail));
await begin();

/** What this browser lacks of what the page is made of, if anything. */
function lacking() {
  return ["OffscreenCanvas", "CompressionStream", "indexedDB"].filter((name) => !(name in window));
}

/** What was kept from last time, and what the server says about itself. */
async function begin() {
  if (lacking().length) return status.fail(`This browser is too old: it has no ${lacking().join(", ")}. Update it.`);
  try {
    const kept = await readWork();
    if (kept) {
      await show(kept);
      status.say(`Your work on ${kept.photo.name} is as you left it.`);
    }
  } catch (error) {
    status.fail(`The work that was kept on this device cannot be read (${error.message}). Open the photograph again.`);
  }
  if (!editor.history) document.body.dataset.state = "empty";
  try {
    if ((await limits).needs_key) await api.requireKey();
    listModels(await api.models(), settings);
  } catch (error) {
    status.fail(error.message, "Reload", () => location.reload());
  }
}

/** Open a photograph: what is open is closed and forgotten. */
async function open(file) {
  if (editor.isBusy || !(await mayClose(editor.history))) return;
  const { max_bytes: mostBytes, max_pixels: mostPixels, formats } = await limits.catch(() => ({}));
  const format = ALIASES[file.type] ?? file.type.replace("image/", "");
  if (formats && format && !formats.includes(format)) {
    return status.fail(
      `This server takes ${formats.join(", ")}; ${file.name} is of another kind, ${format}. Open one of these, or convert it.`,
    );
  }
  if (file.size > mostBytes) {
    return status.fail(
      `This server takes files of up to ${size({ size: mostBytes })}, ${file.name} has ${size(file)}. Open a smaller one.`,
    );
  }
  status.say(`Opening ${file.name} …`);
  let copy;
  let picture = await Picture.load(file).catch(() => null);
  if (!picture) {
    copy = await work.copyOf(file);
    if (!copy) return;
    picture = await Picture.load(copy);
  }
  const { width, height } = picture;
  if (width * height > mostPixels) {
    picture.close();
    return status.fail(
      `This server takes up to ${megapixels(mostPixels)} megapixels, ${file.name} has ${megapixels(width * height)}. Open a smaller one.`,
    );
  }
  for (const name of ["grow", "soften"]) settings.set(name, null); // as fits the photograph's size
  const thumbnail = await picture.thumbnail();
  await show(new History({ file, copy, name: file.name || "photograph.png", width, height, thumbnail }), picture);
  keep();
  status.say("Paint over what should go, then press Remove.");
  stage.element.focus({ preventScroll: true });
}

async function show(history, picture) {
  await editor.open(history, picture);
  history.addEventListener("change", keep);
}

function marked({ detail: mark }) {
  if (mark.layer === "remove") {
    if (settings.runs && mark.operation === "add" && !editor.isBusy) work.run();
    else if (!editor.isBusy) editor.tell();
  } else if (mark.layer === "restore") status.say("The original is back there.");
  else status.say("Nothing will be copied from there.");
}

function markAll(operation) {
  if (!editor.isBusy) editor.mark({ operation, shape: { form: "all" } });
}

function keep() {
  keepWork(editor.history).catch(() => {
    status.say("This device has no room to keep your work: a reload would lose it. Download what you need.");
  });
}

async function forget() {
  at("settings").close();
  await forgetWork();
  await editor.open(null);
  document.title = "splpaint";
}

function megapixels(pixels) {
  return Number((pixels / 1e6).toPrecision(2));
}
