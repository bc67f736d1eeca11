// The end of the session, here or in another tab: a secret on the screen goes with it.
import { forgetRevealed } from "./cloud-reveal.js";
import { forget } from "./secret-dialog.js";

let leaving = false;

/** To the sign-in page and back to the address here, unless the page is on its way to another one: that one would be cut off. */
export function signIn() {
  if (!leaving) location.assign(`/sign-in?returnUrl=${encodeURIComponent(location.pathname + location.search)}`);
}

export function start() {
  const tabs = new BroadcastChannel("portal.session");
  tabs.addEventListener("message", () => {
    forget();
    forgetRevealed();
    // The sign-out of the other tab is still on its way.
    setTimeout(() => location.reload(), 1000);
  });
  document.getElementById("sign-out").addEventListener("submit", () => {
    leaving = true;
    forget();
    forgetRevealed();
    tabs.postMessage("signed-out");
  });
}
