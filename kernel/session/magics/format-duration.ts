const units = [
  ["s", 1],
  ["ms", 1e-3],
  ["µs", 1e-6],
  ["ns", 1e-9],
] as const;

/** A duration as a person reads it: three digits and a unit (`12.3 ms`), from a minute on minutes, hours and days (`1h 2min 5s`). */
export function formatDuration(seconds: number): string {
  if (seconds >= 60) {
    const whole = Math.round(seconds);
    const parts = [
      [Math.floor(whole / 86_400), "d"],
      [Math.floor(whole / 3600) % 24, "h"],
      [Math.floor(whole / 60) % 60, "min"],
      [whole % 60, "s"],
    ] as const;
    return parts
      .slice(parts.findIndex(([count]) => count > 0))
      .map(([count, unit]) => `${count}${unit}`)
      .join(" ");
  }
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? (seconds > 0 ? units[3] : units[0]);
  return `${Number((seconds / size).toPrecision(3))} ${unit}`;
}
