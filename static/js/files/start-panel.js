/** The choice of an operation, and the buttons that start a job. */

import { kindsSentence } from "../text/file-kinds.js";
import { group } from "../text/format.js";
import { noFilesYet, notStarted, reasonOf } from "../text/messages.js";
import { byId, fill, toggle } from "../ui/dom.js";
import { saveForServer } from "../ui/storage.js";
import { ParametersForm } from "./parameters-form.js";

/** Whose outcomes are listed where the chosen operation has none. */
const DEFAULT_OPERATION = "verify";

export class StartPanel {
  #api;
  #files;
  #notify;
  #onStarted;
  #select = byId("operationSelect");
  #form = new ParametersForm(byId("operationParameters"));
  #operations = new Map();

  /** True while a start is being sent: leaving the page now would lose it. */
  starting = false;

  /** `onStarted(job, selection)` gets the new job's status object; `notify` shows a message. */
  constructor({ api, files, notify, onStarted }) {
    this.#api = api;
    this.#files = files;
    this.#notify = notify;
    this.#onStarted = onStarted;
    this.#select.addEventListener("change", () => {
      saveForServer("operation", this.#select.value);
      this.#operationChanged();
      this.#files.load();
    });
    byId("processForm").addEventListener("submit", (event) => event.preventDefault());
    const selections = {
      processAllBtn: () => ({ all: true }),
      processSelectedBtn: () => ({ files: files.selection.paths() }),
      processUnprocessedBtn: () => ({ unprocessed: true }),
      processMatchingBtn: () => ({ search: files.searchText }),
    };
    for (const [id, selection] of Object.entries(selections)) {
      byId(id).addEventListener("click", () => this.#start(selection()));
    }
  }

  async loadOperations() {
    const operations = await this.#api.operations();
    this.#operations = new Map(operations.map((operation) => [operation.name, operation]));
    // The server has drawn them, and chosen the one of the last visit.
    const chosen = this.#select.value;
    fill(this.#select, operations.map(({ name, label }) => new Option(label, name)));
    if (this.#operations.has(chosen)) this.#select.value = chosen;
    this.#select.disabled = operations.length === 0;
    this.#operationChanged();
  }

  /** The operation whose outcomes the list shows; one that lists its own items has none. */
  get listedOperation() {
    return this.#operation()?.lists_items ? DEFAULT_OPERATION : this.#select.value || DEFAULT_OPERATION;
  }

  #operation() {
    return this.#operations.get(this.#select.value);
  }

  #operationChanged() {
    const operation = this.#operation();
    byId("operationDescription").textContent = operation?.description ?? "";
    if (operation?.kinds.length > 0) this.#showKinds(operation);
    this.#form.show(operation?.parameters ?? []);
    this.update();
  }

  /** Say how many files the operation is for. If that cannot be found out, nothing is said. */
  async #showKinds(operation) {
    const queries = [{}, ...operation.kinds.map((kind) => ({ kind }))];
    try {
      const answers = await Promise.all(
        queries.map((query) => this.#api.files({ ...query, page_size: 1 })),
      );
      const [all, ...suitable] = answers.map(({ count }) => count);
      if (this.#operation() !== operation) return;
      const sum = suitable.reduce((total, count) => total + count, 0);
      const sentence = kindsSentence(operation.kinds, sum, all);
      byId("operationDescription").textContent = `${operation.description} ${sentence}`.trim();
    } catch {
      // The list of files says what is wrong.
    }
  }

  /** Make the buttons say what they would process. */
  update() {
    const { selection, onlySearched, count, searchText } = this.#files;
    const listsItems = Boolean(this.#operation()?.lists_items);
    const selected = byId("processSelectedBtn");
    selected.disabled = selection.size === 0;
    fill(selected, "Process Selected", selection.size > 0 ? [" (", selection.size, ")"] : null);
    byId("processAllBtn").textContent = listsItems ? "Start" : "Process All Files";
    for (const id of ["processSelectedBtn", "processUnprocessedBtn"]) toggle(byId(id), !listsItems);
    const matching = byId("processMatchingBtn");
    toggle(matching, !listsItems && onlySearched && count > 0);
    matching.textContent = `Process ${group(count)} Matching`;
    matching.title = `Process the files whose name contains “${searchText}”`;
  }

  #failureMessage(error) {
    if (error.refused && this.#files.empty) {
      return { tone: "warning", parts: [noFilesYet(byId("fileList").dataset.library)] };
    }
    const reason = error.refused ? error.message : reasonOf(error);
    return { tone: "danger", parts: [notStarted(reason)] };
  }

  async #start(selection) {
    const operation = this.#operation();
    if (!operation || this.starting) return;
    this.starting = true;
    this.#form.showErrors({});
    const order = { operation: operation.name, parameters: this.#form.values() };
    try {
      const items = operation.lists_items ? {} : selection;
      const job = await this.#api.startJob({ ...order, ...items });
      this.#onStarted(job, selection);
    } catch (error) {
      this.#form.showErrors(error.fields ?? {});
      this.#notify({ ...this.#failureMessage(error), key: "start" });
    } finally {
      this.starting = false;
    }
  }
}
