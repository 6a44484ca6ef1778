/** How far an operation looked into a file, by `checked` in its result. Pure. */

const DEPTHS = {
  content: "content checked",
  structure: "structure checked",
  checksum: "checksum only",
};

/** “structure checked”; "" for a result or a file that does not say. */
export function depthText(result) {
  const checked = result?.checked;
  return typeof checked === "string" && Object.hasOwn(DEPTHS, checked) ? DEPTHS[checked] : "";
}
