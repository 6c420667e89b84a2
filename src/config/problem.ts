/** What is wrong with a configuration, where, and what to do about it. */

/** Where in the configuration: the keys and positions that lead there. */
export type Path = readonly (string | number)[]

export interface Finding {
  readonly code: ProblemCode
  readonly path: Path
  /** One sentence. Names no value that may be a secret. */
  readonly message: string
  readonly remedy: string
}

export interface Problem {
  readonly code: ProblemCode
  /** 'flows.team.scopes[1]'; '' is the file itself. */
  readonly place: string
  readonly file: string
  /** Counted from 1; null where the file could not be read. */
  readonly line: number | null
  readonly column: number | null
  readonly message: string
  readonly remedy: string
}

export type ProblemCode =
  | 'file-missing'
  | 'yaml'
  | 'unknown-key'
  | 'missing'
  | 'invalid'
  | 'missing-variable'
  | 'no-account'
  | 'account-value'
  | 'account-clash'
  | 'missing-secret'
  | 'secret-file'
  | 'secret-twice'
  | 'bad-store'
  | 'unknown-connection'
  | 'same-connection'
  | 'no-mapping'
  | 'unknown-pair'
  | 'unknown-kind'
  | 'unknown-field'
  | 'unfit-fields'
  | 'field-twice'
  | 'bad-template'
  | 'bad-lens'
  | 'bad-direction'
  | 'bad-policy'
  | 'bad-side'
  | 'no-scopes'
  | 'bad-scope'
  | 'scope-twice'
  | 'scope-overlap'
  | 'scope-mirrored'
  | 'flow-cycle'
  | 'webhook-secret'
  | 'same-listener'

export function placeOf(path: Path): string {
  let place = ''
  for (const part of path) {
    if (typeof part === 'number') place += `[${part}]`
    else if (/^[\w-]+$/.test(part)) place += place === '' ? part : `.${part}`
    else place += `[${JSON.stringify(part)}]`
  }
  return place
}

export function formatProblem(problem: Problem): string {
  const at = problem.line === null ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`
  const place = problem.place === '' ? '' : ` ${problem.place}:`
  return `${at}${place} ${problem.message}\n  → ${problem.remedy}`
}

/** The name that was most likely meant, or null. */
export function nearest(given: string, known: readonly string[]): string | null {
  let best: string | null = null
  let least = Math.max(2, Math.ceil(given.length / 3)) + 1
  for (const name of known) {
    const distance = editDistance(plainName(given), plainName(name))
    if (distance < least) [best, least] = [name, distance]
  }
  return best
}

/** "did you mean `x`?", or what there is to choose from. */
export function suggestion(given: string, known: readonly string[]): string {
  const meant = nearest(given, known)
  if (meant !== null) return `did you mean \`${meant}\`?`
  return known.length === 0 ? 'there is none to choose from' : `choose one of: ${known.join(', ')}`
}

/** The same as a remedy, in sentences of their own. */
export function choice(given: string, known: readonly string[]): string {
  const meant = nearest(given, known)
  return meant === null ? `Choose one of: ${[...new Set(known)].join(', ')}` : `Did you mean "${meant}"?`
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '')
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
