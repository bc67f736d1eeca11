// The part of a form where somebody says for which key they want a certificate. The key stays in the page until it is sent: no text that is given here
// goes over the circuit, and of a private key nothing is sent, kept or left on the page.
//   <div data-ssh-key>, see Portal/Features/Ssh/KeyChoice.razor
import { announce } from "./announce.js";
import { read, write } from "./draft.js";
import { isPrivate } from "./private-key.js";
import { judge, longestText } from "./ssh-public-key.js";
import { canMake, make } from "./ssh-new-key.js";

const draft = "ssh-key";
const refusal = "This is a private key. Nothing of it was sent or kept, and it is gone from this page. Take the public key: the file of the same name that ends in .pub.";
// Made once and kept in the page's memory until it is shown: a wish that is repeated is for the same key.
let made = null;
// The name of the file that the key in the text field came from.
let droppedFile = null;

const lastKey = () => `portal.ssh-key.${document.querySelector("meta[name=user]").content}`;

/** The last one that a certificate was made for, by this person in this browser. */
async function last() {
  try {
    const { line, file } = JSON.parse(localStorage.getItem(lastKey()));
    if (isPrivate(line)) return null;
    const { key } = await judge(line);
    return key ? { ...key, file: plainFile(file) } : null;
  } catch {
    return null;
  }
}

/** A name that is safe in any shell; null for all others. */
const plainFile = (name) => typeof name === "string" && /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,99}$/.test(name) ? name : null;

const inWords = ({ kind, bits, fingerprint, comment }) => `${kind} ${bits} bits ${fingerprint}${comment ? ` ${comment}` : ""}`;

/** Brings a form's part to life: what is given is judged at once, and what is remembered is offered. */
export async function attach(part) {
  made = null;
  droppedFile = null;
  listen(part);
  const typed = read(draft);
  if (typed && !isPrivate(typed)) {
    field(part).value ||= typed;
    choose(radios(part).paste);
    look(part);
  }
  const [isRemembered, canBeMade] = await Promise.all([offerLast(part), canMake()]);
  const { last: lastRadio, paste, make: makeRadio } = radios(part);
  makeRadio.disabled = !canBeMade;
  part.querySelector("[data-no-make]").hidden = canBeMade;
  // Unless somebody was quicker.
  if (!part.querySelector("[name=key-from]:checked")) choose(isRemembered ? lastRadio : canBeMade ? makeRadio : paste);
}

function listen(part) {
  part.addEventListener("paste", (event) => {
    if (isPrivate(event.clipboardData?.getData("text") ?? "")) refuse(part, event);
  });
  part.addEventListener("input", ({ target }) => {
    if (target !== field(part)) return;
    droppedFile = null;
    look(part);
  });
  part.addEventListener("change", async ({ target }) => {
    if (target.type !== "file" || !target.files[0]) return;
    await take(part, target.files[0]);
    target.value = "";
  });
  part.addEventListener("dragover", (event) => {
    event.preventDefault();
    part.dataset.dragging = "";
  });
  part.addEventListener("dragleave", () => delete part.dataset.dragging);
  part.addEventListener("drop", (event) => {
    event.preventDefault();
    delete part.dataset.dragging;
    const [file] = event.dataTransfer.files;
    if (file) take(part, file);
    else show(part, event.dataTransfer.getData("text"));
  });
}

async function offerLast(part) {
  const key = await last();
  if (!key) return false;
  radios(part).last.closest(".key-way").hidden = false;
  part.querySelector("[data-last-key]").textContent = inWords(key);
  return true;
}

/** @returns `{ key: { line, …, file, privateKey } }` of what is chosen, file only when it is known, or `{ complaint }` */
export async function chosen(form, comment) {
  const part = form.querySelector("[data-ssh-key]");
  const choices = radios(part);
  if (choices.last.checked) {
    const key = await last();
    return key ? { key } : { complaint: "The last key is no longer kept in this browser. Choose another way." };
  }
  if (choices.make.checked) {
    made ??= await make(comment);
    return { key: made };
  }
  if (choices.github.checked) {
    const line = part.querySelector("[name=github-key]:checked")?.value;
    return line ? judge(line) : { complaint: "Choose one of your keys at GitHub." };
  }
  const text = field(part).value;
  if (isPrivate(text)) {
    refuse(part);
    return { complaint: refusal };
  }
  const { key, complaint } = await judge(text);
  return key ? { key: { ...key, file: droppedFile } } : { complaint };
}

/** There is a certificate for it. */
export function used(key) {
  made = null;
  // One that was made here may never be downloaded.
  if (!key.privateKey) remember(key);
}

/** Offers the public half the next time, and chooses it now. */
export async function remember({ line, comment, file }) {
  localStorage.setItem(lastKey(), JSON.stringify({ line: comment ? `${line} ${comment}` : line, file }));
  write(draft, null);
  const part = document.querySelector("[data-ssh-key]");
  if (!part || !await offerLast(part)) return;
  field(part).value = "";
  droppedFile = null;
  say(part, "");
  choose(radios(part).last);
}

const field = (part) => part.querySelector("[data-key-text]");

const says = (part) => part.querySelector("[data-key-says]");

const radios = (part) => Object.fromEntries([...part.querySelectorAll("[name=key-from]")].map((radio) => [radio.value, radio]));

function choose(radio) {
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

async function take(part, file) {
  if (file.size > longestText) {
    say(part, "This file is too large for a public key. Take the one that ends in .pub.", "bad");
    return;
  }
  const name = file.name.endsWith(".pub") ? plainFile(file.name.slice(0, -".pub".length)) : null;
  show(part, await file.text(), name);
}

function show(part, text, file = null) {
  choose(radios(part).paste);
  if (isPrivate(text)) {
    refuse(part);
    return;
  }
  field(part).value = text.slice(0, longestText + 1);
  droppedFile = file;
  look(part);
}

/** Says what is in the field. Of good public keys alone a draft is kept. */
async function look(part) {
  const text = field(part).value;
  if (isPrivate(text)) {
    refuse(part);
    return;
  }
  if (!text.trim()) {
    write(draft, null);
    // The field that a refusal emptied is no reason to be quiet about it.
    if (says(part).dataset.state !== "private") say(part, "");
    return;
  }
  const { key, complaint } = await judge(text);
  if (field(part).value !== text) return;
  write(draft, key ? text : null);
  say(part, key ? inWords(key) : complaint, key ? "good" : "bad");
}

function refuse(part, event) {
  event?.preventDefault();
  field(part).value = "";
  droppedFile = null;
  write(draft, null);
  choose(radios(part).paste);
  say(part, refusal, "private");
  announce(refusal);
  field(part).focus();
}

function say(part, text, state = "") {
  says(part).textContent = text;
  says(part).dataset.state = state;
}
