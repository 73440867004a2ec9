// The median, which both the trackers and the recogniser go by.

/** Median of the values that are finite; NaN if there is none. */
export function median(values) {
  const known = values.filter(Number.isFinite).sort((one, other) => one - other);
  const middle = known.length >> 1;
  return known.length % 2 ? known[middle] : (known[middle - 1] + known[middle]) / 2;
}
