// Makes elements in which everything is text and nothing is markup.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export const button = (text, onclick, attributes = {}) => make("button", { type: "button", class: "plain-button", onclick, ...attributes }, text);

/** A sentence with names in it: words`Revoke token ${name}?` */
export const words = (texts, ...names) => texts.flatMap((text, index) => index < names.length ? [text, make("code", {}, names[index])] : [text]);

/** Gives a text to the person as a file. */
export function download(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  make("a", { href: address, download: name }).click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
