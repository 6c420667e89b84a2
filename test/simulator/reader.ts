/** How what a made-up system stores reads as items. */
import { z } from 'zod'
import type { Change, Item, Made, Values } from '../../src/connector/index.ts'
import { BOT } from './ask.ts'
import { AttachedShape, fileOf } from './attached.ts'
import { KINDS } from './board.ts'
import type { Shape } from './shape.ts'

export const Person = z.object({ ref: z.string(), name: z.string() })
export const Stored = z.object({
  kind: z.enum(KINDS),
  ref: z.string(),
  room: z.string(),
  thread: z.string().nullable(),
  slot: z.string().nullable(),
  text: z.string(),
  version: z.number(),
  author: Person,
  createdAt: z.number(),
  editedAt: z.number().nullable(),
  key: z.string().nullable(),
  emptied: z.boolean(),
  files: z.array(AttachedShape),
  who: z.array(z.string()),
})
type Stored = z.infer<typeof Stored>
const Gone = z.object({
  kind: z.enum(KINDS),
  ref: z.string(),
  room: z.string(),
  gone: z.enum(['deleted', 'moved']),
})
export const Shown = z.union([z.object({ item: Stored }), z.object({ gone: Gone })])
export const PageAnswer = z.object({ page: z.array(Shown), next: z.number(), more: z.boolean() })
const Id = z.object({ kind: z.enum(KINDS), ref: z.string(), room: z.string() })
export const MadeAnswer = z.object({ made: z.array(z.union([Stored, Id])).nullable() })
export const WriteAnswer = z.union([z.object({ item: Stored }), z.object({ ref: z.string() })])

export type Reader = ReturnType<typeof readerOf>

/** How stored things read as items. */
export function readerOf(shape: Shape): {
  item(stored: Stored): Item
  change(shown: z.infer<typeof Shown>): Change
  made(all: (Stored | z.infer<typeof Id>)[]): Made
} {
  const item = (stored: Stored): Item => ({
    scope: stored.room,
    ref: stored.ref,
    values: valuesOf(shape, stored),
    ...(shape.versions === 'ordered' ? { version: String(stored.version).padStart(8, '0') } : {}),
    author: stored.author,
    createdAt: new Date(stored.createdAt).toISOString(),
    ...(shape.editTimes && stored.editedAt !== null ? { editedAt: new Date(stored.editedAt).toISOString() } : {}),
    ...(stored.key === null ? {} : { key: stored.key }),
    ...(stored.emptied ? { emptied: true } : {}),
    ...mayOf(shape, stored),
  })
  return {
    item,
    change: (shown) =>
      'item' in shown
        ? { kind: shown.item.kind, ...item(shown.item) }
        : { kind: shown.gone.kind, scope: shown.gone.room, ref: shown.gone.ref, gone: shown.gone.gone },
    made: (all) =>
      all.map((each) =>
        'text' in each
          ? { kind: each.kind, ...item(each) }
          : { kind: each.kind, scope: each.room, ref: each.ref, unread: true },
      ),
  }
}

function valuesOf(shape: Shape, { kind, room, thread, slot, text, files: all, who: named }: Stored): Values {
  if (kind === 'series') return { title: text }
  if (kind === 'exception') return { series: thread, slot, body: text }
  if (kind === 'room') return { name: text }
  if (kind === 'thread') return { room, title: text }
  const files = shape.files === null ? {} : { files: all.map((each) => fileOf(shape, each)) }
  return { ...(shape.threads === 'implicit' ? { room } : {}), thread, body: text, ...files, ...whoOf(shape, named) }
}

function whoOf({ people }: Shape, named: readonly string[]): Values {
  if (people === null) return {}
  return { who: people.many ? named : (named[0] ?? null) }
}

/** Whom values name. */
export function namedIn(values: Values): string[] {
  const { who = null } = values
  return who === null ? [] : z.array(z.string()).parse(Array.isArray(who) ? who : [who])
}

function mayOf(shape: Shape, stored: Stored): Pick<Item, 'may'> {
  if (stored.kind !== 'post' || stored.author.ref === BOT.ref) return {}
  const why = 'it is of somebody else'
  const update = shape.edits === 'own' ? { update: [] } : {}
  if (shape.edits === 'all' && shape.deletesOthers) return {}
  return { may: { ...update, ...(shape.deletesOthers ? {} : { delete: false }), why } }
}
