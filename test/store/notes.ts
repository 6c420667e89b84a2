/** Notes on pages, of two connections, as verbs are told of them. */
import type { KindReading } from '../../src/store/verbs/kin.ts'
import type { NewLink } from '../../src/store/verbs/new-links.ts'
import type { PairSpec, SideSpec } from '../../src/store/verbs/subjects.ts'

const sideOf = (connection: string): SideSpec => ({
  connection,
  kind: 'note',
  feed: 'notes',
  parent: { kind: 'page', field: 'page' },
  head: null,
  containerKind: 'room',
  takes: [],
  people: { fields: [], areEmails: false },
  files: null,
  compared: ['text'],
  refs: [],
})

export const notes: PairSpec = {
  id: 'notes',
  rank: 1,
  container: false,
  files: false,
  filtered: false,
  onLeave: { a: 'keep', b: 'keep' },
  a: sideOf('x'),
  b: sideOf('y'),
}

/** How notes are read that stand on no page: in no order, and without lag. */
export const readingOfNotes: KindReading = {
  kind: 'note',
  feed: 'notes',
  lagMs: 0,
  ordered: false,
  parentField: null,
  gets: true,
  takes: [],
  unique: [],
  people: { fields: [], areEmails: false },
  children: [],
}

/** Note `ref` of each side. */
export function linkOfNotes(ref: string): NewLink {
  return {
    pair: notes.id,
    connections: { a: 'x', b: 'y' },
    kinds: { a: 'note', b: 'note' },
    refs: { a: `${ref} at x`, b: `${ref} at y` },
    base: { a: {}, b: {} },
    complement: {},
    incarnation: 0,
    late: false,
    about: null,
  }
}
