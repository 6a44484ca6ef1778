/** The message to a person who is signed out, and its end. */

import { signedOut } from "../text/messages.js";

const KEY = "signed-out";

/** The listeners of `createApi`. `askNow()` is called once the person is signed in again. */
export function signInNotice(messages, askNow) {
  return {
    onSignedOut: (error) => {
      const next = encodeURIComponent(location.pathname + location.search);
      // In a tab of its own: this one keeps what was chosen and continues when it is shown again.
      const signIn = { label: "Sign in", href: `/accounts/login/?next=${next}`, newTab: true };
      messages.show({ tone: "danger", parts: [signedOut(error)], actions: [signIn], key: KEY });
    },
    onSignedIn: () => {
      messages.remove(KEY);
      askNow();
    },
  };
}
