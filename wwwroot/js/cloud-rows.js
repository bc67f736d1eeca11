// Fields that somebody names themselves. All of a row is the script's: neither name nor value is .NET's to know before they are stored.
import { button, make } from "./element.js";

let last = 0;

/** @returns the field for its name */
export function addRow(place) {
  const id = `cloud-row-${++last}`;
  const name = make("input", { id, class: "field", "data-row-name": "", type: "text", autocomplete: "off", spellcheck: "false", placeholder: "API_KEY" });
  const value = make("textarea", { id: `${id}-value`, class: "field masked", "data-row-value": "", "data-secret": "", rows: "1", autocomplete: "off", spellcheck: "false" });
  const row = make("div", { class: "cloud-row", role: "group", "aria-label": "Field" },
    make("div", {}, make("label", { for: id }, "Field’s name"), name),
    make("div", { "data-cloud-secret": "" },
      make("label", { for: value.id }, "Value"),
      make("div", { class: "with-button" }, value, make("button", { type: "button", class: "plain-button", "data-cloud-show": "", "aria-pressed": "false" }, "Show"))),
    button("Remove", () => {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      (next?.querySelector("[data-row-name]") ?? place.closest("form").querySelector("[data-cloud-add]"))?.focus();
    }, { "aria-label": "Remove this field" }),
    make("p", { id: `${id}-error`, class: "field-error", "data-error": "", hidden: "" }));
  place.append(row);
  return name;
}

const all = (form) => [...form.querySelectorAll(".cloud-row")].map((row) => ({
  row, name: row.querySelector("[data-row-name]").value.trim(), value: row.querySelector("[data-row-value]").value,
}));

/** Those in which something is typed. */
export const rows = (form) => all(form).filter(({ name, value }) => name || value);

/** The row of that name, as a place for its error. The portal shortens names in its answers. */
export function rowOf(form, key) {
  const found = all(form).findLast(({ name, value }) => (name || value) && (name === key || (key.endsWith("…") && name.startsWith(key.slice(0, -1)))));
  return found && { input: found.row.querySelector("[data-row-name]"), says: found.row.querySelector("[data-error]") };
}
