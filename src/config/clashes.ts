/** Values that belong to one account and were given to two: what is one user's would reach another. */
import { templateOf } from './accounts.ts'
import { placeOf, type Finding, type Path } from './problem.ts'

/** A text that a value of an account filled, where no two accounts may have the same. */
export interface Own {
  readonly path: Path
  /** Of two that a path may name: which. */
  readonly side?: string | number | undefined
  readonly value: string
}

/** `what`: what it is, as people call it. */
export function clashesOf(owns: readonly Own[], what: string): readonly Finding[] {
  const first = new Map<string, string>()
  return owns.flatMap(({ path, side, value }): readonly Finding[] => {
    const [section = '', id, ...rest] = path
    const of = typeof id === 'string' ? templateOf(id) : null
    if (of === null) return []
    const key = `${placeOf([section, of.template, ...rest, side ?? ''])} ${value}`
    const other = first.get(key)
    if (other === undefined) first.set(key, of.account)
    if (other === undefined || other === of.account) return []
    return [
      {
        code: 'account-clash',
        path,
        message: `the account \`${other}\` has the same ${what}: what is of one would reach the other`,
        remedy: 'correct the value of one of the two accounts',
      },
    ]
  })
}
