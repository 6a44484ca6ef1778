/** What the page calls the status of a file: that of a job's item, or of its last item. Pure. */

const LABELS = {
  unprocessed: "Not processed",
  pending: "Waiting",
  processing: "In progress",
  succeeded: "Succeeded",
  failed: "Failed",
  skipped: "Not processed",
};

export function itemLabel(status) {
  return LABELS[status] ?? LABELS.unprocessed;
}
