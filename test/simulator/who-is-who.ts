/** The truth about people: who of the two systems is one, as the operator and the directories say, and what was ever said. */
import { between, type Chance } from './chance.ts'

/** So many people work in both systems. */
export const PEOPLE = 5

export type PeopleSide = 'a' | 'b'

export function refOf(side: PeopleSide, n: number): string {
  return `${side}-p${n}`
}

/** Each has the name of somebody else on the other side. */
export function nameOf(side: PeopleSide, n: number): string {
  return `Kim ${side === 'a' ? n : (n % PEOPLE) + 1}`
}

export class WhoIsWho {
  /** By ref: who was said to be one with them; null: nobody is. */
  readonly said = new Map<string, string | null>()
  /** Whose e-mail a directory shows. */
  readonly mails = new Set<string>()
  /** Pairs that were one at some time: of an a and a b. */
  readonly ever = new Set<string>()
  /** Whose entry has changed or gone since somebody was one with them. */
  readonly changed = new Set<string>()
  /** Who was named by an item of a place: `place root ref`. */
  readonly named = new Set<string>()
  /** Whom people took away there. */
  readonly unnamed = new Set<string>()

  /** Who somebody of `a` is at `b` now. */
  aliasOf(n: number): string | null {
    const [a, b] = [refOf('a', n), refOf('b', n)]
    const said = this.said.get(a)
    if (said !== undefined) return said
    return this.mails.has(a) && this.mails.has(b) && !this.said.has(b) ? b : null
  }

  /** Of whom nobody has said anything. */
  isUnheardOf(n: number): boolean {
    return this.aliasOf(n) === null && !this.said.has(refOf('a', n)) && !this.said.has(refOf('b', n))
  }

  /** Whether an item of a side has named them. */
  isNamed(side: PeopleSide, n: number): boolean {
    return [...this.named].some((each) => each.startsWith(`${side} `) && each.endsWith(` ${refOf(side, n)}`))
  }

  pairs(): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (let n = 1; n <= PEOPLE; n += 1) {
      const alias = this.aliasOf(n)
      if (alias !== null) found.set(refOf('a', n), alias)
    }
    return found
  }

  wereOne(a: string, b: string): boolean {
    return this.ever.has(`${a} ${b}`)
  }

  wasKnown(ref: string): boolean {
    return [...this.ever].some((pair) => pair.split(' ').includes(ref))
  }

  /** Carries out something that the operator or a directory says. */
  change(how: () => void): void {
    const before = this.pairs()
    how()
    const after = this.pairs()
    for (const [a, b] of after) this.ever.add(`${a} ${b}`)
    for (const [a, b] of before)
      if (after.get(a) !== b) for (const ref of [a, b, after.get(a) ?? a]) this.changed.add(ref)
  }

  map(a: string, b: string): void {
    this.change(() => {
      for (const [one, two] of this.said) if (two === a || two === b) this.said.delete(one)
      this.said.set(a, b).set(b, a)
    })
  }

  unmap(ref: string): void {
    this.change(() => {
      for (const [one, two] of this.said) if (two === ref) this.said.delete(one)
      this.said.set(ref, null)
    })
  }

  tell(ref: string): void {
    this.change(() => this.mails.add(ref))
  }
}

export function anybody(side: PeopleSide, chance: Chance): string {
  return refOf(side, between(chance, 1, PEOPLE))
}
