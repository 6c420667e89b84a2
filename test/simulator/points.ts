/** Crash points: one operation is done once to count them, and again for each with a process that ends there. */

export type PointKind = 'call' | 'commit'

/** One operation of a pair of connectors, run from an empty store to its end. */
export interface Trial {
  readonly connectors: string
  readonly operation: string
  /** Where the operation is done by a person. */
  readonly from: string
  /** `crashAt`: the number of the point at which the process ends; null: it lives. */
  run(crashAt: number | null): Promise<Outcome>
}

export interface Outcome {
  /** Between the deed and the moment at which both sides were in step again. Of a run without a crash. */
  readonly points: readonly PointKind[]
  readonly crashed: boolean
  /** What is not in step, stands twice or is lost at the end. */
  readonly wrong: readonly string[]
}

export interface Row {
  readonly connectors: string
  readonly operation: string
  readonly from: string
  readonly calls: number
  readonly commits: number
  /** At how many of the points a process was ended. */
  readonly crashes: number
  readonly wrong: readonly string[]
}

/** `every`: only one in so many points, where time is short. */
export async function enumerate(trial: Trial, every = 1): Promise<Row> {
  const whole = await trial.run(null)
  const wrong = whole.wrong.map((what) => `without a crash: ${what}`)
  let crashes = 0
  for (let at = Math.ceil(every / 2); at <= whole.points.length && wrong.length === 0; at += every) {
    const { crashed, wrong: found } = await trial.run(at)
    if (crashed) crashes += 1
    else wrong.push(`there was no point ${at} to end at`)
    wrong.push(...found.map((what) => `ended at point ${at} of ${whole.points.length}: ${what}`))
  }
  const count = (kind: PointKind): number => whole.points.filter((each) => each === kind).length
  const { connectors, operation, from } = trial
  return { connectors, operation, from, calls: count('call'), commits: count('commit'), crashes, wrong }
}
