// Makes an Ed25519 key pair in the browser and writes it as OpenSSH does: its PROTOCOL.key, not encrypted. Nothing of it is sent or kept.
import { fingerprint } from "./ssh-public-key.js";
import { base64, joined, string, uint32 } from "./ssh-wire.js";

const type = "ssh-ed25519";
const seedLength = 32;
// RFC 8410: what stands in front of the seed in PKCS #8.
const pkcs8Prefix = 16;
const block = 8;
const lineLength = 70;

/** Whether this browser can. */
export async function canMake() {
  try {
    await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    return true;
  } catch {
    return false;
  }
}

/** @returns `{ line, kind, bits, fingerprint, comment, privateKey }`: the last one is the text of the file */
export async function make(comment) {
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  if (pkcs8.length !== pkcs8Prefix + seedLength) throw new Error("The browser gave a private key of another form.");
  const blob = joined(string(type), string(publicKey));
  const file = openSsh(blob, publicKey, pkcs8.subarray(pkcs8Prefix), comment);
  pkcs8.fill(0);
  return { line: `${type} ${base64(blob)}`, kind: "ED25519", bits: 256, fingerprint: await fingerprint(blob), comment, privateKey: file };
}

function openSsh(blob, publicKey, seed, comment) {
  // The same number twice tells a reader that a passphrase was right. There is none, but the form asks for it.
  const check = crypto.getRandomValues(new Uint8Array(4));
  const secret = joined(check, check, string(type), string(publicKey), string(joined(seed, publicKey)), string(comment));
  const padding = Uint8Array.from({ length: (block - secret.length % block) % block }, (_, index) => index + 1);
  const all = joined(
    new TextEncoder().encode("openssh-key-v1\0"), string("none"), string("none"), string(""), uint32(1), string(blob), string(joined(secret, padding)));
  const lines = base64(all).match(new RegExp(`.{1,${lineLength}}`, "g"));
  [secret, all].forEach((bytes) => bytes.fill(0));
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
