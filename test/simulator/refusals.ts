/** Why a made-up system refuses a write before anything is done. */
import { BOT, refuse, type Answer, type One } from './ask.ts'
import type { Board, KindName, Stored } from './board.ts'

type Wish = Omit<One, 'op' | 'kind' | 'ref'>

/** Null: it does not. */
export function refusalOf(board: Board, { op, kind = 'post', ref = '', ...wish }: One): Answer | null {
  if (op === 'create') return cannotCreate(board, kind, wish)
  const known = board.get(kind, ref)
  if (known === null) return refuse(404, `no ${kind} ${ref}`)
  const may = mayNot(board, op, known, wish)
  if (may !== null) return may
  if (op === 'update' && wish.room !== undefined && wish.room !== known.room && board.get('room', wish.room) === null)
    return refuse(422, `no room ${wish.room}`)
  const posts = op === 'delete' && kind === 'post' && known.thread !== null ? board.postsOf(known.thread) : []
  const leads = board.shape.threads === 'headed' && posts[0]?.ref === ref && posts.length > 1
  return leads ? refuse(409, 'others have answered') : null
}

function cannotCreate(board: Board, kind: KindName, { key, room = '', thread, slot }: Wish): Answer | null {
  const made = madeBefore(board, kind, key)
  if (made !== undefined) return board.get(kind, made) === null ? refuse(409, 'key taken') : null
  if (kind !== 'room' && board.get('room', room) === null) return refuse(404, `no room ${room}`)
  const parent = kind === 'post' ? 'thread' : kind === 'exception' ? 'series' : null
  if (parent !== null && board.get(parent, thread ?? '') === null) return refuse(404, `no ${parent} ${thread ?? ''}`)
  const isTaken = kind === 'exception' && board.exceptionsOf(thread ?? '').some((each) => each.slot === slot)
  return isTaken ? refuse(409, 'there is one already') : null
}

/** The ref of what this key has made, where a repeated key makes nothing new. */
export function madeBefore(board: Board, kind: KindName, key: string | undefined): string | undefined {
  if (key === undefined || (board.shape.keys !== 'repeat' && board.shape.keys !== 'both')) return undefined
  return [...board.rows.values()].find((row) => row.kind === kind && board.lastKnown(kind, row.ref)?.key === key)?.ref
}

function mayNot({ shape }: Board, op: One['op'], known: Stored, wish: Wish): Answer | null {
  const own = known.author.ref === BOT.ref || known.kind !== 'post'
  if (op === 'delete' ? !own && !shape.deletesOthers : !own && shape.edits === 'own')
    return refuse(403, 'it is of somebody else')
  if (!shape.guarded) return null
  if (wish.ifVersion != null && wish.ifVersion !== known.version) return refuse(412, 'it was changed')
  if (wish.ifText != null && wish.ifText !== known.text) return refuse(409, 'it was changed')
  const held = known.files.map(({ ref }) => ref).join()
  if (wish.ifFiles !== undefined && wish.ifFiles.join() !== held) return refuse(409, 'its files were changed')
  const named = known.who.join()
  if (wish.ifWho !== undefined && wish.ifWho.join() !== named) return refuse(409, 'its people were changed')
  return null
}
