// The circuit's connection: tries for as long as the page is open, and says so.
import { isOpen } from "./secret-dialog.js";

const element = document.getElementById("components-reconnect-modal");
const says = element.querySelector("[data-reconnect-says]");

export const options = {
  // At once, then every second, later every five: for ever.
  maxRetries: Number.MAX_SAFE_INTEGER,
  retryIntervalMilliseconds: (attempt) => attempt === 0 ? 0 : attempt < 20 ? 1000 : 5000,
};

/** The portal forgot this page's state, as after its restart: a fresh page finds what was typed, once there is one. A secret on the screen goes first. */
export async function loadAgain() {
  while (isOpen() || !await answers()) await new Promise((resolve) => setTimeout(resolve, 1000));
  location.reload();
}

async function answers() {
  try {
    return (await fetch("/livez", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

let isAsking = false;

/** The session ended meanwhile: no try will ever succeed, but a fresh page leads to sign-in and back here. */
async function leaveIfSignedOut() {
  if (isAsking) return;
  isAsking = true;
  try {
    if ((await fetch("/_blazor/negotiate?negotiateVersion=1", { method: "POST", cache: "no-store" })).status === 401) await loadAgain();
  } catch {
    // Still no connection.
  } finally {
    isAsking = false;
  }
}

export function start() {
  element.addEventListener("components-reconnect-state-changed", ({ detail: { state } }) => {
    if (state === "hide") element.hidePopover();
    else if (state === "rejected" || state === "resume-failed") loadAgain();
    else {
      if (!element.matches(":popover-open")) element.showPopover();
      leaveIfSignedOut();
    }
    says.textContent = state === "failed" ? "The portal does not answer." : "Trying again.";
  });
  element.querySelector("[data-reconnect-retry]").addEventListener("click", async () => {
    if (await Blazor.reconnect() === false) loadAgain();
  });
}
