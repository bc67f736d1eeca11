// Tells a screen reader without moving the focus. Behind an open modal dialog nothing is heard, so the dialog brings a region of its own.
export function announce(text) {
  const region = document.querySelector("dialog[open] [data-announcer]") ?? document.getElementById("announcer");
  if (!region) return;
  region.textContent = "";
  // A region that says the same twice is silent the second time, unless it was empty in between.
  setTimeout(() => { region.textContent = text; }, 50);
}
