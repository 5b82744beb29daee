/** Pointers and wheels on the stage: one finger or the mouse draws, two fingers or the hand move and zoom. */

import { meaningOfWheel } from "./view.js";

const WHEEL_ZOOM = 1.0016; // per CSS pixel that a wheel turns
const PINCH_ZOOM = 1.01; // per CSS pixel that pinching two fingers on a touchpad sends

/**
 * @param {import("./stage.js").Stage} stage
 * @param {object} editor Has `begin`, `move`, `end` and `abandon` for drawings, `hover`, `resizeBrush`, and `moves`:
 *   whether a drag moves the picture.
 */
export function listenToGestures(stage, editor) {
  const { element, view } = stage;
  /** Id => the pointers that are down, as they were last seen. */
  const down = new Map();
  let drags = false;

  element.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".slider") || event.button > 1) return;
    event.preventDefault();
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    down.set(event.pointerId, event);
    if (down.size > 1) return editor.abandon();
    drags = editor.moves || event.button === 1;
    if (!drags) editor.begin(stage.pointOf(event));
  });

  element.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (event.pointerType !== "touch") editor.hover(stage.pointOf(event));
    if (!before) return;
    if (down.size === 1 && !drags) {
      const passed = event.getCoalescedEvents?.() ?? [];
      for (const each of passed.length ? passed : [event]) editor.move(stage.pointOf(each));
    } else if (down.size === 1) {
      view.move(event.clientX - before.clientX, event.clientY - before.clientY);
    } else if (down.size === 2) {
      pinch(before, event, [...down.values()].find((other) => other.pointerId !== event.pointerId));
    }
    down.set(event.pointerId, event);
    stage.redraw();
  });

  for (const name of ["pointerup", "pointercancel"]) {
    element.addEventListener(name, (event) => {
      if (!down.delete(event.pointerId)) return;
      if (down.size > 0) drags = true; // the finger that stays does not draw
      else if (name === "pointerup") editor.end();
      else editor.abandon();
    });
  }

  element.addEventListener("pointerleave", () => editor.hover(null));

  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const meaning = meaningOfWheel(event);
      const turned = event.deltaMode === 0 ? event.deltaY || event.deltaX : (event.deltaY || event.deltaX) * 33;
      if (meaning === "size") return editor.resizeBrush(turned < 0 ? 1 : -1);
      const box = element.getBoundingClientRect();
      if (meaning === "move") view.move(-event.deltaX, -event.deltaY);
      else {
        const base = event.ctrlKey && Math.abs(turned) < 50 ? PINCH_ZOOM : WHEEL_ZOOM;
        view.zoom(base ** -turned, event.clientX - box.left, event.clientY - box.top);
      }
      editor.hover(stage.pointOf(event));
      stage.redraw();
    },
    { passive: false },
  );

  /** One of two fingers moved: the point between them stays between them. */
  function pinch(before, now, other) {
    const box = element.getBoundingClientRect();
    const middle = (pointer) => [(pointer.clientX + other.clientX) / 2, (pointer.clientY + other.clientY) / 2];
    const distance = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
    const [fromX, fromY] = middle(before);
    const [x, y] = middle(now);
    view.move(x - fromX, y - fromY);
    view.zoom(Math.max(1, distance(now)) / Math.max(1, distance(before)), x - box.left, y - box.top);
  }
}
