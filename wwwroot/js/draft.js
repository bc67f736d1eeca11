// What was typed and not yet used outlives a lost connection and a new sign-in, in this tab alone. Never a secret.
//   <input data-draft="name">
import { holdsPrivate } from "./private-key.js";

const prefix = "portal.draft.";
const owner = "portal.draft-owner";

export function read(name) {
  return sessionStorage.getItem(prefix + name);
}

export function write(name, value) {
  if (value && !holdsPrivate(value)) sessionStorage.setItem(prefix + name, value);
  else sessionStorage.removeItem(prefix + name);
}

/** Keeps it, and fills the fields of that name which stand on the page. */
export function fill(name, value) {
  write(name, value);
  document.querySelectorAll(`[data-draft="${CSS.escape(name)}"]`).forEach((field) => { field.value = value ?? ""; });
}

export function forgetAll() {
  Object.keys(sessionStorage).filter((key) => key.startsWith(prefix)).forEach((key) => sessionStorage.removeItem(key));
}

export function restore(root) {
  root.querySelectorAll("[data-draft]").forEach((field) => {
    field.value ||= read(field.dataset.draft) ?? "";
  });
}

export function start() {
  // Somebody else signed in: their page does not show what the last one typed.
  const user = document.querySelector("meta[name=user]")?.content ?? "";
  if (sessionStorage.getItem(owner) !== user) forgetAll();
  sessionStorage.setItem(owner, user);

  document.addEventListener("input", ({ target }) => {
    if (target.dataset?.draft) write(target.dataset.draft, target.value);
  });
  document.getElementById("sign-out")?.addEventListener("submit", forgetAll);
}
