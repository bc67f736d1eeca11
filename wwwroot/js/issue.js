// Asks for something secret and shows it once, past the circuit: .NET learns id and end, or what went wrong. No secret leaves this file,
// js/secret-dialog.js and the kinds' own files, such as js/database-login.js.
import { patience, post, problem, problemOf } from "./call.js";
import { write } from "./draft.js";
import { holdsPrivate } from "./private-key.js";
import { showSecret } from "./secret-dialog.js";
import { syncFrom } from "./time.js";

const secretGiven = "This holds a private key. Nothing of it was sent or kept, and it is gone from this page. Say it in words.";
const notPrepared = "This browser could not get the request ready, and nothing was sent. What you typed is kept.";
const confirmAgainAfter = [1, 2, 4, 8, 16].map((seconds) => seconds * 1000);

const failed = (problem) => ({ id: null, expiresAt: null, problem });

// The list says "never shown" until this arrives, also when the dialog was closed meanwhile.
async function confirmShown(path) {
  for (const wait of [0, ...confirmAgainAfter]) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const response = await post(path);
      if (response.ok || response.status === 404) return;
    } catch {
      // Not connected: again.
    }
  }
}

/** Empties the fields in which somebody gave a private key. Answers what is wrong with them, by name; null when nothing. */
function refusePrivate(fields) {
  const bad = fields.filter((field) => holdsPrivate(field.value));
  bad.forEach(empty);
  return bad.length > 0 ? Object.fromEntries(bad.map((field) => [field.name, [secretGiven]])) : null;
}

function empty(field) {
  field.value = "";
  write(field.dataset.draft, null);
}

/**
 * @param kind { request, issued, shownPath, secret }: where a wish goes and with what, or what is wrong with it already; what to do once it is
 *             issued, if anything; where to confirm that its secret was shown; and how that looks
 * @param wish what .NET knows of it
 * @param formId the form, whose named fields with a draft go along, and are emptied when it is done
 * @param issuance .NET's half, which ends what was issued
 * @returns `{ id, expiresAt }`, or `{ problem: { slug, detail, errors, traceId } }`
 */
export async function issue(kind, wish, requestKey, formId, issuance) {
  const form = document.getElementById(formId);
  const typed = [...form.querySelectorAll("[name][data-draft]")];
  const privates = refusePrivate(typed);
  if (privates) return failed(problem("invalid", null, privates));
  const given = Object.fromEntries(typed.map((field) => [field.name, field.value.trim()]));

  let request, answer;
  try {
    request = await kind.request(wish, form);
  } catch {
    return failed(problem("failed", notPrepared));
  }
  const { path, body, errors } = request;
  if (errors) return failed(problem("invalid", null, errors));
  try {
    const response = await post(path, { ...body, ...given, requestKey }, AbortSignal.timeout(patience));
    syncFrom(response);
    if (!response.ok) return failed(await problemOf(response));
    answer = await response.json();
  } catch {
    return failed(problem("unknown-outcome"));
  }

  const { id, expiresAt } = answer;
  kind.issued?.(request.asked);
  const secret = kind.secret(answer, wish, request.asked);
  answer = request = null;
  secret.end.run = () => issuance.invokeMethodAsync("EndAsync", id);
  const dialog = showSecret(secret, form.querySelector("[type=submit]"));
  typed.forEach(empty);
  // Two frames later it has truly been painted; a page in the background waits until somebody looks.
  requestAnimationFrame(() => requestAnimationFrame(() => dialog.isConnected && confirmShown(kind.shownPath(id))));
  return { id, expiresAt, problem: null };
}
