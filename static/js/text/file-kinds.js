/** What files of a kind are called in a sentence. Pure. */

import { group } from "./format.js";

const NOUNS = {
  image: "pictures",
  pdf: "PDFs",
  archive: "archives",
  audio: "sounds",
  video: "films",
  document: "documents",
  text: "text files",
  other: "files of other kinds",
};

/** “pictures, films and text files” */
export function nameKinds(kinds) {
  const nouns = kinds.map((kind) => NOUNS[kind] ?? kind);
  const last = nouns.pop();
  return nouns.length > 0 ? `${nouns.join(", ")} and ${last}` : last;
}

/** “Only for pictures: 518 of 678 files.” */
export function kindsSentence(kinds, suitable, all) {
  return `Only for ${nameKinds(kinds)}: ${group(suitable)} of ${group(all)} files.`;
}
