// What the portal found wrong stands at its fields. Written by the script: what a field is called may be somebody's own words.
//   <input name="…" aria-describedby="…"> <p data-error="…" hidden></p>, and <div data-errors-other hidden></div> for all else
import { make } from "./element.js";
import { rowOf } from "./cloud-rows.js";

const own = new Set(["name", "tags", "endsAt"]);

/** The input of that name, and where its error goes; null when the form has none. */
function placeOf(form, key) {
  const row = !own.has(key) && rowOf(form, key);
  if (row) return row;
  const name = CSS.escape(key);
  const says = form.querySelector(`[data-error="${name}"]`);
  const input = key === "file" ? form.querySelector("[data-cloud-file] input") : form.querySelector(own.has(key) ? `[name="${name}"]` : `[name="field:${name}"]`);
  return says && input ? { input, says } : null;
}

export function clearErrors(form) {
  form.querySelectorAll("[aria-invalid]").forEach((input) => {
    input.removeAttribute("aria-invalid");
    describe(input, null);
  });
  form.querySelectorAll("[data-error], [data-errors-other]").forEach((says) => {
    says.replaceChildren();
    says.hidden = true;
  });
}

// In the place of the hint.
function describe(input, errorId) {
  input.dataset.hint ??= input.getAttribute("aria-describedby") ?? "";
  const id = errorId ?? input.dataset.hint;
  if (id) input.setAttribute("aria-describedby", id);
  else input.removeAttribute("aria-describedby");
}

/** @param errors by field, lists of sentences */
export function showErrors(form, errors) {
  const other = form.querySelector("[data-errors-other]");
  const wrong = [];
  for (const [key, [text]] of Object.entries(errors)) {
    const place = placeOf(form, key);
    if (!place) {
      other.append(make("p", {}, text));
      other.hidden = false;
      continue;
    }
    place.says.replaceChildren(text);
    place.says.hidden = false;
    place.input.setAttribute("aria-invalid", "true");
    describe(place.input, place.says.id);
    place.input.closest("details")?.setAttribute("open", "");
    wrong.push(place.input);
  }
  // In the order of the form, not of the answer.
  wrong.sort((one, another) => one.compareDocumentPosition(another) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1);
  (wrong[0] ?? other).focus();
}
