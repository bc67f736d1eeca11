// A file that holds the fields: chosen or dropped, read here, and kept in this page's memory alone until it is sent.
//   <div data-cloud-file><input type="file" /> <p data-cloud-file-says></p></div>
import { button, make } from "./element.js";

const largest = 1024 * 1024;
const files = new WeakMap();

/** The text; null when none was taken. */
export const fileOf = (form) => files.get(form)?.text ?? null;

export function clear(form) {
  files.delete(form);
  form.querySelectorAll("[data-cloud-file]").forEach((zone) => say(zone, form));
}

function say(zone, form) {
  const file = files.get(form);
  zone.toggleAttribute("data-taken", Boolean(file));
  zone.querySelector("[data-cloud-file-says]").replaceChildren(...file
    ? [make("strong", {}, file.name), ` is taken (${size(file.size)}). `, button("Remove", () => {
      clear(form);
      zone.querySelector("input").focus();
    }, { "aria-label": `Remove ${file.name}` })]
    : []);
}

const size = (bytes) => bytes < 10_000 ? `${bytes} bytes` : `${Math.round(bytes / 1000)} kB`;

async function take(zone, file) {
  const form = zone.closest("form");
  if (file.size > largest) return `${file.name} has ${size(file.size)}; at most 1 MB is read. Is it the right file?`;
  if (file.size === 0) return `${file.name} is empty.`;
  let text;
  try {
    text = await file.text();
  } catch {
    return `The browser could not read ${file.name}. Choose it again.`;
  }
  files.set(form, { name: file.name, size: file.size, text });
  say(zone, form);
  return null;
}

const zoneOf = (event) => event.target.closest?.("[data-cloud-file]");

export const drop = {
  /** @param taken called with the form and what is wrong with the file, if anything */
  start(taken) {
    const takeAndTell = async (zone, file) => taken(zone.closest("form"), await take(zone, file));
    document.addEventListener("change", (event) => {
      const zone = zoneOf(event);
      if (!zone || event.target.type !== "file" || !event.target.files[0]) return;
      takeAndTell(zone, event.target.files[0]);
      event.target.value = "";
    });
    document.addEventListener("dragover", (event) => {
      const zone = zoneOf(event);
      if (!zone) return;
      event.preventDefault();
      zone.dataset.dragging = "";
    });
    document.addEventListener("dragleave", (event) => delete zoneOf(event)?.dataset.dragging);
    document.addEventListener("drop", (event) => {
      const zone = zoneOf(event);
      if (!zone) return;
      event.preventDefault();
      delete zone.dataset.dragging;
      if (event.dataTransfer.files[0]) takeAndTell(zone, event.dataTransfer.files[0]);
    });
  },
};
