/** The operation chooser and the buttons that start a job. */

import { byId, fill, toggle } from "./dom.js";
import { group } from "./format.js";
import { remember, remembered } from "./memory.js";
import { ParametersForm } from "./parameters.js";

/** Whoever has chosen nothing yet gets what only looks at files. */
const FIRST_CHOICE = "verify";

export class StartPanel {
  #api;
  #files;
  #say;
  #started;
  #select = byId("operationSelect");
  #form = new ParametersForm(byId("operationParameters"));
  #operations = new Map();

  /** A start is on its way: leaving the page now would lose it. */
  starting = false;

  /** `started(job)` is called with the new job's status object; `say` shows a message. */
  constructor({ api, files, say, started }) {
    this.#api = api;
    this.#files = files;
    this.#say = say;
    this.#started = started;
    this.#select.addEventListener("change", () => {
      remember("operation", this.#select.value);
      this.#operationChanged();
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

  async load() {
    const operations = await this.#api.operations();
    this.#operations = new Map(operations.map((operation) => [operation.name, operation]));
    for (const { name, label } of operations) this.#select.add(new Option(label, name));
    const choices = [remembered("operation"), FIRST_CHOICE];
    const choice = choices.find((name) => this.#operations.has(name));
    if (choice) this.#select.value = choice;
    this.#select.disabled = operations.length === 0;
    this.#operationChanged();
  }

  #operation() {
    return this.#operations.get(this.#select.value);
  }

  #operationChanged() {
    const operation = this.#operation();
    byId("operationDescription").textContent = operation?.description ?? "";
    this.#form.show(operation?.parameters ?? []);
    this.update();
  }

  /** Make the buttons say what they would process. */
  update() {
    const { selection, searchedOnly, count, searchText } = this.#files;
    const owns = Boolean(this.#operation()?.own_items);
    const selected = byId("processSelectedBtn");
    selected.disabled = selection.size === 0;
    fill(selected, "Process Selected", selection.size > 0 ? [" (", selection.size, ")"] : null);
    byId("processAllBtn").textContent = owns ? "Start" : "Process All Files";
    for (const id of ["processSelectedBtn", "processUnprocessedBtn"]) toggle(byId(id), !owns);
    const matching = byId("processMatchingBtn");
    toggle(matching, !owns && searchedOnly && count > 0);
    matching.textContent = `Process ${group(count)} Matching`;
    matching.title = `Process the files whose name contains “${searchText}”`;
  }

  #notStarted(error) {
    if (error.status === 400 && this.#files.empty) {
      const { library } = byId("fileList").dataset;
      const parts = [`There are no files yet. Put some into ${library}, then press Refresh.`];
      return { tone: "warning", parts };
    }
    const reason = error.status === 400 ? error.message : (error.sentence ?? error.message);
    return { tone: "danger", parts: [`The job was not started: ${reason}`] };
  }

  async #start(selection) {
    const operation = this.#operation();
    if (!operation || this.starting) return;
    this.starting = true;
    this.#form.showErrors({});
    const order = { operation: operation.name, parameters: this.#form.values() };
    try {
      const items = operation.own_items ? {} : selection;
      const answer = await this.#api.startJob({ ...order, ...items });
      this.#started(answer, selection);
    } catch (error) {
      this.#form.showErrors(error.fields ?? {});
      this.#say({ ...this.#notStarted(error), key: "start" });
    } finally {
      this.starting = false;
    }
  }
}
