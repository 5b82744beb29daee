/** Small helps with the page's elements. */

export const at = (id) => document.getElementById(id);

/** Show what the editor holds, now and whenever it changes. */
export function follow(editor, show) {
  editor.addEventListener("change", () => show(editor));
  show(editor);
}

/** Whether a button can be used. */
export function able(id, isAble) {
  // Stays in the order of tabs, so that focus is not lost when it has just been used.
  at(id).setAttribute("aria-disabled", !isAble);
}

export function element(name, words) {
  const made = document.createElement(name);
  made.textContent = words;
  return made;
}
