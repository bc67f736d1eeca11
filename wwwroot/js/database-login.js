// A database login: how it is asked for, and how it looks in the dialog.
import { words } from "./element.js";

export const databaseLogin = {
  request: ({ role, ...body }) => ({ path: `/browser/databases/${encodeURIComponent(role)}/credentials`, body }),

  shownPath: (id) => `/browser/credentials/${id}/shown`,

  secret: ({ username, password, expiresAt, connections }, { role }) => ({
    title: role,
    endsAt: expiresAt,
    noun: "password",
    rows: [{ name: "User", text: username }, { name: "Password", text: password, isSecret: true }],
    forms: connections,
    formsLabel: "Ways to connect",
    end: {
      act: "End now",
      doing: "Ending…",
      question: () => words`End credentials ${username}? Log-in is refused from then on, and every session still open with them is cut.`,
      done: `${role} is ended.`,
      lost: "The page lost its connection. End them in the list once it is back.",
    },
  }),
};
