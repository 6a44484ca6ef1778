/** Formats numbers, sizes and times. Pure: no DOM, no clock of its own. */

const grouped = new Intl.NumberFormat("en-US");

/** 12400 -> "12,400" */
export function group(number) {
  return grouped.format(number);
}

/** 12400 -> ["12", "400"]: the digits in groups of three. The first may be shorter. */
export function digitGroups(number) {
  return String(number).split(/(?=(?:\d{3})+$)/);
}

/** (1, "file") -> "1 file", (1200, "file") -> "1,200 files" */
export function plural(number, noun, nouns = `${noun}s`) {
  return `${group(number)} ${number === 1 ? noun : nouns}`;
}

/** 1536 -> "1.5 kB". Decimal units, as file managers show them. */
export function bytes(size) {
  if (size === null || size === undefined) return "";
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  let value = size;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(unit > 0 && value < 99.5 ? 1 : 0)} ${units[unit]}`;
}

/** 3725 -> "1 h 2 min". At most two units, none smaller than a second. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 86400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ");
}

/** 12.4 -> "12 files/s". Below one per second, files per minute. */
export function rate(perSecond) {
  if (perSecond === null || perSecond === undefined) return "";
  if (perSecond >= 10) return `${group(Math.round(perSecond))} files/s`;
  if (perSecond >= 1) return `${perSecond.toFixed(1)} files/s`;
  return `${(perSecond * 60).toFixed(1)} files/min`;
}

/** 125 -> "about 2 min left". Coarse on purpose: it is an estimate. */
export function timeLeft(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 1) return "almost done";
  if (seconds < 60) return `about ${Math.ceil(seconds)} s left`;
  if (seconds < 3600) return `about ${Math.round(seconds / 60)} min left`;
  if (seconds < 172800) return `about ${Math.round(seconds / 3600)} h left`;
  return `about ${Math.round(seconds / 86400)} days left`;
}

const twoDigits = (number) => String(number).padStart(2, "0");

/** "2025-11-22T09:02:03Z" -> "2025-11-22" in the reader's time zone. */
export function day(iso) {
  const date = new Date(iso);
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** "2025-11-22T09:02:03Z" -> "10:02" in the reader's time zone, or "10:02:03" with `seconds`. */
export function timeOfDay(iso, { seconds = false } = {}) {
  const date = new Date(iso);
  const parts = [date.getHours(), date.getMinutes(), ...(seconds ? [date.getSeconds()] : [])];
  return parts.map(twoDigits).join(":");
}

/** "2025-11-22T09:02:03Z" -> "2025-11-22 10:02" in the reader's time zone. */
export function dateTime(iso) {
  return iso ? `${day(iso)} ${timeOfDay(iso)}` : "";
}

/** "just now", "5 min ago", "3 h ago"; after two days the date. */
export function ago(iso, now) {
  if (!iso) return "";
  const seconds = (now - Date.parse(iso)) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 172800) return `${Math.max(1, Math.round(seconds / 3600))} h ago`;
  return dateTime(iso);
}
