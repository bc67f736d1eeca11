// Shows a generated secret once, in a modal dialog that .NET does not know. Everything is text, nothing is markup; closing forgets it.
// How one kind of secret looks is said in a file of its own, such as js/database-login.js.
import { announce } from "./announce.js";
import { button, download, make } from "./element.js";
import { copy } from "./page.js";
import { now } from "./time.js";

const dots = "•".repeat(12);
const longestInRow = 60;
const longestTimer = 2 ** 31 - 1;
let forgetOpen = null;

/** Closes and wipes the open dialog, if there is one. */
export const forget = () => forgetOpen?.();

export const isOpen = () => forgetOpen !== null;

/**
 * @param secret {
 *   title       what was asked for
 *   endsAt      ISO
 *   noun        what closing forgets: "password"
 *   once        what is to be known of it, when that is not just that it is shown once
 *   rows        [{ name, text, isSecret, file, isFile, mustBeSaved, saved }]: file is its name as a download, isFile says that it is of no use but
 *               as one, mustBeSaved that closing asks before it is, saved is called when it is
 *   forms       [{ name, text, hint }], ways to use it that may hold its secrets
 *   formsLabel  names them together: "Ways to connect"
 *   facts       [[name, text]], what else is to be known
 *   end         { act, doing, question, done, lost, run }: the button, what stands there meanwhile, makes the question (see words), what is
 *               said afterwards, what to do when the connection is lost; run resolves to null or to why not
 * }
 * @param opener gets the focus back
 */
export function showSecret(secret, opener) {
  forget();
  const { title, endsAt, noun, end } = secret;
  let masked = true;
  let copied = false;
  let unsaved = secret.rows.filter((row) => row.mustBeSaved);
  let form = secret.forms[0];

  const copyButton = (what, text) => {
    const made = button("Copy", async () => { copied = await copy(text(), made) || copied; }, { "aria-label": `Copy ${what}` });
    return made;
  };
  const saveButton = (row) => button(row.isFile ? `Download ${row.file}` : "Download", () => {
    download(row.text, row.file);
    announce(`${row.file} is downloaded`);
    copied = true;
    row.saved?.();
    unsaved = unsaved.filter((other) => other !== row);
  }, { "aria-label": `Download ${row.file}`, class: row.mustBeSaved ? "plain-button primary" : "plain-button" });
  // The forms carry the secrets too, some of them escaped.
  const mask = (text) => masked
    ? secret.rows.filter((row) => row.isSecret).flatMap((row) => [row.text, encodeURIComponent(row.text)]).reduce((left, part) => left.replaceAll(part, dots), text)
    : text;

  const rows = secret.rows.map((row) => {
    const what = row.name.toLowerCase();
    if (row.isFile) return { element: make("div", {}, make("dt", {}, row.name), make("dd", {}, saveButton(row))), draw: () => {} };
    // A file that does not fit is scrolled, by keyboard too.
    const value = make("code", { "data-secret": what, tabindex: row.file ? "0" : null });
    const save = row.file ? [saveButton(row)] : [];
    const reveal = row.isSecret ? [button("Show", () => { masked = !masked; draw(); })] : [];
    const element = make("div", { class: row.file ? "file" : null }, make("dt", {}, row.name), make("dd", {}, value, ...reveal, copyButton(what, () => row.text), ...save));
    const drawRow = () => {
      value.textContent = row.isSecret && masked ? dots : row.text;
      element.classList.toggle("long", value.textContent.length > longestInRow);
      reveal.forEach((each) => {
        each.textContent = masked ? "Show" : "Hide";
        each.setAttribute("aria-label", `${each.textContent} ${what}`);
      });
    };
    return { element, draw: drawRow };
  });

  const example = make("code");
  const hint = make("p", { class: "hint" });
  const copyExample = copyButton("", () => form.text);
  const tabs = secret.forms.map((each) => make(
    "button", { type: "button", role: "tab", class: "tab", onclick: () => { form = each; draw(); } }, each.name));

  function draw() {
    rows.forEach((row) => row.draw());
    example.textContent = mask(form.text);
    hint.textContent = form.hint ?? "";
    copyExample.setAttribute("aria-label", `Copy ${form.name}`);
    tabs.forEach((tab, index) => {
      const chosen = secret.forms[index] === form;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    });
  }

  const tablist = make("div", { role: "tablist", class: "tabs", "aria-label": secret.formsLabel }, ...tabs);
  tablist.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    next.click();
    next.focus();
  });

  const question = make("div", { class: "secret-question", role: "alert" });
  const acts = make("div", { class: "secret-acts" },
    button(end.act, askEnd, { class: "plain-button danger" }),
    button("Done", () => unsaved.length > 0 ? askClose() : wipe(), { class: "plain-button primary" }));
  const dialog = make("dialog", { class: "secret", "aria-labelledby": "secret-title", "aria-describedby": "secret-once" },
    make("header", {},
      make("h2", { id: "secret-title", tabindex: "-1", autofocus: "" }, title),
      make("time", { class: "countdown", "data-ends": endsAt, "data-label": title, "data-form": "sentence", datetime: endsAt })),
    make("p", { id: "secret-once", class: "once" }, secret.once ?? "Shown once. Closing forgets it."),
    make("dl", { class: "login" }, ...rows.map((row) => row.element)),
    tablist,
    make("div", { role: "tabpanel", class: "connection", tabindex: "0", "aria-label": secret.formsLabel }, make("pre", {}, example), copyExample),
    hint,
    ...secret.facts ? [make("dl", { class: "facts" }, ...secret.facts.map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", {}, text))))] : [],
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

  function askClose() {
    const what = unsaved.length > 0 ? `${unsaved[0].file} is not downloaded yet.` : "Nothing is copied yet.";
    ask([`${what} Closing forgets the ${noun}.`], button("Close anyway", () => wipe()), button("Keep open", unask));
  }

  function askEnd() {
    ask(end.question(), button(end.act, endNow, { class: "plain-button danger" }), button("Keep", unask));
  }

  async function endNow() {
    question.replaceChildren(make("p", {}, end.doing));
    let why;
    try {
      why = await end.run();
    } catch {
      why = end.lost;
    }
    if (!dialog.isConnected) return;
    if (why) ask([why], button("Close", unask));
    else {
      wipe();
      announce(end.done);
    }
  }

  // Escape is easily hit by mistake, "Done" is not.
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (question.childElementCount > 0 || (unsaved.length === 0 && (copied || !masked))) wipe();
    else askClose();
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
    [...secret.rows, ...secret.forms].forEach((each) => { each.text = ""; });
    form = null;
    opener?.focus();
  }

  // A timer cannot wait longer than some weeks; neither will the dialog.
  const left = Date.parse(endsAt) - now();
  const atTheEnd = left > longestTimer ? undefined : setTimeout(() => {
    wipe();
    announce(`${title} has ended.`);
  }, left);
  addEventListener("pagehide", wipe);
  forgetOpen = wipe;
  draw();
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
