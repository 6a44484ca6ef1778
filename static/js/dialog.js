/**
 * The progress dialog: draws a job's status, says what the person does. Knows no API.
 *
 * Handlers: onMinimize(), onClose(), onPause(), onContinue(), onResume(), onRetry(),
 * onSwitch(jobId). The cancel button calls the page's own cancelCurrentJob().
 */

import { byId, fill, focusSomewhere, h, isLost, onPress, takeId, toggle } from "./dom.js";
import { CurrentFiles } from "./current.js";
import { namesOf } from "./names.js";
import { notice, shares, speed, spoken, stage, title } from "./progress.js";
import { redraw } from "./redraw.js";
import { allowed } from "./states.js";

export class ProgressDialog {
  #dialog = byId("progressModal");
  #current = new CurrentFiles(byId("progressCurrent"));
  #noticed = "";
  #stage = "running";

  constructor(handlers) {
    this.handlers = handlers;
    const clicks = {
      progressMinimizeBtn: () => handlers.onMinimize(),
      progressCloseBtn: () => handlers.onClose(),
      progressPauseBtn: () => handlers.onPause(),
      progressContinueBtn: () => handlers.onContinue(),
    };
    for (const [id, run] of Object.entries(clicks)) onPress(byId(id), run);
    // Escape must not lose a running job from sight, so it minimises.
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (this.#stage === "over") handlers.onClose();
      else handlers.onMinimize();
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  /** Where messages can be read while the dialog is open. */
  get messagesPlace() {
    return byId("messagesInDialog");
  }

  /** Open with the cancel button shown, as long as nothing more is known. */
  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#setStage("running");
  }

  close() {
    byId("progressCancelBtn").style.display = "none";
    if (!this.#dialog.open) return;
    this.#dialog.close();
    focusSomewhere();
  }

  /** A job that has just been chosen, before its first status. */
  reset({ label = "", href }) {
    byId("progressLabel").textContent = label;
    byId("progressPageLink").href = href;
    byId("progressTitle").textContent = "Processing Files...";
    fill(byId("progressText"), 0, " / ", 0, " files");
    byId("progressPercent").textContent = "0%";
    byId("progressSpeed").textContent = "";
    fill(byId("progressExtra"));
    this.#bar(0, { succeeded: 0, failed: 0 }, "");
    byId("progressBar").classList.remove("is-finished");
    toggle(byId("progressNotice"), false);
    this.#noticed = "";
    this.#current.reset();
    this.trouble(null);
    this.#setStage("running");
  }

  render(job, { cancelling = false } = {}) {
    const { total, processed, percent } = job.progress;
    const now = stage(job, { cancelling });
    byId("progressTitle").textContent = title(job, { cancelling });
    byId("progressLabel").textContent = job.label;
    fill(byId("progressText"), processed, " / ", total, " files");
    byId("progressPercent").textContent = `${percent ?? 0}%`;
    byId("progressSpeed").textContent = speed(job, { cancelling });
    this.#bar(percent ?? 0, shares(job), spoken(job));
    const bar = byId("progressBar");
    bar.classList.toggle("is-finished", job.status === "completed");
    bar.classList.toggle("is-waiting", now === "running" && processed === 0);
    this.#notice(job);
    const current = job.current ?? [];
    // What rests keeps no place free: it would be an empty box.
    if (now === "over" || (now === "paused" && current.length === 0)) this.#current.reset();
    else this.#current.show(current);
    this.#setStage(now, job);
  }

  /** The job is over: Cancel goes, Close comes. */
  complete(job = null) {
    this.#setStage("over", job);
  }

  /** For screen readers only. */
  announce(text) {
    byId("progressAnnouncer").textContent = text;
  }

  /** Which buttons there are. */
  #setStage(now, job = null) {
    const can = job ? allowed(job) : { pause: false, proceed: false, resume: false, retry: false };
    const focused = document.activeElement;
    byId("progressCancelBtn").style.display = now === "over" ? "none" : "";
    byId("progressCancelBtn").disabled = now === "stopping";
    toggle(byId("progressCloseBtn"), now === "over");
    toggle(byId("progressPauseBtn"), now === "running" && can.pause);
    toggle(byId("progressContinueBtn"), now === "paused");
    toggle(byId("progressHint"), now !== "over");
    toggle(byId("progressMinimizeBtn"), now !== "over");
    if (now === "over" && this.#stage !== "over") this.#ended(can, focused);
    if (now !== "over" && this.#dialog.contains(focused) && isLost(focused)) {
      const next = { running: "progressPauseBtn", paused: "progressContinueBtn" }[now];
      byId(next ?? "progressTitle").focus({ preventScroll: Boolean(next) });
    }
    if (now !== "over") fill(byId("progressExtra"));
    this.#stage = now;
  }

  #ended(can, focused) {
    const offers = [
      [can.resume, "resumeJobBtn", "Resume", this.handlers.onResume],
      [can.retry, "retryJobBtn", "Retry failed", this.handlers.onRetry],
    ];
    for (const [possible, id, label, run] of offers) {
      if (!possible) continue;
      const look = { type: "button", class: "btn btn-outline-secondary", on: { click: run } };
      const button = h("button", look, label);
      byId("progressExtra").append(button);
      takeId(button, id);
    }
    // The button that had the focus may be gone; Close is what comes next. It is in sight, although
    // its own place in a narrow window may be far below.
    if (this.#dialog.open && !byId("detailsFrame").contains(focused)) {
      byId("progressCloseBtn").focus({ preventScroll: true });
    }
  }

  /** What keeps the job from moving, or what has ended it. */
  #notice(job) {
    const place = byId("progressNotice");
    const text = (job.status === "failed" ? job.error : notice(job)) ?? "";
    if (place.textContent !== text) place.textContent = text;
    // A screen reader hears it once: not for each new number in it, nor when it comes and goes.
    const kind = text.replace(/[\d.,]+/g, "");
    if (text && kind !== this.#noticed) {
      byId("progressNoticeAnnouncer").textContent = text;
      this.#noticed = kind;
    }
    place.classList.toggle("notice-bad", job.status === "failed");
    toggle(place, text !== "");
  }

  #bar(percent, parts, text) {
    const bar = byId("progressBar");
    bar.setAttribute("aria-valuenow", String(percent));
    if (text) bar.setAttribute("aria-valuetext", text);
    byId("progressBarDone").style.width = `${parts.succeeded}%`;
    byId("progressBarFailed").style.width = `${parts.failed}%`;
  }

  /** A sentence while the server does not answer, null when it does again. */
  trouble(sentence) {
    const place = byId("progressTrouble");
    if (sentence !== null && place.textContent !== sentence) place.textContent = sentence;
    toggle(place, sentence !== null);
  }

  /** The other running jobs, to change over to one of them; hidden where there is none. */
  switcher(jobs, currentId) {
    const place = byId("progressSwitcher");
    const names = namesOf(jobs);
    toggle(place, jobs.length > 1);
    redraw(
      place,
      jobs.map((job) =>
        h(
          "button",
          {
            type: "button",
            class: "btn btn-sm btn-outline-secondary",
            "aria-pressed": String(job.id === currentId),
            dataset: { job: job.id },
            on: { click: () => this.handlers.onSwitch(job.id) },
          },
          h("bdi", {}, names.get(job.id)),
          " · ",
          job.progress.total,
          ` files · ${job.progress.percent ?? 0}%`,
        ),
      ),
    );
  }
}
