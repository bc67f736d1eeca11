// Forms of cloud credentials. What is typed into a field, or read from a file, stays in this page until it is posted: no value goes over the
// circuit or into a draft. See Portal/Features/CloudCredentials/Pages/CloudFields.razor.
import { announce } from "./announce.js";
import { patience, post, problem, problemOf } from "./call.js";
import { askEnd } from "./cloud-end.js";
import { clear, drop, fileOf } from "./cloud-file.js";
import { clearErrors, showErrors } from "./cloud-errors.js";
import { addRow, rows } from "./cloud-rows.js";
import { write } from "./draft.js";
import { make } from "./element.js";
import { syncFrom } from "./time.js";

const fieldPrefix = "field:";

/** The fields of a form: `{ name, input, was }`; was is what a safe one held when the form opened. */
const fields = (form) => [...form.querySelectorAll(`[name^="${fieldPrefix}"]`)]
  .map((input) => ({ name: input.name.slice(fieldPrefix.length), input, was: input.dataset.was ?? "" }));

/** Brings a form's part to life. */
export function attach(part) {
  const place = part.querySelector("[data-cloud-rows]");
  if (place && place.childElementCount === 0 && place.dataset.cloudRows === "one") addRow(place);
}

/** By name, what differs from what was there; null in the place of a text that is not to be shown. */
function typed(form) {
  const values = {}, shown = {};
  const put = (name, value, isSecret) => {
    values[name] = value;
    shown[name] = isSecret ? null : value;
  };
  for (const { name, input, was } of fields(form)) {
    if (form.querySelector(`[name="clear:${CSS.escape(name)}"]`)?.checked) put(name, "", false);
    else if (input.dataset.secret === undefined ? input.value !== was : input.value) put(name, input.value, input.dataset.secret !== undefined);
  }
  rows(form).forEach(({ name, value }) => put(name, value, true));
  return { values, shown };
}

/** Undefined: as they are. */
function tagsOf(form) {
  const input = form.querySelector("[name=tags]");
  return !input || input.value === input.dataset.was ? undefined : input.value.split(/[\s,]+/).filter((tag) => tag);
}

/**
 * Posts what is typed.
 * @param wish what .NET knows of it: `{ type }` of a new one, `{ tag }` of the version that a change builds on, and `verify`
 * @returns `{ name, version }`, or `{ problem: { slug, detail, traceId, missing, hasErrors } }`: no value and no error of a field
 */
export async function send(formId, path, wish) {
  const form = document.getElementById(formId);
  clearErrors(form);
  const { values } = typed(form);
  const end = askEnd(form);
  const doubled = rows(form).find(({ name }, index, all) => all.findIndex((other) => other.name === name) !== index);
  if (doubled) return refused(form, { [doubled.name]: ["This name is given twice."] });
  const body = {
    ...wish, values, file: fileOf(form), tags: tagsOf(form),
    name: form.querySelector("[name=name]")?.value.trim(), ...end,
  };
  let answer;
  try {
    const response = await post(path, body, AbortSignal.timeout(patience));
    syncFrom(response);
    if (!response.ok) {
      const { errors, ...rest } = await problemOf(response);
      return errors ? refused(form, errors, rest) : { problem: { ...rest, hasErrors: false } };
    }
    answer = await response.json();
  } catch {
    return { problem: problem("unknown-outcome") };
  }
  empty(form);
  return { name: answer.name, version: answer.version };
}

function refused(form, errors, { slug, traceId } = { slug: "invalid", traceId: null }) {
  showErrors(form, errors);
  return { problem: { slug, detail: null, traceId, missing: null, hasErrors: true } };
}

function empty(form) {
  fields(form).forEach(({ input }) => { input.value = ""; });
  form.querySelectorAll("[data-cloud-rows]").forEach((place) => place.replaceChildren());
  form.querySelectorAll("[data-draft]").forEach((input) => {
    input.value = "";
    write(input.dataset.draft, null);
  });
  clear(form);
}

/** Writes what is typed in a form beside what somebody else saved. */
export function showMine(list, formId) {
  const form = document.getElementById(formId);
  const draw = () => {
    if (!list.isConnected) return form.removeEventListener("input", draw);
    const entries = Object.entries(typed(form).shown);
    if (fileOf(form)) entries.push(["file", "what you dropped"]);
    if (tagsOf(form)) entries.push(["tags", tagsOf(form).join(" ")]);
    if (askEnd(form).setsEnd) entries.push(["endsAt", form.querySelector("[name=endsAt]").value || "no end"]);
    list.replaceChildren(...entries.length === 0
      ? [make("div", {}, make("dt", {}, "Nothing yet"), make("dd", {}))]
      : entries.map(([name, value]) => make("div", {}, make("dt", {}, make("code", {}, name)), make("dd", {}, value === null ? "typed, not shown" : value || "cleared"))));
  };
  form.addEventListener("input", draw);
  draw();
}

function clicked({ target }) {
  const show = target.closest?.("[data-cloud-show]");
  if (show) toggle(show);
  const add = target.closest?.("[data-cloud-add]");
  if (add) addRow(add.closest("form").querySelector("[data-cloud-rows]")).focus();
}

function toggle(button) {
  const input = button.closest("[data-cloud-secret]").querySelector("[data-secret]");
  const isShown = input.classList.toggle("is-shown");
  if (input.tagName === "INPUT") input.type = isShown ? "text" : "password";
  button.textContent = isShown ? "Hide" : "Show";
  button.setAttribute("aria-pressed", String(isShown));
}

export function start() {
  document.addEventListener("click", clicked);
  drop.start((form, complaint) => {
    clearErrors(form);
    if (complaint) showErrors(form, { file: [complaint] });
    else announce("The file is taken.");
    // What is typed changed, for whoever shows it.
    form.dispatchEvent(new Event("input"));
  });
}
