// Tells a private key by what its files say: OpenSSH's (also the bare text between its lines), PEM of any kind, SSH2's, PuTTY's.
// The portal looks once more: Portal/Features/Credentials/IssueRules.cs.
const signs = ["PRIVATE KEY", "b3BlbnNzaC1rZXktdjE", "PuTTY-User-Key-File", "Private-Lines:", "Private-MAC:"];
const upperSigns = signs.map((sign) => sign.toUpperCase());

/** In the place of a key. Better once too often: such a text goes nowhere. */
export function isPrivate(text) {
  const upper = text.toUpperCase();
  return upperSigns.some((sign) => upper.includes(sign));
}

/** In the place of a sentence, which may well speak of a private key. */
export const holdsPrivate = (text) => signs.some((sign) => text.includes(sign));
