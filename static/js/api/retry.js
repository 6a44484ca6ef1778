/** Repeats a call that failed for a reason that passes, at growing intervals. DOM-free. */

import { retryDelay } from "./poller.js";

export class Retry {
  #run;
  #errors = 0;
  #timer = null;

  /** `run()` is called again after an error; it reports each end by `succeeded` or `failed`. */
  constructor(run) {
    this.#run = run;
  }

  /** Forget a planned call, because another one begins now. */
  cancel() {
    clearTimeout(this.#timer);
  }

  succeeded() {
    this.#errors = 0;
  }

  /** Plan another call if the error may pass. */
  failed(error) {
    this.cancel();
    if (!error.passes) return;
    this.#errors += 1;
    this.#timer = setTimeout(() => this.#run(), retryDelay(this.#errors));
  }
}

/** Resolves to what `call` resolves to, called until then. Rejects with an error that stays. */
export async function persist(call) {
  for (let errors = 1; ; errors += 1) {
    try {
      return await call();
    } catch (error) {
      if (!error.passes) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryDelay(errors)));
    }
  }
}
