/** What the page calls the status of a file: that of a job's item, or of its last item. Pure. */

const LABELS = {
  unprocessed: "Not processed",
  pending: "Waiting",
  processing: "In progress",
  succeeded: "Succeeded",
  warning: "Warning",
  failed: "Failed",
  skipped: "Not processed",
};

/** The status to show: a file that succeeded with a message is a warning. */
export function shownStatus({ status, message }) {
  return status === "succeeded" && message ? "warning" : status;
}

export function itemLabel(status) {
  return LABELS[status] ?? LABELS.unprocessed;
}
