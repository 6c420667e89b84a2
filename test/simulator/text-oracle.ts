/** P1: all of a text travels, not its token alone; a copy says whose it is; files and threads keep their names. */
import { other } from '../../src/core/flow.ts'
import { titleOf } from '../../src/mappings/title.ts'
import { BOT } from './ask.ts'
import { isTracked, unmarked, withoutHeading } from './flow.ts'
import { aboutOf, tokenIn } from './ledger.ts'
import type { Linked } from './linked.ts'
import type { View } from './view.ts'

export function garbled(view: View, linked: readonly Linked[]): string[] {
  return linked.flatMap((each) => {
    const { kind, a, b } = each
    const whats =
      kind === 'post'
        ? [wordsOf(view, each), authorOf(view, each), ...fileNames(view, each)]
        : [kind === 'thread' ? titleIn(view, each) : null]
    return whats.flatMap((what) => (what === null ? [] : [`${kind} ${a.ref} of a and ${b.ref} of b ${what}`]))
  })
}

/** After heading, signature and mark. */
function partsOf(text: string): { readonly author: string | null; readonly words: string } {
  const plain = unmarked(withoutHeading(text))
  const [signature = '', author = null] = /^([^:\n]+): /.exec(plain) ?? []
  return { author, words: plain.slice(signature.length).trimEnd() }
}

function wordsOf({ routes }: View, { a, b }: Linked): string | null {
  // What comes from beyond is signed here by whoever copied it.
  const isJudged = routes.length === 1 && aboutOf(a.text) === null && tokenIn(a.text) === tokenIn(b.text)
  const [here, there] = [partsOf(a.text).words, partsOf(b.text).words]
  return !isJudged || here === there ? null : `say ${JSON.stringify(here)} and ${JSON.stringify(there)}`
}

function authorOf({ route, routes, ends, ledger }: View, { a, b, made, incarnation }: Linked): string | null {
  // What another flow made again bears what that one writes.
  if (made === null || incarnation > 0 || routes.length > 1) return null
  const [copy, source] = made === 'a' ? [a, b] : [b, a]
  if (source.author.ref === BOT.ref) return null
  const { author } = partsOf(copy.text)
  // Whoever rewrites a copy, there or beyond it, may leave its signature out.
  const shown = (ends[made].board.rows.get(`post ${copy.ref}`)?.history ?? []).map(({ item }) =>
    tokenIn(item?.text ?? ''),
  )
  const isFromSource = (token: number | null): boolean =>
    token === null || ledger.tokens.get(token)?.side === route.at[other(made)]
  if (author === null && !shown.every(isFromSource)) return null
  const wanted = route.plan.signed ? source.author.name : null
  return author === wanted
    ? null
    : `is signed by ${author ?? 'nobody'} at ${made}, and by ${wanted ?? 'nobody'} at ${other(made)}`
}

function fileNames({ ends }: View, { a, b }: Linked): string[] {
  const names = new Map(b.files.map(({ ref, name }) => [ends.b.board.depot.tokenOf(ref), name]))
  return a.files.flatMap(({ ref, name }) => {
    const there = names.get(ends.a.board.depot.tokenOf(ref))
    return there === undefined || there === name ? [] : [`have a file called ${name} and ${there}`]
  })
}

function titleIn({ route, ends, systems, routes }: View, { a, b, made, contested, holds }: Linked): string | null {
  // What another flow has made again may be called in that one's way: people are asked.
  const isAsked = contested.includes('title') || holds.some(({ action }) => action === 'update')
  if (routes.length > 1 && isAsked) return null
  if (isTracked(route, { a: systems.a.shape, b: systems.b.shape, c: systems.c.shape, d: systems.d.shape }, 'thread')) {
    const isSame = a.text.trimEnd() === b.text.trimEnd()
    return isSame || tokenIn(a.text) !== tokenIn(b.text) ? null : `are called ${a.text} and ${b.text}`
  }
  if (made === null || ends[made].shape.threads !== 'headed' || routes.length > 1) return null
  const [copy, source] = made === 'a' ? [a, b] : [b, a]
  const past = ends[other(made)].board.rows.get(`thread ${source.ref}`)?.history ?? []
  const first = ends[made].board.rows.get(`thread ${copy.ref}`)?.history[0]?.item?.text ?? ''
  const titles = past.flatMap(({ item }) =>
    item === null ? [] : [titleOf(item.text, { max: 80, untitled: '(no text)' })],
  )
  return titles.includes(first) ? null : `was called ${first} at ${made}, and never at ${other(made)}`
}
