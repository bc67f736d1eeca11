// Calls of the page's script to the portal, past the circuit: session cookie, antiforgery, nothing cached.

/** Longest time that a call may take, in ms. */
export const patience = 90_000;

export function post(path, body, signal) {
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

/** What .NET may know of a call that failed. */
export const problem = (slug, detail = null, errors = null, traceId = null) => ({ slug, detail, errors, traceId });

/** @returns what `problem` makes, and what else the answer says */
export async function problemOf(response) {
  if (response.status === 401 || response.type === "opaqueredirect") return problem("signed-out");
  try {
    const { type, detail, errors, traceId, missing } = await response.json();
    return { ...problem(String(type ?? "").replace(/^urn:portal:/, "") || "failed", detail ?? null, errors ?? null, traceId ?? null), missing: missing ?? null };
  } catch {
    return problem("failed");
  }
}
