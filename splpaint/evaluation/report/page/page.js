"use strict";
// Progressive: all tables, curves and pictures are in the page; this sorts, filters and lays pictures over each other.
const $ = (id) => document.getElementById(id);
document.documentElement.classList.add("js");

// --- one of several tables or curves

for (const choice of document.querySelectorAll(".choice")) {
  const options = [...choice.querySelectorAll(":scope > .option")];
  if (options.length < 2) {
    choice.classList.remove("choice");
    continue;
  }
  const select = document.createElement("select");
  select.append(...options.map((option) => new Option(option.dataset.name)));
  const show = () => options.forEach((option, place) => { option.hidden = place !== select.selectedIndex; });
  select.addEventListener("change", show);
  const label = document.createElement("label");
  label.append(choice.dataset.label + " ", select);
  const controls = document.createElement("div");
  controls.className = "controls";
  controls.append(label);
  choice.prepend(controls);
  show();
}

// --- tables that sort

const last = (value) => value === null || Number.isNaN(value);

// Cells without a value come last, whichever way is up.
function compare(one, other, sign) {
  if (last(one) || last(other)) return last(one) - last(other);
  return sign * (typeof one === "string" ? one.localeCompare(other, "en", { numeric: true }) : one - other);
}

function keyOf(row, column, head) {
  const cell = row.cells[column];
  if ("text" in head.dataset) return cell.textContent.trim();
  if (cell.dataset.value === "") return null;
  const value = Number(cell.dataset.value);
  return head.dataset.better === "one" ? Math.abs(value - 1) : value;
}

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const bestFirst = head.dataset.better === "higher" ? "descending" : "ascending";
      const other = bestFirst === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === bestFirst ? other : bestFirst;
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const keyed = [...table.tBodies[0].rows].map((row) => [keyOf(row, column, head), row]);
      keyed.sort(([one], [another]) => compare(one, another, sign));
      table.tBodies[0].append(...keyed.map(([, row]) => row));
    });
  });
}

// --- pictures

if ($("cards")) gallery(JSON.parse($("values").textContent));

function gallery({ values, better }) {
  const cards = [...document.querySelectorAll("article")];
  const measured = better.length > 0;
  const index = (id) => (measured ? $(id).selectedIndex : 0);

  const score = (card) => {
    const value = values[card.dataset.place][index("of")][index("by")][0];
    if (value === null) return null;
    if (value === "exact") return Infinity;
    return { higher: value, lower: -value, one: -Math.abs(value - 1) }[better[index("by")]];
  };
  // What stands below a picture: layers are the damaged picture, the methods, the truth.
  const written = (card, layer) => values[card.dataset.place][layer - 1]?.[index("by")]?.[1] ?? "";

  const shown = () => cards.filter((card) => !card.hidden);

  function order() {
    for (const card of cards) {
      card.hidden = !["bin", "kind"].every((fact) => ["", card.dataset[fact]].includes($(fact).value));
      if (measured) card.querySelectorAll("figcaption").forEach((caption, layer) => {
        const value = caption.querySelector("small");
        if (value) value.textContent = written(card, layer);
      });
    }
    if (measured) {
      const sign = $("first").selectedIndex === 0 ? 1 : -1;
      cards.sort((one, other) => compare(score(one), score(other), sign));
      $("cards").append(...cards);
    }
    const count = shown().length;
    $("count").textContent = `${count} pair${count === 1 ? "" : "s"}`;
  }
  $("order").addEventListener("change", order);
  $("order").addEventListener("submit", (event) => event.preventDefault());
  order();

  large(shown, written);
}

function large(shown, written) {
  const [dialog, slider, over] = [$("large"), $("slider"), document.querySelector(".over")];
  let card = null;

  function draw() {
    $("large-name").textContent = card.querySelector("h3").textContent;
    const pictures = card.querySelectorAll(".strip img");
    const [width, height] = ["width", "height"].map((side) => pictures[0].getAttribute(side));
    over.style.setProperty("--shape", width / height);
    for (const side of ["left", "right"]) {
      const layer = $(`${side}-of`).selectedIndex;
      $(side).src = pictures[layer].src;
      $(side).alt = `${side}: ${pictures[layer].alt}`;
      $(side).className = layer === 0 ? "damaged" : "";
      $(`${side}-value`).textContent = written(card, layer);
    }
    move();
  }

  function move() {
    over.style.setProperty("--at", `${slider.value}%`);
  }

  function step(by) {
    const all = shown();
    card = all[(all.indexOf(card) + by + all.length) % all.length];
    draw();
  }

  function open(button) {
    const [layer, truth] = [Number(button.dataset.layer), $("right-of").options.length - 1];
    card = button.closest("article");
    // Beside the truth; the truth and the damaged picture beside the first method.
    $("left-of").selectedIndex = layer === truth ? 1 : layer;
    $("right-of").selectedIndex = layer === 0 ? 1 : truth;
    slider.value = 50;
    draw();
    dialog.showModal();
    slider.focus();
  }

  $("cards").addEventListener("click", (event) => {
    const button = event.target.closest("button[data-layer]");
    if (button) open(button);
  });
  slider.addEventListener("input", move);
  for (const side of ["left-of", "right-of"]) $(side).addEventListener("change", draw);
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  $("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => card.querySelector("button").focus());
  dialog.addEventListener("keydown", (event) => {
    if (event.target.tagName === "SELECT") return;
    const [pair, percent] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -2], ArrowRight: [0, 2] }[event.key] ?? [0, 0];
    if (!pair && !percent) return;
    event.preventDefault();
    if (pair) return step(pair);
    slider.value = Number(slider.value) + percent;
    move();
  });
}
