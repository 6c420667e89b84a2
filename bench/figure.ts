/** What a measurement answers, and the arithmetic over its pairs. */

export interface Figure {
  readonly name: string
  /** Of the product; the median where it was measured more than once. */
  readonly value: number
  readonly unit: string
  /** Against what it is held, measured in the same run; null: it stands by itself. */
  readonly ratio: number | null
  /** In words, as `≥ 0.95`. */
  readonly aim: string
  readonly met: boolean
  /** What stands behind the figure. */
  readonly detail: string
}

export interface Run {
  /** How many interleaved pairs. */
  readonly pairs: number
  readonly quick: boolean
  readonly say: (words: string) => void
}

export interface Scenario {
  readonly name: string
  readonly about: string
  measure(run: Run): Promise<Figure[]>
}

export function median(all: readonly number[]): number {
  return quantile(all, 0.5)
}

export function quantile(all: readonly number[], share: number): number {
  const sorted = all.toSorted((one, other) => one - other)
  if (share === 0.5 && sorted.length % 2 === 0) {
    const half = sorted.length / 2
    return ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2
  }
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}

export function round(value: number, digits = 2): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}

/** Judges a ratio, or else the value itself. */
export function figure(
  given: Omit<Figure, 'met' | 'aim' | 'ratio'> & {
    readonly ratio?: number
    readonly atLeast?: number
    readonly atMost?: number
    readonly below?: number
  },
): Figure {
  const { name, value, unit, ratio = null, detail, atLeast, atMost, below } = given
  const judged = ratio ?? value
  const [aim, met] =
    atLeast !== undefined
      ? [`≥ ${atLeast}`, judged >= atLeast]
      : atMost !== undefined
        ? [`≤ ${atMost}`, judged <= atMost]
        : [`< ${below ?? 0}`, judged < (below ?? 0)]
  return { name, value: round(value), unit, ratio: ratio === null ? null : round(ratio), aim, met, detail }
}
