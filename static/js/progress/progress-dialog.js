/**
 * The progress dialog: draws a job's status and reports what the person presses. Knows no API.
 *
 * Handlers: onMinimise(), onClose(), onPause(), onContinue(), onResume(), onRetry(),
 * onSwitch(jobId). The cancel button calls the page's own cancelCurrentJob().
 */

import { jobNames } from "../text/job-names.js";
import { allowed } from "../text/job-status.js";
import { RUNNING_TITLE, notice, shares, speed, spoken, stage, title } from "../text/progress.js";
import { byId, fill, h, losesFocus, onPress, restoreFocus, showSentence, takeId, toggle } from "../ui/dom.js";
import { replaceRows } from "../ui/replace-rows.js";
import { RunningFiles } from "./running-files.js";

export class ProgressDialog {
  #dialog = byId("progressModal");
  #runningFiles = new RunningFiles(byId("progressCurrent"));
  #announcedNotice = "";
  #stage = "running";

  constructor(handlers) {
    this.handlers = handlers;
    const clicks = {
      progressMinimizeBtn: () => handlers.onMinimise(),
      progressCloseBtn: () => handlers.onClose(),
      progressPauseBtn: () => handlers.onPause(),
      progressContinueBtn: () => handlers.onContinue(),
    };
    for (const [id, run] of Object.entries(clicks)) onPress(byId(id), run);
    // Escape must not hide a running job completely, so it minimises the dialog.
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (this.#stage === "finished") handlers.onClose();
      else handlers.onMinimise();
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  /** Where messages can be read while the dialog is open. */
  get messagesPlace() {
    return byId("messagesInDialog");
  }

  /** Open the dialog. The cancel button is shown until the status says otherwise. */
  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#setStage("running");
  }

  close() {
    byId("progressCancelBtn").style.display = "none";
    if (!this.#dialog.open) return;
    this.#dialog.close();
    restoreFocus();
  }

  /** Prepare for another job, before its first status. */
  reset({ label = "", href }) {
    fill(byId("progressLabel"), label);
    byId("progressPageLink").href = href;
    byId("progressTitle").textContent = RUNNING_TITLE;
    fill(byId("progressText"), 0, " / ", 0, " files");
    byId("progressPercent").textContent = "0%";
    byId("progressSpeed").textContent = "";
    showSentence("progressSummary", null);
    fill(byId("progressExtra"));
    this.#showBar(0, { succeeded: 0, failed: 0 }, "");
    byId("progressBar").classList.remove("is-finished");
    toggle(byId("progressNotice"), false);
    this.#announcedNotice = "";
    this.#runningFiles.reset();
    this.showTrouble(null);
    this.#setStage("running");
  }

  render(job, { cancelling = false } = {}) {
    const { total, processed, percent } = job.progress;
    const now = stage(job, { cancelling });
    byId("progressTitle").textContent = title(job, { cancelling });
    fill(byId("progressLabel"), job.label);
    fill(byId("progressText"), processed, " / ", total, " files");
    byId("progressPercent").textContent = `${percent ?? 0}%`;
    byId("progressSpeed").textContent = speed(job, { cancelling });
    showSentence("progressSummary", job.summary);
    this.#showBar(percent ?? 0, shares(job), spoken(job));
    const bar = byId("progressBar");
    bar.classList.toggle("is-finished", job.status === "completed");
    bar.classList.toggle("is-waiting", now === "running" && processed === 0);
    this.#showNotice(job);
    if (now === "finished") this.#runningFiles.hide();
    else this.#runningFiles.show(job.current ?? []);
    this.#setStage(now, job);
  }

  /** Replace Cancel with Close: the job is finished. */
  complete(job = null) {
    this.#setStage("finished", job);
  }

  /** For screen readers only. */
  announce(text) {
    byId("progressAnnouncer").textContent = text;
  }

  /** Show the buttons of a stage, and move the focus if its button disappears. */
  #setStage(now, job = null) {
    const can = job ? allowed(job) : {};
    const finished = now === "finished";
    const focused = document.activeElement;
    byId("progressCancelBtn").style.display = finished ? "none" : "";
    byId("progressCancelBtn").disabled = now === "stopping";
    toggle(byId("progressCloseBtn"), finished);
    toggle(byId("progressPauseBtn"), now === "running" && Boolean(can.pause));
    toggle(byId("progressContinueBtn"), now === "paused");
    toggle(byId("progressHint"), !finished);
    toggle(byId("progressMinimizeBtn"), !finished);
    if (finished && this.#stage !== "finished") this.#offerNextSteps(can, focused);
    if (!finished && this.#dialog.contains(focused) && losesFocus(focused)) {
      const next = { running: "progressPauseBtn", paused: "progressContinueBtn" }[now];
      byId(next ?? "progressTitle").focus({ preventScroll: Boolean(next) });
    }
    if (!finished) fill(byId("progressExtra"));
    this.#stage = now;
  }

  #offerNextSteps(can, focused) {
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
    // The focused button may have disappeared. Close is always in sight, so nothing scrolls.
    if (this.#dialog.open && !byId("detailsFrame").contains(focused)) {
      byId("progressCloseBtn").focus({ preventScroll: true });
    }
  }

  /** Show what keeps the job from moving, or why it failed. */
  #showNotice(job) {
    const place = byId("progressNotice");
    const text = (job.status === "failed" ? job.error : notice(job)) ?? "";
    if (place.textContent !== text) fill(place, text);
    // Screen readers hear it once, even if its numbers change or it disappears for a while.
    const withoutNumbers = text.replace(/[\d.,]+/g, "");
    if (text && withoutNumbers !== this.#announcedNotice) {
      byId("progressNoticeAnnouncer").textContent = text;
      this.#announcedNotice = withoutNumbers;
    }
    place.classList.toggle("notice-bad", job.status === "failed");
    toggle(place, text !== "");
  }

  #showBar(percent, parts, text) {
    const bar = byId("progressBar");
    bar.setAttribute("aria-valuenow", String(percent));
    if (text) bar.setAttribute("aria-valuetext", text);
    byId("progressBarDone").style.width = `${parts.succeeded}%`;
    byId("progressBarFailed").style.width = `${parts.failed}%`;
  }

  /** Show a sentence while the server is not responding; null hides it. */
  showTrouble(sentence) {
    const place = byId("progressTrouble");
    if (sentence !== null && place.textContent !== sentence) fill(place, sentence);
    toggle(place, sentence !== null);
  }

  /** Show a button for each active job if there are several. */
  showSwitcher(jobs, currentId) {
    const place = byId("progressSwitcher");
    const names = jobNames(jobs);
    toggle(place, jobs.length > 1);
    replaceRows(
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
