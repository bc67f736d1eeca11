// An access token: how it is asked for, and how it looks in the dialog.
import { words } from "./element.js";

export const accessToken = {
  request: (body) => ({ path: "/browser/access-tokens", body }),

  shownPath: (id) => `/browser/access-tokens/${id}/shown`,

  secret: ({ name, token, expiresAt, examples }) => ({
    title: name,
    endsAt: expiresAt,
    noun: "token",
    rows: [{ name: "Token", text: token, isSecret: true }],
    forms: examples,
    formsLabel: "Ways to use it",
    end: {
      act: "Revoke",
      doing: "Revoking…",
      question: () => words`Revoke token ${name}? Programs that use it are refused at once.`,
      done: `${name} is revoked.`,
      lost: "The page lost its connection. Revoke it in the list once it is back.",
    },
  }),
};
