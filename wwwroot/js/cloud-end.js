// The day on which a credential ends: until its last moment, by the reader's own calendar.
const day = 24 * 60 * 60 * 1000;

const two = (number) => String(number).padStart(2, "0");

/** The day on which a moment still lies, for a date field. */
function dayOf(iso) {
  const at = new Date(Date.parse(iso) - 1);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Shows the present end. */
export function attachEnd(input) {
  input.min = dayOf(new Date(Date.now() + 1).toISOString());
  input.dataset.was = input.dataset.endsAt ? dayOf(input.dataset.endsAt) : "";
  input.value ||= input.dataset.was;
}

/** @returns `{ endsAt, setsEnd }`: ISO or null for never, and whether it is another than it was */
export function askEnd(form) {
  const input = form.querySelector("[name=endsAt]");
  if (!input || input.value === (input.dataset.was ?? "")) return { endsAt: null, setsEnd: false };
  if (!input.value) return { endsAt: null, setsEnd: true };
  const [year, month, date] = input.value.split("-").map(Number);
  const end = new Date(year, month - 1, date + 1);
  return { endsAt: Number.isFinite(end.getTime()) ? end.toISOString() : new Date(Date.now() - day).toISOString(), setsEnd: true };
}
