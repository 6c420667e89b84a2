/** P13: a copy is late only where something kept its original back. */
import { z } from 'zod'
import { other, SIDES, type Side } from '../../src/core/flow.ts'
import { BOT } from './ask.ts'
import type { Stored } from './board.ts'
import { ASIDE } from './flow.ts'
import { rowsOf } from './reasons.ts'
import type { View } from './view.ts'

const Link = z.object({
  a_ref: z.string(),
  b_ref: z.string(),
  state: z.string(),
  incarnation: z.number(),
  late: z.number(),
  made: z.enum(SIDES).nullable(),
})

interface Copied {
  readonly source: Stored
  readonly made: Side
  readonly isLate: boolean
  /** It stands for what it was made from first. */
  readonly isFirst: boolean
}

export function belated(view: View): string[] {
  const { db, route, ends } = view
  const links = rowsOf(
    db,
    `SELECT a_ref, b_ref, state, incarnation, late, made FROM link WHERE pair = 'post' AND about IS NULL AND flow = ?`,
    route.id,
  ).map((row) => Link.parse(row))
  const copied = links.flatMap(({ made, state, incarnation, late, ...refs }): Copied[] => {
    const from = made === null ? null : other(made)
    const source = from === null ? null : ends[from].board.lastKnown('post', refs[`${from}_ref`])
    if (made === null || source === null) return []
    return [{ source, made, isLate: late === 1, isFirst: state === 'live' && incarnation === 0 }]
  })
  const threads = Map.groupBy(copied, ({ source, made }) => `${other(made)} ${source.thread ?? ''}`)
  return [...threads.values()].flatMap((siblings) =>
    isDisturbed(view, siblings)
      ? []
      : siblings
          .filter((each) => each.isLate && !isBrought(each))
          .filter((each) => !isCrossed(view, each) && !isLagging(view, each, siblings))
          .map(({ source, made }) => `post ${source.ref} of ${other(made)} is marked late, and nothing kept it back`),
  )
}

/**
 * Whether one of them was deleted or made again, held, refused, put aside, left out of a listing, or taken elsewhere with its
 * thread: what comes after it may come before it then.
 */
function isDisturbed({ ends, reasons }: View, siblings: readonly Copied[]): boolean {
  return siblings.some(({ source: { ref, thread }, made, isFirst }) => {
    const from = other(made)
    const { board, omissions } = ends[from]
    const stood = [
      ...(board.rows.get(`post ${ref}`)?.history ?? []),
      ...(board.rows.get(`thread ${thread ?? ''}`)?.history ?? []),
    ]
    const rooms = new Set(stood.map(({ item }) => item?.room))
    const isAside = stood.some(({ item }) => item === null || item.emptied || item.text.endsWith(ASIDE))
    const isTold = reasons.why(from, 'post', ref) !== null || reasons.why(from, 'thread', thread ?? '') !== null
    return !isFirst || rooms.size > 1 || isAside || isTold || omissions.has('post', ref)
  })
}

/** What another flow copied there is known once its create has an answer, which may be lost. */
function isBrought({ source: { author } }: Copied): boolean {
  return author.ref === BOT.ref
}

/** A read that lags may show what was written just after it, and not it. */
function isLagging({ ends }: View, { source, made }: Copied, siblings: readonly Copied[]): boolean {
  const { board } = ends[other(made)]
  const at = board.madeAt('post', source.ref)
  return siblings.some((each) => {
    const ahead = board.madeAt('post', each.source.ref) - at
    return ahead > 0 && ahead <= board.shape.lagMs
  })
}

/** What the engine copied there meanwhile stands behind it there, and where it came from before it. */
function isCrossed({ ends }: View, { source, made }: Copied): boolean {
  const { board } = ends[other(made)]
  const own = [...board.postsOf(source.thread ?? ''), ...board.pastPostsOf(source.thread ?? '')]
  return own.some(
    ({ ref, author }) => author.ref === BOT.ref && board.seqOf('post', ref) > board.seqOf('post', source.ref),
  )
}
