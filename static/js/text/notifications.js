/** Which jobs send a desktop notification, and why there may be none. Pure. */

const LONG_JOB_SECONDS = 20;

const UNSUPPORTED = "This browser offers no notifications to this page.";
const INSECURE =
  "Browsers allow notifications only over HTTPS and on this computer itself. Open the site by its https:// address.";
const BLOCKED =
  "The browser blocks notifications of this site. Open the site’s settings by the sign to the left of the address, allow notifications, and load this page again.";
const NOT_YET = "The browser has not allowed notifications yet. Choose again, and press Allow when it asks.";

/** `choice`: "off", "long", "failed" or "all". Return true if the end of this job is notified. */
export function isNotified(choice, job) {
  if (choice === "all") return true;
  if (choice === "failed") return job.status === "failed" || job.progress.failed > 0;
  return choice === "long" && job.active_seconds >= LONG_JOB_SECONDS;
}

/**
 * What keeps the browser from showing notifications and what to do about it, or null.
 * `permission`: that of the browser, or null without support; `asked`: it was asked just now.
 */
export function refusal({ permission, secure, asked = false }) {
  if (permission === "granted") return null;
  if (!secure) return INSECURE;
  if (permission === null) return UNSUPPORTED;
  if (permission === "denied") return BLOCKED;
  return asked ? NOT_YET : null;
}
