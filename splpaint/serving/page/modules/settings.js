/** What a person has chosen, kept on the device. */

const KEPT = "splpaint.settings";

const DEFAULTS = {
  brush: 40, // diameter in CSS pixels: zooming in makes it finer
  grow: null, // pixels of the photograph; null: by its size
  soften: null,
  model: null, // the server's default
  format: "", // the photograph's own
  runs: false, // after each stroke
  letters: true, // single letters are shortcuts
};

export class Settings extends EventTarget {
  constructor() {
    super();
    try {
      Object.assign(this, DEFAULTS, JSON.parse(localStorage.getItem(KEPT) ?? "{}"));
    } catch {
      Object.assign(this, DEFAULTS);
    }
  }

  set(name, value) {
    this[name] = value;
    localStorage.setItem(KEPT, JSON.stringify(this));
    this.dispatchEvent(new Event("change"));
  }

  /** By how many pixels a mask is grown, so that no edge of the thing remains: by default 1 in 300, at least 3. */
  growFor(photo) {
    return this.grow ?? Math.min(40, Math.max(3, Math.round(Math.max(photo.width, photo.height) / 300)));
  }

  /** Over how many pixels a painting is blended in: within what the mask has grown by, so that nothing shines through. */
  softenFor(photo) {
    return this.soften ?? this.growFor(photo) >> 1;
  }
}
