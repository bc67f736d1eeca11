// An SSH certificate: how it is asked for, and how it looks in the dialog with the lines that use it.
import { words } from "./element.js";
import { chosen, remember, used } from "./ssh-key-choice.js";
import { moment, now } from "./time.js";

const ownKey = "YOUR_KEY";
const noPermissions = "a login, and nothing beside it: no terminal, no forwarding";

export const sshCertificate = {
  request: async ({ role, ...body }, form) => {
    const { key, complaint } = await chosen(form, `vault-${role}`);
    return complaint
      ? { errors: { publicKey: [complaint] } }
      : { path: `/browser/ssh/roles/${encodeURIComponent(role)}/certificates`, body: { ...body, publicKey: key.line }, asked: key };
  },

  issued: used,

  shownPath: (id) => `/browser/credentials/${id}/shown`,

  secret: (certificate, { role }, key) => {
    const files = filesOf(role, certificate.id, key);
    const { line, comment } = key;
    return {
      title: role,
      endsAt: certificate.expiresAt,
      noun: key.privateKey ? "private key" : "certificate",
      once: key.privateKey
        ? "The private key was made in this browser and has not left it. Nobody can give it to you again: download it now."
        : "Closing forgets it. It is no secret, but works with your private key alone.",
      rows: [
        ...key.privateKey ? [
          { name: "Private key", text: key.privateKey, isSecret: true, isFile: true, mustBeSaved: true, file: files.key, saved: () => remember({ line, comment, file: files.key }) },
          { name: "Public key", text: `${line} ${comment}\n`, isFile: true, file: `${files.key}.pub` },
        ] : [],
        { name: "Certificate", text: `${certificate.certificate}\n`, file: files.certificate },
      ],
      forms: formsOf(certificate, key, files),
      formsLabel: "Ways to use it",
      facts: factsOf(certificate, key),
      end: {
        act: "Revoke",
        doing: "Revoking…",
        question: () => words`Revoke certificate ${certificate.keyId}? Hosts refuse it as soon as they have the new revocation list. Sessions that are open stay open.`,
        done: `${role} is revoked.`,
        lost: "The page lost its connection. Revoke it in the list once it is back.",
      },
    };
  },
};

/**
 * Names that no download had before: of two files of one name the browser renames the second, and ssh would go on with the first. ssh finds the
 * certificate of key K by itself when it lies beside it as K-cert.pub, which a key that was made for it alone can have.
 */
function filesOf(role, id, { file, privateKey }) {
  // The id begins with its time: those of one minute can begin alike.
  const mark = id.slice(-8);
  const made = `vault-${role}-${mark}`;
  return privateKey
    ? { key: made, certificate: `${made}-cert.pub` }
    : { key: file ?? ownKey, certificate: file ? `${file}-${mark}-cert.pub` : `${made}-cert.pub` };
}

export function formsOf({ principals, expiresAt }, { privateKey }, { key, certificate }) {
  const user = principals[0];
  const seconds = Math.max(1, Math.floor((Date.parse(expiresAt) - now()) / 1000));
  const beside = `${key}-cert.pub`;
  const protect = privateKey ? `chmod 600 ${quoted(key)} && ` : "";
  const [named, copy] = certificate === beside
    ? ["", ""]
    : [`-o ${quoted(`CertificateFile=${certificate}`)} `, `cp ${quoted(certificate)} ${quoted(beside)} && `];
  const stranger = key === ownKey ? ` ${ownKey} is the file of your private key.` : "";
  const place = `Where key and certificate lie side by side.${stranger}`;
  return [
    { name: "ssh", hint: `${place} HOST is where you want to log in.`, text: `${protect}ssh -i ${quoted(key)} ${named}-o IdentitiesOnly=yes -l ${quoted(user)} HOST` },
    {
      name: "~/.ssh/config",
      hint: `With the files in ~/.ssh.${stranger}`,
      text: ["Host HOST", `  User ${user}`, `  IdentityFile ~/.ssh/${key}`, `  CertificateFile ~/.ssh/${certificate}`, "  IdentitiesOnly yes"].join("\n"),
    },
    {
      name: "ssh-add",
      hint: `${place} The agent forgets both at the certificate’s end.`,
      text: `${protect}${copy}ssh-add -t ${seconds} ${quoted(key)}`,
    },
  ];
}

function factsOf({ principals, validAfter, expiresAt, extensions, keyId, serial }, { kind, bits, fingerprint }) {
  return [
    ["Log in as", principals.join(", ")],
    ["From", moment(Date.parse(validAfter))],
    ["Until", moment(Date.parse(expiresAt))],
    ["Permits", extensions.length > 0 ? extensions.map((extension) => extension.replace(/^permit-/, "")).join(", ") : noPermissions],
    ["Key id", keyId],
    ["Serial", serial],
    ["For key", `${kind} ${bits} ${fingerprint}`],
  ];
}

/** As one word of a POSIX shell. */
export const quoted = (word) => /^[A-Za-z0-9_][A-Za-z0-9_.@:=/-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
