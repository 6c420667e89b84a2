/** What listings left out that answered an empty page and called themselves complete. */
import { isKind, type Board, type KindName, type Stored } from './board.ts'

interface Omission {
  readonly at: number
  /** It left out what the engine knew, so that a look at that tells on it. */
  readonly isToldOn: boolean
}

export class Omissions {
  /** Whether the engine knew an item when it began to list. */
  isKnown: (item: Stored) => boolean = () => false
  /** By item, oldest first. */
  private readonly all = new Map<string, Omission[]>()
  private readonly board: Board

  constructor(board: Board) {
    this.board = board
  }

  /** `isWhole`: no page before it named anything. */
  note(at: number, left: readonly Stored[], isWhole: boolean): void {
    const omission = { at, isToldOn: isWhole && left.some((item) => this.isKnown(item)) }
    for (const { kind, ref } of left) {
      const name = `${kind} ${ref}`
      this.all.set(name, [...(this.all.get(name) ?? []), omission])
    }
  }

  /** Whether a listing had left it out by that moment. */
  has(kind: KindName, ref: string, until = Infinity): boolean {
    return (this.all.get(`${kind} ${ref}`) ?? []).some(({ at }) => at <= until)
  }

  /** What is there and the last listing left out, where nothing tells on that listing. */
  untold(): readonly Stored[] {
    return [...this.all].flatMap(([name, omissions]) => {
      const [kind = '', ref = ''] = name.split(' ')
      const item = isKind(kind) ? this.board.get(kind, ref) : null
      return item === null || omissions.at(-1)?.isToldOn === true ? [] : [item]
    })
  }
}
