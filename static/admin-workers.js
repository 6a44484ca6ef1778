// Keeps the page of workers true.
//
// Elements: #workersNow with data-url and data-jobs-url; tbody[data-rows=…] with a row
// tr[data-key] for each, made from template[data-row=…]; cells have data-field.

import {repeat} from "./admin-poller.js";

const page = document.getElementById("workersNow");

function fill(row, values) {
  row.dataset.key = values.key;
  for (const cell of row.querySelectorAll("[data-field]")) {
    const text = String(values[cell.dataset.field]);
    if (cell.textContent !== text) cell.textContent = text;
    if ("state" in cell.dataset) cell.dataset.state = values.state;
    if (cell.dataset.field === "job") link(cell, values.job_id);
  }
}

function link(anchor, jobId) {
  if (jobId) anchor.href = `${page.dataset.jobsUrl}${jobId}/change/`;
  else anchor.removeAttribute("href");
}

function showRows(name, rows) {
  const body = page.querySelector(`tbody[data-rows="${name}"]`);
  const template = page.querySelector(`template[data-row="${name}"]`);
  const known = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  const shown = rows.map((values) => {
    const row = known.get(values.key) || template.content.firstElementChild.cloneNode(true);
    fill(row, values);
    return row;
  });
  body.replaceChildren(...shown);
}

function use(now) {
  showRows("workers", now.workers);
  showRows("clusters", now.clusters);
  const trouble = page.querySelector('p[data-field="trouble"]');
  trouble.textContent = now.trouble;
  trouble.hidden = !now.trouble;
}

repeat(() => page.dataset.url, use);
