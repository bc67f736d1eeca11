// Shows a sensitive value in the place of its dots, for a minute at most. All below the element is the script's: .NET never knows the value.
import { announce } from "./announce.js";
import { post, problemOf } from "./call.js";
import { button, make } from "./element.js";
import { copy } from "./page.js";

const dots = "•".repeat(12);
const longest = 60_000;
const open = new Map();

/** Wipes all that is revealed on this page. */
export function forgetRevealed() {
  [...open.values()].forEach((wipe) => wipe());
}

// A page that was left takes its values along.
const watch = new MutationObserver(() => {
  for (const [element, wipe] of open) if (!element.isConnected) wipe();
  if (open.size === 0) watch.disconnect();
});

/**
 * @param element to be filled
 * @param path where to post
 * @param version that the page shows
 * @param title for a screen reader
 */
export function attachReveal(element, path, field, version, title) {
  open.get(element)?.();
  const code = make("code", { "data-value": field }, dots);
  const says = make("span", { class: "reveal-says", role: "alert" });
  const ask = button("Reveal", reveal, { "aria-label": `Reveal ${title}` });
  element.replaceChildren(code, ask, says);

  async function reveal() {
    ask.disabled = true;
    says.textContent = "";
    const { value, why } = await read(path, { field, version });
    ask.disabled = false;
    if (!element.isConnected) return;
    if (why) {
      says.textContent = why;
      return;
    }
    show(value);
  }

  function show(text) {
    let value = text;
    let masked = true;
    const draw = () => {
      code.textContent = masked ? dots : value;
      toggle.textContent = masked ? "Show" : "Mask";
      toggle.setAttribute("aria-label", `${toggle.textContent} ${title}`);
    };
    const toggle = button("Show", () => {
      masked = !masked;
      draw();
    });
    const take = button("Copy", () => copy(value, take), { "aria-label": `Copy ${title}` });
    const wipe = () => {
      clearTimeout(timer);
      value = null;
      open.delete(element);
      code.textContent = dots;
      const hadFocus = element.contains(document.activeElement);
      element.replaceChildren(code, ask, says);
      if (hadFocus) ask.focus();
    };
    const timer = setTimeout(() => {
      wipe();
      announce(`${title} is hidden again.`);
    }, longest);
    open.set(element, wipe);
    watch.observe(document.body, { subtree: true, childList: true });
    element.replaceChildren(code, toggle, take, button("Hide", wipe, { "aria-label": `Hide ${title}` }), says);
    draw();
    toggle.focus();
    announce(`${title} is here for a minute. This is on record.`);
  }
}

async function read(path, body) {
  let response;
  try {
    response = await post(path, body, AbortSignal.timeout(30_000));
    if (response.ok) return { value: (await response.json()).value };
  } catch {
    return { why: "No answer came. Try again." };
  }
  const { slug, detail, errors } = await problemOf(response);
  if (slug === "signed-out") return { why: "Your session has ended. Load this page again to sign in." };
  return { why: Object.values(errors ?? {})[0]?.[0] ?? detail ?? "The portal did not say why not." };
}

export function start() {
  addEventListener("pagehide", forgetRevealed);
}
