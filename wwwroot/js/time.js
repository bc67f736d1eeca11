// Countdowns by the server's clock, and moments in the reader's time zone.
//   <time data-ends="ISO" data-label="what ends" data-form="sentence|days" data-soon="seconds">   <time data-at="ISO" data-form="short|long">
import { announce } from "./announce.js";

const second = 1000, minute = 60 * second, day = 24 * 60 * minute;
const soon = 10 * minute;
const announcedAt = [10, 5, 1];

let offset = 0;
const lastLeft = new Map();

export const now = () => Date.now() + offset;

/** The server said that it was `server` (ms) when the browser's clock said `browser`. */
export function sync(server, browser = Date.now(), precision = 0) {
  if (Number.isFinite(server) && Math.abs(server - browser - offset) > precision) offset = server - browser;
}

/** HTTP's Date header counts whole seconds: it corrects a clock that went wrong, not one that is right. */
export function syncFrom(response) {
  const date = response.headers.get("Date");
  if (date) sync(Date.parse(date) + second / 2, Date.now(), 2 * second);
}

const two = (number) => String(number).padStart(2, "0");

export function digits(left) {
  const seconds = Math.max(0, Math.ceil(left / second));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const dayOfYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const dayOnly = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" });
const exact = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" };
const exactLocal = new Intl.DateTimeFormat("sv-SE", exact);
const exactUtc = new Intl.DateTimeFormat("sv-SE", { ...exact, timeZone: "UTC" });
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function moment(at) {
  if (dayOnly.format(at) === dayOnly.format(now())) return clock.format(at);
  // Half a year away, nobody knows which one is meant.
  return (Math.abs(at - now()) < 180 * day ? dayAndClock : dayOfYear).format(at);
}

const both = (at) => `${exactLocal.format(at)} ${zone}, ${exactUtc.format(at)} UTC`;

function days(left) {
  const whole = Math.round(left / day);
  return whole === 1 ? "1 day" : `${whole} days`;
}

function spoken(left) {
  const minutes = Math.ceil(left / minute);
  if (minutes <= 1) return "in less than a minute";
  if (minutes < 120) return `in ${minutes} minutes`;
  return left < 2 * day ? `in ${Math.floor(minutes / 60)} hours` : `in ${days(left)}`;
}

function part(element, name) {
  let found = element.querySelector(`:scope > .${name}`);
  if (!found) {
    found = document.createElement("span");
    found.className = name;
    element.append(found);
  }
  return found;
}

function say(element, name, text) {
  const found = part(element, name);
  if (found.textContent !== text) found.textContent = text;
  return found;
}

function shown(ends, left, form) {
  if (left <= 0) return "ended";
  if (form === "sentence") return `ends ${moment(ends)}${left < day ? `, in ${digits(left)}` : ""}`;
  if (left < day) return digits(left);
  return form === "days" ? days(left) : moment(ends);
}

function countDown(element) {
  const ends = Date.parse(element.dataset.ends);
  const left = ends - now();
  const state = left <= 0 ? "ended" : left < (element.dataset.soon * second || soon) ? "soon" : "calm";
  if (element.dataset.state !== state) element.dataset.state = state;
  if (element.title !== both(ends)) element.title = both(ends);

  // Digits for the eye; a screen reader hears words, and not every second.
  say(element, "digits", shown(ends, left, element.dataset.form)).setAttribute("aria-hidden", "true");
  say(element, "soon", state === "soon" ? "ends soon" : "").setAttribute("aria-hidden", "true");
  say(element, "sr-only", left <= 0 ? `ended ${moment(ends)}` : `ends ${moment(ends)}, ${spoken(left)}${state === "soon" ? ", ends soon" : ""}`);
  warn(element, ends, left);
}

// Once each for 10, 5 and 1 minutes, however many places show the same end.
function warn(element, ends, left) {
  const label = element.dataset.label;
  if (!label) return;
  const key = `${label} ${ends}`;
  const before = lastLeft.get(key) ?? left;
  lastLeft.set(key, left);
  const passed = announcedAt.findLast((minutes) => before > minutes * minute && left <= minutes * minute);
  if (passed && left > 0) announce(`${label} ends in ${passed === 1 ? "one minute" : `${passed} minutes`}.`);
}

function showMoment(element) {
  const at = Date.parse(element.dataset.at);
  const text = element.dataset.form === "long" ? exactLocal.format(at) : moment(at);
  if (element.textContent !== text) element.textContent = text;
  if (element.title !== both(at)) element.title = both(at);
}

function tick() {
  document.querySelectorAll("time[data-ends]").forEach(countDown);
}

function fill() {
  tick();
  document.querySelectorAll("time[data-at]").forEach(showMoment);
}

/** A laptop slept: what the clock did meanwhile is anybody's guess. */
async function askServer() {
  try {
    syncFrom(await fetch("/livez", { cache: "no-store" }));
  } catch {
    // No connection: the reconnect dialog says so.
  }
}

export function start() {
  // The page was written when its first byte came, not now that its scripts run.
  const sinceWritten = performance.now() - (performance.getEntriesByType("navigation")[0]?.responseStart ?? performance.now());
  sync(Date.parse(document.querySelector("meta[name=server-time]")?.content), Date.now() - sinceWritten);

  let last = Date.now();
  setInterval(() => {
    if (Math.abs(Date.now() - last - second) > minute) askServer();
    last = Date.now();
    tick();
  }, second);
  new MutationObserver((changes) => {
    if (changes.some((change) => change.type === "attributes" || [...change.addedNodes].some((node) => node.nodeType === Node.ELEMENT_NODE))) fill();
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-ends", "data-at"] });
  fill();
}
