// Asks for credentials and shows them once, past the circuit: .NET learns id and end, or what went wrong. No secret leaves this file
// and js/secret-dialog.js.
import { write } from "./draft.js";
import { showSecret } from "./secret-dialog.js";
import { syncFrom } from "./time.js";

const patience = 90_000;
const confirmAgainAfter = [1, 2, 4, 8, 16].map((seconds) => seconds * 1000);

function post(path, body, signal) {
  return fetch(path, {
    method: "POST",
    credentials: "same-origin",
    cache: "no-store",
    // A redirect leads to the sign-in page.
    redirect: "manual",
    signal,
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      RequestVerificationToken: document.querySelector("meta[name=request-verification-token]").content,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

const problem = (slug, detail = null, errors = null, traceId = null) => ({ id: null, expiresAt: null, problem: { slug, detail, errors, traceId } });

async function problemOf(response) {
  if (response.status === 401 || response.type === "opaqueredirect") return problem("signed-out");
  try {
    const { type, detail, errors, traceId } = await response.json();
    return problem(String(type ?? "").replace(/^urn:portal:/, "") || "failed", detail ?? null, errors ?? null, traceId ?? null);
  } catch {
    return problem("failed");
  }
}

// The list says "never shown" until this arrives; while the dialog is open it is worth trying again.
async function confirmShown(id, isOpen) {
  for (const wait of [0, ...confirmAgainAfter]) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (!isOpen()) return;
    try {
      const response = await post(`/browser/credentials/${id}/shown`);
      if (response.ok || response.status === 404) return;
    } catch {
      // Not connected: again.
    }
  }
}

/** Answers `{ id, expiresAt }`, or `{ problem: { slug, detail, errors, traceId } }`. */
export async function issue(role, durationSeconds, requestKey, reasonField, page) {
  const field = document.getElementById(reasonField);
  let answer;
  try {
    const response = await post(
      `/browser/databases/${encodeURIComponent(role)}/credentials`,
      { durationSeconds, reason: field.value.trim(), requestKey },
      AbortSignal.timeout(patience));
    syncFrom(response);
    if (!response.ok) return await problemOf(response);
    answer = await response.json();
  } catch {
    return problem("unknown-outcome");
  }

  const { id, expiresAt } = answer;
  const dialog = showSecret(role, answer, field.form.querySelector("[type=submit]"), () => page.invokeMethodAsync("EndFromDialogAsync", id));
  answer = null;
  field.value = "";
  write(field.dataset.draft, null);
  // Two frames later it has truly been painted; a page in the background waits until somebody looks.
  requestAnimationFrame(() => requestAnimationFrame(() => confirmShown(id, () => dialog.isConnected)));
  return { id, expiresAt, problem: null };
}
