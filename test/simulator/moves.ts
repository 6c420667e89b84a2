/** Somebody takes a thread to another room, with all that stands in it. */
import type { Board, Stored } from './board.ts'
import { tokenIn } from './ledger.ts'
import type { Place } from './shape.ts'
import type { UserOptions } from './users.ts'

export function moveThread({ ledger, watch, systems }: UserOptions, side: Place, thread: Stored, room: Stored): void {
  const { board } = systems[side]
  ledger.noteUserChange('thread moved', side, tokenIn(thread.text))
  const owner = side === 'a' ? watch.owners.get(thread.room) : undefined
  // What was deleted from it before goes along, where its copy stands for that still.
  if (owner !== undefined)
    for (const post of board.pastPostsOf(thread.ref)) ledger.noteLeave(side, tokenIn(post.text), owner)
  const posts = board.postsOf(thread.ref)
  // What comes back with it may have gone from elsewhere by itself.
  if (board.get('room', thread.room)?.text.startsWith('private') === true)
    for (const post of posts) ledger.noteDone(side, tokenIn(post.text))
  for (const item of [thread, ...posts]) {
    if (room.text.startsWith('private')) ledger.noteLeave(side, tokenIn(item.text))
    if (owner !== undefined) ledger.noteLeave(side, tokenIn(item.text), owner)
    board.put({ ...item, room: room.ref })
  }
}

/** Where something stands that came from another room. */
export function roomsMovedTo(board: Board): ReadonlySet<string> {
  const moved = board.living('thread').filter(({ ref, room }) => {
    const past = board.rows.get(`thread ${ref}`)?.history ?? []
    return past.some(({ item }) => item !== null && item.room !== room)
  })
  return new Set(moved.map(({ room }) => room))
}
