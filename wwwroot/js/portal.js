// The page's script. Starts Blazor itself, so that everything .NET may call is there before .NET is.
import { accessToken } from "./access-token.js";
import { announce } from "./announce.js";
import { attachEnd } from "./cloud-end.js";
import * as cloudForm from "./cloud-form.js";
import * as cloudReveal from "./cloud-reveal.js";
import { databaseLogin } from "./database-login.js";
import * as draft from "./draft.js";
import { issue } from "./issue.js";
import * as page from "./page.js";
import * as reconnect from "./reconnect.js";
import * as session from "./session.js";
import { sshCertificate } from "./ssh-certificate.js";
import { attach } from "./ssh-key-choice.js";
import * as time from "./time.js";

// The kinds of secrets, by the names that .NET has for them.
const kinds = { accessToken, databaseLogin, sshCertificate };

window.portal = {
  announce,
  cloud: { attach: cloudForm.attach, attachEnd, attachReveal: cloudReveal.attachReveal, send: cloudForm.send, showMine: cloudForm.showMine },
  draft, focus: page.focus, issue: (kind, ...wish) => issue(kinds[kind], ...wish), scrollToTop: () => scrollTo(0, 0), signIn: session.signIn,
  sshKey: { attach }, theme: window.portalTheme,
};

time.start();
draft.start();
page.start();
reconnect.start();
session.start();
cloudForm.start();
cloudReveal.start();

try {
  await Blazor.start({ circuit: { reconnectionOptions: reconnect.options } });
} catch {
  setTimeout(reconnect.loadAgain, 3000);
}
