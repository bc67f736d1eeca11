// Judges what somebody gives as their public key, before anything is sent. The portal judges again and more closely: Portal/Features/Ssh/SshPublicKey.cs.
import { base64, fromBase64, strings } from "./ssh-wire.js";

export const longestText = 16 * 1024;

const shortestRsa = 3072;
const example = "one line, such as ssh-ed25519 AAAA… name, from a file that ends in .pub";
const again = "Copy the whole line from the .pub file again.";
const stronger = "Make a new key: ssh-keygen -t ed25519.";

// By type: what ssh-keygen -l calls it, of how many parts it is made, and its size.
const curve = (kind, parts, bits) => ({ kind, parts, bits: () => bits });
const types = {
  "ssh-ed25519": curve("ED25519", 2, 256),
  "sk-ssh-ed25519@openssh.com": curve("ED25519-SK", 3, 256),
  "ecdsa-sha2-nistp256": curve("ECDSA", 3, 256),
  "ecdsa-sha2-nistp384": curve("ECDSA", 3, 384),
  "ecdsa-sha2-nistp521": curve("ECDSA", 3, 521),
  "sk-ecdsa-sha2-nistp256@openssh.com": curve("ECDSA-SK", 4, 256),
  "ssh-rsa": { kind: "RSA", parts: 3, bits: ([, , modulus]) => bitLength(modulus) },
};

export async function fingerprint(blob) {
  return `SHA256:${base64(new Uint8Array(await crypto.subtle.digest("SHA-256", blob))).replace(/=+$/, "")}`;
}

/**
 * @param text holds no private key
 * @returns `{ key: { line, kind, bits, fingerprint, comment } }`, or `{ complaint }`, which repeats nothing of the text
 */
export async function judge(text) {
  if (text.length > longestText) return { complaint: `The text is too long for a public key. Give ${example}.` };
  const lines = text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line);
  if (lines.length === 0) return { complaint: `Give a public key: ${example}.` };
  const complaint = complaintOf(lines);
  if (complaint) return { complaint };

  const [type, letters, ...rest] = lines[0].split(/[ \t]+/);
  const blob = fromBase64(letters);
  const parts = blob && strings(blob);
  if (!parts || parts.length !== types[type].parts) return { complaint: `The key is damaged: some of it is missing or changed. ${again}` };
  if (new TextDecoder().decode(parts[0]) !== type) return { complaint: `The type in front is not that of the key behind it. ${again}` };
  const bits = types[type].bits(parts);
  if (type === "ssh-rsa" && bits < shortestRsa) return { complaint: `An RSA key of ${bits} bits is too weak: at least ${shortestRsa}. ${stronger}` };
  return { key: { line: `${type} ${letters}`, kind: types[type].kind, bits, fingerprint: await fingerprint(blob), comment: tame(rest.join(" ")) } };
}

function complaintOf(lines) {
  if (lines[0].startsWith("----")) return "This is a public key in another form. Turn it into OpenSSH’s one line: ssh-keygen -i -f FILE, or with -m PKCS8 for PEM.";
  const words = lines.flatMap((line) => line.split(/[ \t]+/));
  const keys = words.filter((word, index) => isType(word) && words[index + 1]?.startsWith("AAAA")).length;
  if (keys > 1) return "These are several keys. A certificate is for one: give one line.";
  if (lines.length > 1) return `The key is spread over several lines. Give ${example}.`;
  const [type] = words;
  if (type.endsWith("-cert-v01@openssh.com")) return "This is a certificate. Give the public key that it is for, in the .pub file without -cert.";
  if (type === "ssh-dss") return `DSA keys are too weak and OpenSSH no longer takes them. ${stronger}`;
  if (Object.hasOwn(types, type)) return words.length > 1 ? null : `The line ends after the type of the key. Give ${example}.`;
  if (type.startsWith("AAAA")) return `The type in front of the key is missing. Give ${example}.`;
  if (keys > 0) return "There is something in front of the key, such as options of an authorized_keys file. Give the key alone, from its type on.";
  return `This is not a public key of an accepted type. Give ${example}.`;
}

const isType = (word) => Object.hasOwn(types, word) || word === "ssh-dss" || word.endsWith("-cert-v01@openssh.com");

/** Of a number in two's complement, big-endian. */
function bitLength(number) {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - Math.clz32(number[first]) + 24;
}

// No comment turns the direction of writing, or hides.
const tame = (comment) => comment.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "").slice(0, 100);
