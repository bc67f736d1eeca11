// Shows a generated login once, in a modal dialog that .NET does not know. Everything is text, nothing is markup; closing forgets it.
import { announce } from "./announce.js";
import { copy } from "./page.js";
import { now } from "./time.js";

const dots = "•".repeat(12);
const longestTimer = 2 ** 31 - 1;
let forgetOpen = null;

/** Closes and wipes the open dialog, if there is one. */
export const forget = () => forgetOpen?.();

export const isOpen = () => forgetOpen !== null;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const row = (name, ...value) => make("div", {}, make("dt", {}, name), make("dd", {}, ...value));

const button = (text, onclick, attributes = {}) => make("button", { type: "button", class: "plain-button", onclick, ...attributes }, text);

/**
 * @param role what was asked for
 * @param secret the answer of the portal: username, password, expiresAt, connections [{ name, text }]
 * @param opener gets the focus back
 * @param end ends the credential; resolves to null or to why not
 */
export function showSecret(role, secret, opener, end) {
  forget();
  let masked = true;
  let copied = false;
  let form = secret.connections[0];

  const copyButton = (what, text) => {
    const made = button("Copy", async () => { copied = await copy(text(), made) || copied; }, { "aria-label": `Copy ${what()}` });
    return made;
  };
  // The connection forms carry the password too, some of them escaped.
  const mask = (text) => masked ? [secret.password, encodeURIComponent(secret.password)].reduce((left, part) => left.replaceAll(part, dots), text) : text;

  const password = make("code", { "data-secret": "password" });
  const connection = make("code");
  const reveal = button("Show", () => { masked = !masked; draw(); }, {});
  const tabs = secret.connections.map((each) => make(
    "button", { type: "button", role: "tab", class: "tab", onclick: () => { form = each; draw(); } }, each.name));
  const copyConnection = copyButton(() => "connection", () => form.text);

  function draw() {
    password.textContent = masked ? dots : secret.password;
    connection.textContent = mask(form.text);
    reveal.textContent = masked ? "Show" : "Hide";
    reveal.setAttribute("aria-label", masked ? "Show password" : "Hide password");
    copyConnection.setAttribute("aria-label", `Copy ${form.name}`);
    tabs.forEach((tab, index) => {
      const chosen = secret.connections[index] === form;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    });
  }

  const tablist = make("div", { role: "tablist", class: "tabs", "aria-label": "Ways to connect" }, ...tabs);
  tablist.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    next.click();
    next.focus();
  });

  const question = make("div", { class: "secret-question", role: "alert" });
  const acts = make("div", { class: "secret-acts" },
    button("End now", askEnd, { class: "plain-button danger" }),
    button("Done", () => wipe(), { class: "plain-button primary" }));
  const dialog = make("dialog", { class: "secret", "aria-labelledby": "secret-title", "aria-describedby": "secret-once" },
    make("header", {},
      make("h2", { id: "secret-title", tabindex: "-1", autofocus: "" }, role),
      make("time", { class: "countdown", "data-ends": secret.expiresAt, "data-label": role, "data-form": "sentence", datetime: secret.expiresAt })),
    make("p", { id: "secret-once", class: "once" }, "Shown once. Closing forgets it."),
    make("dl", { class: "login" },
      row("User", make("code", { "data-secret": "user" }, secret.username), copyButton(() => "user", () => secret.username)),
      row("Password", password, reveal, copyButton(() => "password", () => secret.password))),
    tablist,
    make("div", { role: "tabpanel", class: "connection", tabindex: "0", "aria-label": "Connection" }, make("pre", {}, connection), copyConnection),
    question,
    acts,
    make("div", { class: "sr-only", role: "status", "data-announcer": "" }));

  function ask(text, ...answers) {
    question.replaceChildren(make("p", {}, ...text), make("div", { class: "secret-acts" }, ...answers));
    acts.hidden = true;
    answers.at(-1).focus();
  }

  function unask() {
    question.replaceChildren();
    acts.hidden = false;
    acts.firstChild.focus();
  }

  function askEnd() {
    ask(["End credentials ", make("code", {}, secret.username), "? Log-in is refused from then on, and every session still open with them is cut."],
      button("End now", endNow, { class: "plain-button danger" }), button("Keep", unask));
  }

  async function endNow() {
    question.replaceChildren(make("p", {}, "Ending…"));
    let why;
    try {
      why = await end();
    } catch {
      why = "The page lost its connection. End them in the list once it is back.";
    }
    if (!dialog.isConnected) return;
    if (why) ask([why], button("Close", unask));
    else {
      wipe();
      announce(`${role} is ended.`);
    }
  }

  // Escape is easily hit by mistake, "Done" is not.
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (copied || !masked || question.childElementCount > 0) wipe();
    else ask(["Nothing is copied yet. Closing forgets the password."], button("Close anyway", () => wipe()), button("Keep open", unask));
  });
  dialog.addEventListener("close", () => wipe());

  function wipe() {
    if (forgetOpen !== wipe) return;
    forgetOpen = null;
    clearTimeout(atTheEnd);
    removeEventListener("pagehide", wipe);
    dialog.close();
    dialog.querySelectorAll("code").forEach((code) => { code.textContent = ""; });
    dialog.remove();
    secret.password = "";
    secret.connections = [];
    secret = form = null;
    opener?.focus();
  }

  const atTheEnd = setTimeout(() => {
    wipe();
    announce(`${role} has ended.`);
  }, Math.min(Date.parse(secret.expiresAt) - now(), longestTimer));
  addEventListener("pagehide", wipe);
  forgetOpen = wipe;
  draw();
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
