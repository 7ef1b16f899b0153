// How a team's pieces are shared, as the service does it (giatja_production/floor/domain.py): shown before it is saved.
const DAY = 86400000;
const FIRST_DAY = 719163; // the number of 1 January 1970, counted from 1 January of the year 1

/** Share whole pieces by weight; what is left goes to the largest remainders, equal ones in a ring from place `start`. */
export function share(pieces, weights, start) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const whole = weights.map((weight) => Math.floor((pieces * weight) / total));
  const left = pieces - whole.reduce((sum, part) => sum + part, 0);
  const ring = (n) => (n - start + weights.length) % weights.length;
  const order = weights.map((_, n) => n).sort((a, b) => ((pieces * weights[b]) % total) - ((pieces * weights[a]) % total) || ring(a) - ring(b));
  for (const n of order.slice(0, left)) whole[n] += 1;
  return whole;
}

/** Share good, rework and reject of a team; returns a Map from each member's id. */
export function shares(team, weights, date) {
  const ids = [...weights.keys()].sort();
  const start = (Date.parse(`${date}T00:00:00Z`) / DAY + FIRST_DAY) % ids.length;
  const parts = Object.fromEntries(["good", "rework", "reject"].map((kind) => [kind, share(team[kind], ids.map((id) => weights.get(id)), start)]));
  return new Map(ids.map((id, n) => [id, { good: parts.good[n], rework: parts.rework[n], reject: parts.reject[n] }]));
}
