/** Dialogs: settings, help, and questions to the person. */

import { LISTED } from "../stage/keys.js";
import { at, element, follow } from "./dom.js";

/** Connect settings and help. */
export function connectDialogs(editor) {
  const { settings } = editor;
  for (const name of ["settings", "help"]) {
    at(`show-${name}`).addEventListener("click", () => at(name).showModal());
    at(name).addEventListener("click", (event) => event.target === at(name) && at(name).close());
  }
  at("keys").replaceChildren(
    ...LISTED.flatMap(([keys, words]) => [element("dt", keys), element("dd", words)]),
  );
  for (const name of ["runs", "letters"]) {
    at(name).checked = settings[name];
    at(name).addEventListener("change", () => settings.set(name, at(name).checked));
  }
  at("format").value = settings.format;
  at("format").addEventListener("change", () => settings.set("format", at("format").value));
  connectGrowth(editor);
}

/** The sliders of the settings whose default depends on the photograph. */
function connectGrowth(editor) {
  const { settings } = editor;
  for (const name of ["grow", "soften"]) {
    at(name).addEventListener("input", () => settings.set(name, at(name).valueAsNumber));
  }
  follow(editor, ({ history }) => {
    const photo = history?.photo ?? { width: 1024, height: 768 };
    for (const [name, value] of [["grow", settings.growFor(photo)], ["soften", settings.softenFor(photo)]]) {
      at(name).value = value;
      at(`${name}-value`).textContent = `${value} px`;
    }
  });
}

/** The list of the server's models, each with what it is good for. */
export function listModels(models, settings) {
  const select = at("model");
  const chosen = models.find((model) => model.name === settings.model) ?? models.find((model) => model.is_default) ?? models[0];
  select.replaceChildren(...models.map(({ name, title }) => {
    const option = element("option", title ?? name);
    option.value = name;
    return option;
  }));
  if (chosen?.name !== settings.model) settings.set("model", null); // it is no longer there
  const show = () => {
    at("model-use").textContent = models.find((model) => model.name === select.value)?.good_for ?? "";
  };
  select.value = chosen?.name ?? "";
  select.addEventListener("change", () => {
    settings.set("model", select.value);
    show();
  });
  show();
}

/** Ask for the server's key. */
export function askKey(wasWrong) {
  const dialog = at("ask-key");
  at("ask-key-words").textContent = wasWrong
    ? "The key was not accepted. Please check it."
    : "Whoever runs it has set one; ask for it there.";
  at("key").value = "";
  dialog.showModal();
  return new Promise((resolve, reject) => {
    dialog.addEventListener(
      "close",
      () => (at("key").value ? resolve(at("key").value) : reject(new DOMException("This server needs a key.", "AbortError"))),
      { once: true },
    );
  });
}

/** Whether what is open may be closed: asks where a result has not been saved. */
export async function mayClose(history) {
  if (!history?.result || history.saved === history.place) return true;
  const dialog = at("ask-close");
  at("ask-close-name").textContent = history.photo.name;
  dialog.showModal();
  return new Promise((resolve) => {
    // Not at "close", which comes later: the next question may stand there by then.
    dialog.querySelector("form").onsubmit = (event) => resolve(event.submitter.value === "close");
    dialog.oncancel = () => resolve(false);
  });
}
