/** The ways in which a photograph comes: chosen, taken, dropped, pasted, or the example. */

import { at } from "./dom.js";

/**
 * @param {(file: File) => void} open
 * @param {(words: string) => void} complain
 */
export function listenToFiles(open, complain) {
  for (const input of [at("file"), at("camera")]) {
    input.addEventListener("change", () => {
      if (input.files[0]) open(input.files[0]);
      input.value = ""; // so that the same file can be chosen again
    });
  }
  at("first-open").addEventListener("click", () => at("file").click());
  at("open").addEventListener("click", () => at("file").click());
  at("take").addEventListener("click", () => at("camera").click());
  at("example").addEventListener("click", async () => {
    const answer = await fetch("example.webp");
    open(new File([await answer.blob()], "example.webp", { type: "image/webp" }));
  });

  addEventListener("paste", (event) => take(event.clipboardData, "pasted"));
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", (event) => !event.relatedTarget && document.body.classList.remove("dropping"));
  addEventListener("drop", (event) => {
    document.body.classList.remove("dropping");
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    take(event.dataTransfer, "dropped");
  });

  function take({ files }, how) {
    if (!files.length) return;
    const photo = [...files].find((file) => file.type.startsWith("image/") || /\.(heic|heif|jxl|tiff?)$/i.test(file.name));
    if (photo) open(photo);
    else complain(`What was ${how} is no picture: ${files[0].name}. Use a JPEG, PNG, WebP or TIFF, for instance.`);
  }
}
