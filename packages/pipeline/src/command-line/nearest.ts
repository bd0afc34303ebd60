/**
 * The candidate that a person most likely meant, or undefined when none is near: at most two edits away, or two fifths
 * of the text's length, or the only one that begins with the text. Case and `_` for `-` do not count.
 */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(text);
  const limit = Math.max(Math.min(2, wanted.length - 1), Math.floor(wanted.length * 0.4));
  let best: string | undefined;
  let bestDistance = limit + 1;
  const begins: string[] = [];
  for (const candidate of candidates) {
    const folded = fold(candidate);
    if (wanted.length >= 2 && folded.startsWith(wanted)) begins.push(candidate);
    const distance = editDistance(wanted, folded);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return begins.length === 1 && bestDistance > 1 ? begins[0] : best;
}

function fold(text: string): string {
  return text.toLowerCase().replaceAll("_", "-");
}

/** Insertions, deletions, replacements and swaps of two neighbours that turn one text into the other. */
function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let j = 1; j <= b.length; j++) rows[0]?.push(j);
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(i - 2, j - 2) + 1);
      }
      rows[i]?.push(cost);
    }
  }
  return at(a.length, b.length);
}
