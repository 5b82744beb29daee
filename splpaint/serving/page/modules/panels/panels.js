/** Buttons, sliders and lists around the stage: they show what the editor holds, and tell it what is wanted. */

import { loadMarks } from "../document/marks.js";
import { size } from "../server/work.js";
import { able, at, follow } from "./dom.js";

/** Connect all but dialogs; afterwards the page follows the editor. */
export function connectPanels(editor, work, actions) {
  connectBar(editor, work);
  connectTools(editor);
  connectDock(editor, actions);
  connectSlider(editor);
  connectResults(editor);
  connectMasks(editor, work);
}

function connectBar(editor, work) {
  at("undo").addEventListener("click", () => editor.undo());
  at("redo").addEventListener("click", () => editor.redo());
  at("compare").addEventListener("click", () => editor.compare());
  at("download").addEventListener("click", () => work.download());
  follow(editor, ({ history, isBusy, split, canCompare, picture }) => {
    document.body.dataset.state = history ? "editing" : "empty";
    if (!history) return;
    const { name, width, height, file } = history.photo;
    document.title = `${name} · splpaint`;
    at("facts").textContent = `${name}  ${width} × ${height}, ${size(file)}${picture.isReduced ? ", shown reduced" : ""}`;
    able("undo", history.canUndo && !isBusy);
    able("redo", history.canRedo && !isBusy);
    able("compare", canCompare);
    able("download", !isBusy);
    at("compare").setAttribute("aria-pressed", split !== null);
  });
}

function connectTools(editor) {
  const bar = document.querySelector(".tools");
  const tools = [...bar.querySelectorAll("button")];
  for (const button of tools) button.addEventListener("click", () => editor.use(button.dataset.tool));
  // As in every toolbar, one tab stop, and arrow keys within.
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tools.at((tools.indexOf(document.activeElement) + step) % tools.length);
    next.focus();
  });
  follow(editor, ({ tool, isBusy }) => {
    for (const button of tools) {
      button.setAttribute("aria-pressed", button.dataset.tool === tool);
      button.tabIndex = button.dataset.tool === tool ? 0 : -1;
    }
    editor.stage.element.dataset.tool = isBusy ? "hand" : tool;
    editor.stage.element.classList.toggle("busy", isBusy);
  });
}

function connectDock(editor, actions) {
  const { stage, settings } = editor;
  const layers = [...document.querySelectorAll("input[name=layer]")];
  for (const input of layers) {
    input.addEventListener("change", () => {
      editor.markOn(input.value);
      show(editor);
    });
  }
  at("brush-size").addEventListener("input", (event) => settings.set("brush", event.target.valueAsNumber));
  at("invert").addEventListener("click", actions.invert);
  at("clear").addEventListener("click", actions.clear);
  at("run").addEventListener("click", actions.run);
  const zoom = (factor) => {
    stage.view.zoom(factor);
    stage.redraw();
  };
  at("zoom-in").addEventListener("click", () => zoom(1.25));
  at("zoom-out").addEventListener("click", () => zoom(0.8));
  at("zoom-fit").addEventListener("click", () => editor.fit());
  stage.element.addEventListener("drawn", () => {
    at("zoom-value").textContent = `${Math.round(100 * stage.view.scale)} %`;
  });
  const show = ({ history, layer, isBusy, share }) => {
    for (const input of layers) input.checked = input.value === layer;
    layers[1].disabled = !history?.result;
    at("brush-size").value = settings.brush;
    at("brush-size-value").textContent = settings.brush;
    able("run", share > 0 && !isBusy);
    able("invert", !isBusy);
    able("clear", !isBusy && history?.marks(layer).length > 0);
  };
  follow(editor, show);
}

function connectSlider(editor) {
  const { stage } = editor;
  const slider = stage.slider;
  const move = (event) => editor.compare(stage.pointOf(event).x / editor.history.photo.width);
  slider.addEventListener("pointerdown", (event) => {
    slider.setPointerCapture(event.pointerId);
    event.stopPropagation();
  });
  slider.addEventListener("pointermove", (event) => slider.hasPointerCapture(event.pointerId) && move(event));
  slider.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, ArrowDown: -0.02, Home: -1, End: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    editor.compare(editor.split + step);
  });
  follow(editor, ({ split }) => split !== null && slider.setAttribute("aria-valuenow", Math.round(100 * split)));
}

function connectResults(editor) {
  const list = at("results");
  const urls = new Map();
  follow(editor, ({ history, isBusy }) => {
    const results = history?.results ?? [];
    document.body.classList.toggle("has-results", results.length > 0);
    if (!history) return list.replaceChildren();
    const reached = history.entries.slice(0, history.place).filter((entry) => entry.kind === "result").length;
    const item = (words, thumbnail, place, isShown) => {
      const button = document.createElement("button");
      button.type = "button";
      button.disabled = isBusy;
      button.setAttribute("aria-label", words);
      button.title = words;
      button.setAttribute("aria-current", isShown);
      const image = document.createElement("img");
      image.alt = "";
      if (!urls.has(thumbnail)) urls.set(thumbnail, URL.createObjectURL(thumbnail));
      image.src = urls.get(thumbnail);
      button.append(image, String(words.split(" ").at(-1)));
      button.addEventListener("click", () => {
        history.goTo(place);
        editor.status.say(`${words} is shown.`);
      });
      const entry = document.createElement("li");
      entry.append(button);
      return entry;
    };
    list.replaceChildren(
      item("Original", history.photo.thumbnail, 0, reached === 0),
      ...results.map(({ thumbnail, place }, index) =>
        item(`Result ${index + 1}`, thumbnail, place, reached === index + 1),
      ),
    );
  });
}

/** A mask from a file, on the layer in use. */
function connectMasks(editor, work) {
  at("upload-mask").addEventListener("click", () => at("mask").click());
  at("download-mask").addEventListener("click", () => work.downloadMask());
  at("mask").addEventListener("change", async () => {
    const [file] = at("mask").files;
    at("mask").value = "";
    const { photo } = editor.history;
    const size = await createImageBitmap(file).catch(() => null);
    if (!size) return editor.status.fail(`${file.name} cannot be read as a picture. Save the mask as a PNG.`);
    const said = `${size.width} × ${size.height}`;
    if (Math.abs(size.width * photo.height - size.height * photo.width) > Math.max(photo.width, photo.height)) {
      return editor.status.fail(
        `The mask must have the photograph’s size, ${photo.width} × ${photo.height}, or its proportions; it has ${said}. Open another one.`,
      );
    }
    const shape = { form: "mask", file, x: 0, y: 0, width: photo.width, height: photo.height };
    await loadMarks([{ shape }]);
    editor.mark({ operation: "add", shape });
    if (size.width !== photo.width) editor.status.say(`The mask of ${said} was scaled to the photograph’s size.`);
  });
}
