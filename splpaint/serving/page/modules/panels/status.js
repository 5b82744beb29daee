/** What goes on, in words: said once to screen readers, with progress, a way to stop, and what to do after an error. */

export class Status {
  /** @param {HTMLElement} element Holds `.words`, `.time`, `progress` and `button`. */
  constructor(element) {
    this.element = element;
    [this.words, this.time, this.bar, this.button] = [".words", ".time", "progress", "button"].map((part) =>
      element.querySelector(part),
    );
    this.button.addEventListener("click", () => this.act?.());
  }

  /** Say something that needs no answer; while something is being done, that stays in sight instead. */
  say(words) {
    if (this.element.dataset.kind !== "working") this.#set("calm", words);
  }

  /** Say that something failed, and offer to do something about it. */
  fail(words, label = "", act = null) {
    this.#set("failed", words, label, act);
  }

  /** Say what is being done, which can be stopped. */
  work(words, stop) {
    this.#set("working", words, "Cancel", stop);
    this.progress(null);
  }

  /** It is over. */
  rest() {
    this.#set("calm", "");
  }

  /** How much of it is done, in [0, 1] or null if unknown, and how long it will take, in words. */
  progress(share, time = "") {
    if (share === null) this.bar.removeAttribute("value");
    else this.bar.value = share;
    this.time.textContent = time;
  }

  #set(kind, words, label = "", act = null) {
    this.element.dataset.kind = kind;
    if (this.words.textContent !== words) this.words.textContent = words;
    this.time.textContent = "";
    this.bar.hidden = kind !== "working";
    this.button.hidden = !act;
    this.button.textContent = label;
    this.act = act;
  }
}
