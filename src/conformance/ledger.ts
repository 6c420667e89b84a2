/** What checks have made and not yet removed. */
import type { Configured, Create, Item, Made } from '../connector/connector.ts'

export interface Noted {
  readonly kind: string
  readonly item: Item
}

export interface Ledger {
  note(kind: string, item: Item): void
  noteAll(changes: Made): void
  has(kind: string, ref: string): boolean
  forget(kind: string, ref: string): void
  /** In the order in which it was made. */
  all(): readonly Noted[]
  /** Creates of which no answer came, by key. */
  readonly open: Map<string, { readonly kind: string; readonly intent: Create }>
  /** How many items were made so far. */
  readonly made: number
}

export function createLedger(): Ledger {
  const noted = new Map<string, Noted>()
  let made = 0
  const note = (kind: string, item: Item): void => {
    const id = idOf(kind, item.ref)
    if (!noted.has(id)) made += 1
    noted.set(id, { kind, item })
  }
  return {
    note,
    noteAll(changes) {
      for (const change of changes) {
        if ('gone' in change) continue
        const { kind, scope, ref } = change
        note(kind, 'values' in change ? change : { scope, ref, values: {} })
      }
    },
    has: (kind, ref) => noted.has(idOf(kind, ref)),
    forget: (kind, ref) => void noted.delete(idOf(kind, ref)),
    all: () => [...noted.values()],
    open: new Map(),
    get made() {
      return made
    },
  }
}

function idOf(kind: string, ref: string): string {
  return `${kind} ${ref}`
}

/** What takes others along first, then the newest first. What goes with its children is not removed by itself. */
export function removalOrder({ kinds }: Configured, noted: readonly Noted[]): readonly Noted[] {
  const removable = noted.filter(({ kind }) => kinds[kind]?.delete !== undefined).toReversed()
  const takes = ({ kind }: Noted): boolean => (kinds[kind]?.takes ?? []).length > 0
  return [...removable.filter(takes), ...removable.filter((each) => !takes(each))]
}

/** What goes with an item that is deleted. */
export function takenWith({ kinds }: Configured, { kind, item }: Noted, noted: readonly Noted[]): readonly Noted[] {
  return (kinds[kind]?.takes ?? []).flatMap((child) => {
    const field = kinds[child]?.siblings ?? kinds[child]?.under
    return field === undefined
      ? []
      : noted.filter((each) => each.kind === child && each.item.values[field] === item.ref)
  })
}
