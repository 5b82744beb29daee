/** Work that the server does for the editor: told in words, with the time left, and stopped on demand. */

import { loadMarks } from "../document/marks.js";
import { maskFile } from "../document/mask_file.js";
import { ServerError } from "./api.js";
import { cropAround } from "./picking.js";

const TICK_MS = 400;
const MOST_TRIES = 30;

export class Work {
  constructor(editor, api, status, settings) {
    Object.assign(this, { editor, api, status, settings });
  }

  /** Remove what is marked: the result becomes the picture. */
  run() {
    const { history } = this.editor;
    const marks = history?.marks("remove") ?? [];
    if (!marks.length) return this.status.say("Nothing is marked yet. Paint over what should go, then press Remove.");
    return this.#do("Removing", () => this.run(), async (step) => {
      const { photo } = history;
      step.say("Preparing the mask");
      const mask = await maskFile(marks, photo);
      if (!mask.count) throw new ServerError("Nothing is marked. Paint over what should go, then press Remove.");
      if (mask.count === photo.width * photo.height) {
        throw new ServerError("The whole picture is marked, so nothing is known. Erase or invert the mask.");
      }
      const avoid = history.marks("avoid");
      const avoided = avoid.length ? await maskFile(avoid, photo) : null;
      const image = await this.#picture(history, step);
      const started = performance.now();
      const fields = {
        image: named(image, photo),
        mask: mask.file,
        avoid: avoided?.count ? avoided.file : null,
        dilate: this.settings.growFor(photo),
        feather: this.settings.softenFor(photo),
        model: this.settings.model,
        format: between(photo),
      };
      const { file, notices } = await step.ask("Removing", (request) => this.api.inpaint(fields, request));
      const seconds = (performance.now() - started) / 1000;
      await this.editor.addResult({ file, notices });
      return `Done in ${seconds.toFixed(1)} s. Compare with before, go on painting, or download.`;
    });
  }

  /** Mark the thing in a box or under a rough stroke. */
  pick(shape) {
    const { stage } = this.editor;
    return this.#do("Looking for the thing", () => this.pick(shape), async (step) => {
      const { crop, fields } = await cropAround(shape, stage.shown);
      const { file } = await step.ask("Looking for the thing", (request) => this.api.select(fields, request));
      const found = { form: "mask", file, ...crop };
      await loadMarks([{ shape: found }]);
      this.editor.mark({ operation: "add", shape: found });
      return "Marked. Correct it with brush and eraser, then press Remove.";
    });
  }

  /** The picture as a file in the format in which it was opened, or the one that is set. */
  download() {
    const { history } = this.editor;
    return this.#do("Preparing the file", () => this.download(), async (step) => {
      const file = await this.#finished(history, step);
      const { photo } = history;
      const suffix = (file.type !== photo.file.type && SUFFIXES[file.type]) || photo.name.slice(stem(photo.name).length);
      const name = `${stem(photo.name)}.painted${suffix}`;
      save(file, name);
      history.saved = history.place;
      const notices = history.result?.notices ?? [];
      const known = notices.length ? ` To be known: ${notices.join("; ")}.` : "";
      return `Saved ${name}: ${photo.width} × ${photo.height}, ${size(file)}.${known}`;
    });
  }

  async downloadMask() {
    const { history, layer } = this.editor;
    const marked = layer === "restore" ? "remove" : layer;
    const { file, count } = await maskFile(history.marks(marked), history.photo);
    if (!count) return this.status.say("Nothing is marked, so there is no mask to save.");
    save(file, `${stem(history.photo.name)}.mask.png`);
    this.status.say(`Saved ${stem(history.photo.name)}.mask.png: white is what is marked.`);
  }

  /** A copy of a photograph that the browser can show, for formats that it cannot. */
  async copyOf(file) {
    let copy = null;
    await this.#do("Reading the photograph", null, async (step) => {
      const read = (request) => this.api.compose({ image: file, format: "png" }, request);
      copy = (await step.ask("Reading the photograph", read)).file;
    }, (message) => `${file.name} cannot be opened: ${message.replace(/^image /, "it ")}`);
    return copy;
  }

  /** The picture as it is now: with the original where it was brought back since the last result. */
  async #picture(history, step) {
    if (!history.marks("restore").length) return history.file;
    return this.#composed("Bringing the original back", history, between(history.photo), step);
  }

  async #finished(history, step) {
    const { photo } = history;
    const own = !this.settings.format || this.settings.format === photo.file.type;
    const isWhole = !history.marks("restore").length;
    if (isWhole && own && (!history.result || history.file.type === photo.file.type)) return history.file;
    const format = own ? null : this.settings.format.replace("image/", "");
    return this.#composed("Preparing the file", history, format, step);
  }

  async #composed(words, history, format, step) {
    const { photo } = history;
    const restored = history.marks("restore").map((mark) => ({ ...mark, operation: OPPOSITES[mark.operation] }));
    const mask = restored.length && (await maskFile([{ operation: "add", shape: { form: "all" } }, ...restored], photo));
    const fields = {
      image: photo.file,
      over: named(history.file, photo),
      mask: mask ? mask.file : null,
      format,
    };
    return (await step.ask(words, (request) => this.api.compose(fields, request))).file;
  }

  /** Do something, told from beginning to end; whatever fails is said, with a way to try again. */
  async #do(words, again, task, tell = (message) => message) {
    if (this.editor.isBusy) return; // the status says with what
    const stop = new AbortController();
    const step = new Step(this.status, this.api, stop);
    step.say(words);
    this.editor.busy(true);
    try {
      const said = await task(step);
      this.status.rest();
      if (said) this.status.say(said);
    } catch (error) {
      this.status.rest();
      if (error.name === "AbortError") this.status.say("Cancelled. Nothing has changed.");
      else if (error instanceof ServerError) this.status.fail(tell(error.message), "Try again", again);
      else {
        this.status.fail(`This did not work: ${error.message}`, "Try again", again);
        throw error;
      }
    } finally {
      this.editor.busy(false);
    }
  }
}

/** One thing that is being done. */
class Step {
  constructor(status, api, stop) {
    Object.assign(this, { status, api, stop });
  }

  say(words) {
    if (this.words === words) return;
    this.words = words;
    this.status.work(`${words} …`, () => this.stop.abort());
  }

  /** Ask the server, and ask again while it is too busy to answer. */
  async ask(words, request) {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(words, request);
      } catch (error) {
        if (!error.retryAfter || tries === MOST_TRIES) throw error;
        await this.#wait(error.retryAfter);
      }
    }
  }

  async #once(words, request) {
    // Not randomUUID, which plain HTTP from another machine does not have.
    const name = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16)).join("-");
    let ticks;
    const onSent = (share) => this.status.progress(share, `sending: ${Math.round(100 * share)} %`);
    const onWorking = () => {
      this.say(words);
      const started = performance.now();
      ticks = setInterval(async () => {
        const progress = await this.api.progress(name);
        if (progress && ticks) this.#tell(words, progress, (performance.now() - started) / 1000);
      }, TICK_MS);
    };
    this.say(words);
    try {
      return await request({ signal: this.stop.signal, name, onSent, onWorking });
    } finally {
      clearInterval(ticks);
      ticks = null;
    }
  }

  #tell(words, { state, ahead, done, steps, seconds_left: left }, passed) {
    if (state === "waiting") {
      this.say(ahead > 1 ? `Waiting: ${ahead} are before you` : "Waiting: you are next");
      return this.status.progress(null, left ? inSeconds(left) : "");
    }
    this.say(words);
    const time = left !== null && done ? inSeconds(left) : passed > 2 ? `${Math.round(passed)} s so far` : "";
    this.status.progress(steps && done ? done / steps : null, time);
  }

  async #wait(seconds) {
    this.say("The server is busy: waiting for a place");
    for (let left = seconds; left > 0; left--) {
      this.status.progress(null, `asking again in ${Math.ceil(left)} s`);
      await new Promise((resolve) => setTimeout(resolve, 1000 * Math.min(1, left)));
      this.stop.signal.throwIfAborted();
    }
  }
}

function inSeconds(left) {
  if (left < 1) return "nearly done";
  return `about ${left < 90 ? `${Math.ceil(left)} s` : `${Math.round(left / 60)} min`} left`;
}

const OPPOSITES = { add: "erase", erase: "add", invert: "invert" };
const SUFFIXES = { "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/avif": ".avif" };

/** The format of pictures between the photograph and the download: JPEGs stay so, all others lose nothing as PNG. */
function between(photo) {
  return photo.file.type === "image/jpeg" ? null : "png";
}

function named(file, photo) {
  return file instanceof File ? file : new File([file], photo.name, { type: file.type });
}

function stem(name) {
  return name.replace(/\.[^.]*$/, "");
}

export function size(file) {
  return file.size < 1e6 ? `${Math.ceil(file.size / 1e3)} kB` : `${(file.size / 1e6).toFixed(1)} MB`;
}

function save(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
