/** What a scan of the library folder has to say to the person. */

import { plural } from "./format.js";

const MAX_NAMED_FOLDERS = 5;

/** `state`: {not_reached, unreached} of the API's scan. */
export function notReached({ not_reached: count, unreached: folders }) {
  const named = folders.slice(0, MAX_NAMED_FOLDERS).map((folder) => `“${folder}”`);
  if (folders.length > MAX_NAMED_FOLDERS) named.push(`${folders.length - MAX_NAMED_FOLDERS} more`);
  const files = plural(count, "file was", "files were");
  return `${files} not reached and stay in the list: no disk is mounted at ${named.join(", ")}.`;
}

export function moved(count) {
  return `${plural(count, "file was", "files were")} found again under another path.`;
}

/** `removals`: {files, of} of the API's scan. */
export function heldBack({ files, of }) {
  return `The scan did not find ${plural(files, "file", "files")} of ${of}. They stay in the list until you confirm that they are gone.`;
}

export function removalsQuestion({ removals: { files, of }, not_reached: unreached = 0 }) {
  const lines = [
    [`This scan would remove ${files} of ${plural(of, "file", "files")}.`],
    ["Check first that every disk and network folder is mounted."],
  ];
  if (unreached > 0) {
    lines.push([`${plural(unreached, "file", "files")} on disks that are not mounted would go too.`]);
  }
  return { title: "Remove the missing files from the list?", lines, yes: "Remove from the list", no: "Keep", danger: true };
}
