// Small habits of the page: copying, filling a field, moving the focus.
import { announce } from "./announce.js";
import { restore } from "./draft.js";

/** Copies and says so. Answers whether it worked. */
export async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    announce("The browser did not let this be copied.");
    return false;
  }
  announce("Copied");
  if (button) {
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, 1500);
  }
  return true;
}

export function focus(id) {
  document.getElementById(id)?.focus();
}

function clicked(event) {
  const button = event.target.closest?.("[data-copy], [data-fill], [data-skip]");
  if (!button) return;
  if (button.dataset.copy !== undefined) copy(button.dataset.copy, button);
  if (button.dataset.skip) focus(button.dataset.skip);
  if (button.dataset.fill) {
    const field = document.getElementById(button.dataset.fill);
    field.value = button.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
}

// A question that opens in a row takes the focus, and Escape means no.
function escaped(event) {
  if (event.key === "Escape") event.target.closest?.("[data-escape]")?.querySelector("[data-cancel]")?.click();
}

export function start() {
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", escaped);
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      restore(node.parentElement ?? node);
      (node.matches("[data-focus-first]") ? node : node.querySelector("[data-focus-first]"))?.focus();
    }
  }).observe(document.body, { subtree: true, childList: true });
}
