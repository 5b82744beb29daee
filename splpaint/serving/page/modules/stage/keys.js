/** The keyboard: shortcuts, and a brush that arrow keys move. */

/** What is listed: the keys in words, and what they do. */
export const LISTED = [
  ["Ctrl + Enter", "remove what is marked"],
  ["Ctrl + Z", "undo"],
  ["Ctrl + Shift + Z", "redo"],
  ["Ctrl + S", "download"],
  ["O", "open a photograph; Ctrl + V pastes one"],
  ["B, E", "brush, eraser"],
  ["R, L", "rectangle, lasso"],
  ["S, D", "select a thing by a box, by a rough stroke"],
  ["H, hold Space", "move the picture"],
  ["[ and ]", "smaller and larger brush"],
  ["M", "next meaning of marks"],
  ["I, Delete", "invert, clear the marks"],
  ["C", "compare before and after"],
  ["+, −, 0, 1", "zoom in, zoom out, fit, true size"],
  ["Arrows, Enter", "on the picture: move the brush, put it down or lift it"],
  ["Esc", "cancel"],
];

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LAYERS = ["remove", "restore", "avoid"];

/**
 * @param {import("../editor.js").Editor} editor
 * @param {Record<string, () => void>} actions What is not the editor's own: `open`, `run`, `download`, `help`,
 *   `cancel`, `invert`, `clear`.
 */
export function listenToKeys(editor, actions) {
  const { stage, settings } = editor;
  const zoom = (factor) => {
    stage.view.zoom(factor);
    stage.redraw();
  };
  const use = (tool) => () => editor.use(tool);
  const letters = {
    b: use("brush"),
    e: use("erase"),
    r: use("box"),
    l: use("lasso"),
    s: use("pickBox"),
    d: use("pickStroke"),
    h: use("hand"),
    i: actions.invert,
    c: () => editor.compare(),
    m: () => editor.markOn(following(editor)),
    "[": () => editor.resizeBrush(-1),
    "]": () => editor.resizeBrush(1),
    "+": () => zoom(1.25),
    "=": () => zoom(1.25),
    "-": () => zoom(0.8),
    0: () => editor.fit(),
    1: () => zoom(1 / stage.view.scale),
  };
  const withControl = {
    z: (event) => (event.shiftKey ? editor.redo() : editor.undo()),
    y: () => editor.redo(),
    s: actions.download,
    Enter: actions.run,
  };
  const pen = new Pen(editor);

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const does = (act) => {
      event.preventDefault();
      act?.(event);
    };
    if (event.key === "Escape") return does(() => (pen.isDown ? pen.abandon() : actions.cancel()));
    if (event.target.matches("input:not([type=range], [type=radio], [type=checkbox]), select")) return;
    if (event.key === "?") return settings.letters && does(actions.help);
    if (key === "o" && !event.ctrlKey && !event.metaKey) return settings.letters && does(actions.open);
    if (!editor.history) return;
    if (event.ctrlKey || event.metaKey) return Object.hasOwn(withControl, key) && does(withControl[key]);
    if (event.altKey) return;
    if (event.target === stage.element) {
      if (ARROWS[key]) return does(() => pen.move(ARROWS[key], event.shiftKey));
      if (key === "Enter") return does(() => pen.press());
      if (key === " ") return does(() => grip(true));
    }
    if (key === "Delete" || key === "Backspace") return does(actions.clear);
    if (settings.letters && Object.hasOwn(letters, key)) does(letters[key]);
  });
  addEventListener("keyup", (event) => event.key === " " && grip(false));
  addEventListener("blur", () => grip(false));
  stage.element.addEventListener("blur", () => pen.abandon());

  function grip(grips) {
    if (editor.grips === grips) return;
    editor.grips = grips;
    editor.hover(editor.pointer);
    stage.element.classList.toggle("grips", grips);
  }
}

function following(editor) {
  const known = LAYERS.filter((layer) => layer !== "restore" || editor.history.result);
  return known[(known.indexOf(editor.layer) + 1) % known.length];
}

/** A pointer that the arrow keys move. */
class Pen {
  constructor(editor) {
    this.editor = editor;
    this.isDown = false;
  }

  move([right, down], isFar) {
    const { editor } = this;
    const { photo } = editor.history;
    if (editor.tool === "hand") {
      editor.stage.view.move(-40 * right, -40 * down);
      return editor.stage.redraw();
    }
    const step = Math.max(1, (editor.diameter / 3) * (isFar ? 5 : 1));
    const at = editor.pointer ?? { x: photo.width / 2, y: photo.height / 2 };
    this.#go({
      x: Math.min(photo.width, Math.max(0, at.x + right * step)),
      y: Math.min(photo.height, Math.max(0, at.y + down * step)),
    });
    if (this.isDown) editor.move(editor.pointer);
  }

  press() {
    const { editor } = this;
    if (editor.moves) return;
    if (!editor.pointer) this.#go({ x: editor.history.photo.width / 2, y: editor.history.photo.height / 2 });
    if (this.isDown) {
      this.isDown = false;
      return editor.end();
    }
    this.isDown = true;
    editor.begin(editor.pointer);
    editor.status.say("The brush is down. Arrow keys paint, Enter lifts it.");
  }

  abandon() {
    if (!this.isDown) return;
    this.isDown = false;
    this.editor.abandon();
    this.editor.status.say("The brush is lifted; nothing was marked.");
  }

  #go(point) {
    this.editor.stage.view.reveal(point);
    this.editor.hover(point);
    this.editor.stage.redraw();
  }
}
