/** What people do with the files of posts. */
import type { Stored } from './board.ts'
import { between, type Chance } from './chance.ts'
import { bytesOf, type Attached } from './depot.ts'
import { aboutOf, tokenIn } from './ledger.ts'
import type { Place } from './shape.ts'
import type { UserOptions } from './users.ts'

export const FILE_DEEDS = [
  'attach',
  'detach',
  /** Another file of the same name. */
  'swap',
  /** Somebody on either side changes the files of one post at once. */
  'attach-both',
] as const
export type FileDeed = (typeof FILE_DEEDS)[number]

const NAMES = ['plan.txt', 'photo.jpg', 'list.csv']

export function isFileDeed(deed: string): deed is FileDeed {
  return FILE_DEEDS.some((each) => each === deed)
}

/** The files with which a post is written: mostly none. */
export function enclosed(
  { systems, ledger }: UserOptions,
  side: Place,
  chance: Chance,
  always: boolean,
): readonly Attached[] {
  const { shape, board } = systems[side]
  if (shape.files === null || !(chance.chance(0.3) || always)) return []
  return Array.from({ length: between(chance, 1, 2) }, () =>
    board.depot.add(chance.pick(NAMES), bytesOf(ledger.token(null, 'file', side))),
  )
}

export function actOnFiles(options: UserOptions, deed: FileDeed, side: Place, chance: Chance): void {
  const { systems, ledger } = options
  const posts = changeable(options, side)
  if (deed !== 'attach-both') {
    const some = deed === 'attach' ? posts : posts.filter(({ files }) => files.length > 0)
    if (some.length > 0) change(options, deed, side, chance.pick(some), chance)
    return
  }
  const far = options.places.find((each) => each !== side) ?? side
  const rootOf = (at: Place, { ref }: Stored): number | undefined => ledger.roots.get(`${at} post ${ref}`)
  const there = new Map(changeable(options, far).map((each) => [rootOf(far, each), each]))
  const both = posts.flatMap((here) => {
    const twin = there.get(rootOf(side, here) ?? -1)
    return twin === undefined ? [] : [{ here, twin }]
  })
  if (both.length === 0) return
  const { here, twin } = chance.pick(both)
  change(options, 'attach', side, here, chance)
  change(options, twin.files.length > 0 && chance.chance(0.5) ? 'swap' : 'attach', far, twin, chance)
  if (chance.chance(0.3)) change(options, 'detach', side, systems[side].board.get('post', here.ref) ?? here, chance)
}

function changeable({ systems }: UserOptions, side: Place): Stored[] {
  const { shape, board } = systems[side]
  if (shape.files === null) return []
  const may = (post: Stored): boolean => shape.edits === 'all' || post.author.ref !== 'bot'
  return board.living('post').filter((post) => !post.emptied && aboutOf(post.text) === null && may(post))
}

function change(options: UserOptions, deed: FileDeed, side: Place, post: Stored, chance: Chance): void {
  const { systems, ledger, trace } = options
  const { board } = systems[side]
  const old = deed === 'attach' || post.files.length === 0 ? null : chance.pick(post.files)
  const kept = post.files.filter((file) => file !== old)
  const name = old?.name ?? chance.pick(NAMES)
  const added = deed === 'detach' ? [] : [board.depot.add(name, bytesOf(ledger.token(null, 'file', side)))]
  if (old !== null) ledger.noteSeen(board.depot.tokenOf(old.ref))
  board.put({ ...post, files: [...kept, ...added], editedAt: systems[side].clock() })
  ledger.noteUserChange('files changed', side, tokenIn(post.text))
  const what = added.map(({ ref }) => `${name} ${ref} of t${board.depot.tokenOf(ref) ?? '?'}`).join()
  trace.tell(`somebody at ${side} changes the files of post ${post.ref}: ${deed} ${old?.ref ?? ''} ${what}`)
}
