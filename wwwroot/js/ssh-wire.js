// The binary form that SSH gives to keys: RFC 4251, section 5.
const text = new TextEncoder();

export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

/** @returns null when it is not in base64's one canonical form */
export function fromBase64(letters) {
  try {
    const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
    return base64(bytes) === letters ? bytes : null;
  } catch {
    return null;
  }
}

export function uint32(number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

export function joined(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => {
    all.set(part, at);
    return at + part.length;
  }, 0);
  return all;
}

/** A length and as many bytes. */
export function string(value) {
  const bytes = typeof value === "string" ? text.encode(value) : value;
  return joined(uint32(bytes.length), bytes);
}

/** @returns the strings that follow one another in it; null when it does not end with the last one's end */
export function strings(bytes) {
  const found = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) return null;
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) return null;
    found.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}
