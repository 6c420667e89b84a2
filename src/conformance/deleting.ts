/** Deletes: what is gone reads as gone, and takes along what was declared. */
import type { Item } from '../connector/connector.ts'
import { ConnectorError, failedAs } from '../connector/failure.ts'
import { CannotTry, childKind, expect, kindNamed, lagOf, seconds, until, type Check, type Ground } from './ground.ts'
import { listed, make, making, parentOf, read } from './making.ts'

const withoutDelete = (ground: Ground): string | null =>
  childKind(ground).delete === undefined ? 'nothing can be deleted there' : null

const gone: Check = {
  id: 'delete',
  assumed: 'what was deleted reads as gone, and deleting it again does no harm',
  means: 'Deletes would not travel, or be tried for ever.',
  without: withoutDelete,
  async run(ground) {
    const { shape, own } = ground
    const above = await make(ground, ground.words('the parent of it all'))
    const { kind, intent } = making(ground, ground.words('a reply that will go'), above)
    const reply = (await own.create(kind, intent)).find(
      (change) => change.ref !== above.ref && change.kind === shape.child,
    )
    if (reply === undefined || !('values' in reply)) throw new CannotTry('the answer to a create does not show it')
    await own.delete(shape.child, reply)
    const took = await until(ground, lagOf(ground), async () => (await read(ground, reply.ref)) === null)
    expect(took !== null, `still there ${seconds(lagOf(ground))} after it was deleted`)
    await own.delete(shape.child, reply).catch((error: unknown) => {
      if (!(error instanceof ConnectorError)) throw error
      expect(error.failure === 'missing', `deleting it again: ${error.failure}: ${error.message}`)
    })
    const text = intent.values[shape.text]
    let isListed = true
    await until(ground, lagOf(ground) + 1000, async () => {
      const all = await listed(ground)
      return !(isListed = all.some(
        (each) => each.ref === reply.ref && 'values' in each && each.values[shape.text] === text,
      ))
    })
    expect(!isListed, 'a listing still names it')
    return `gone ${seconds(took)} after the delete; by itself it reads as ${await wordsFor(ground, reply.ref)}`
  },
}

async function wordsFor(ground: Ground, ref: string): Promise<string> {
  try {
    await childKind(ground).get?.(ground.call, ref)
    return 'deleted'
  } catch (error) {
    if (failedAs(error, 'missing')) return 'missing'
    throw error
  }
}

const taking: Check = {
  id: 'delete: parent',
  assumed: 'a parent that is deleted takes along what stands under it',
  means: 'Texts would stay behind where their thread was deleted.',
  without: ({ connector, shape }) =>
    shape.parent !== null && connector.kinds[shape.parent.kind]?.takes?.includes(shape.child) === true
      ? null
      : 'no parent is deleted there',
  async run(ground) {
    const kind = ground.shape.parent?.kind ?? ''
    const first = await make(ground, ground.words('a text whose parent will go'))
    const beside = await make(ground, ground.words('another text beside it'), first)
    const parent = await read(ground, parentOf(ground, first), kind)
    if (parent === null) throw new CannotTry(`the ${kind} cannot be read`)
    await ground.own.delete(kind, parent)
    for (const { ref } of [first, beside]) {
      const took = await until(ground, lagOf(ground), async () => (await read(ground, ref)) === null)
      expect(took !== null, `${ref} is still there`)
    }
    return 'both texts are gone'
  },
}

const last: Check = {
  id: 'delete: last',
  assumed: 'a parent that lost its last text is gone, and the feed tells so',
  means: 'Emptied threads would stay on the other side until the next audit.',
  without: (ground) =>
    withoutDelete(ground) ??
    (ground.shape.parent === null || kindNamed(ground, ground.shape.parent.kind).delete !== undefined
      ? 'parents are deleted by themselves there'
      : null),
  async run(ground) {
    const { shape } = ground
    const kind = shape.parent?.kind ?? ''
    const feed = Object.values(ground.connector.feeds).find(({ kinds }) => kinds.includes(kind))
    if (feed === undefined) throw new CannotTry(`no feed tells of a ${kind}`)
    const only = await make(ground, ground.words('the only text of its parent'))
    const parent = parentOf(ground, only)
    let cursor: string | null = null
    for await (const page of feed.pull(ground.call, null)) ({ cursor } = page)
    await ground.own.delete(shape.child, only)
    const isGone = await until(ground, lagOf(ground), async () => (await read(ground, parent, kind)) === null)
    expect(isGone !== null, `the ${kind} is still there`)
    const began = ground.now()
    const told = await until(ground, lagOf(ground) * 2 + 10_000, async () => {
      let found = false
      for await (const page of feed.pull(ground.call, cursor)) {
        cursor = page.cursor
        found ||= page.changes.some((each) => each.kind === kind && each.ref === parent && !('values' in each))
      }
      return found
    })
    expect(told !== null, `the feed did not tell of it within ${seconds(ground.now() - began)}`)
    return `told ${seconds(told)} after the delete`
  },
}

/** The text that stands for a deleted one must be told from what people write. */
const emptied: Check = {
  id: 'empty',
  assumed: 'what was emptied reads as emptied, until somebody writes into it',
  means: 'Deleted texts would come back to the other side as edits.',
  without: (ground) => (childKind(ground).empty === undefined ? 'nothing is emptied there' : null),
  async run(ground) {
    const { shape, own } = ground
    const base = await make(ground, ground.words('a text that will be taken away'))
    await make(ground, ground.words('a reply that lives on'), base)
    const reads = async (wanted: true | undefined, why: string): Promise<Item> => {
      let now: Item | null = null
      const took = await until(ground, lagOf(ground) + 1000, async () => {
        now = await read(ground, base.ref)
        return now !== null && now.emptied === wanted
      })
      expect(now !== null, 'it is gone')
      expect(took !== null, why)
      return now
    }
    await own.empty(shape.child, base)
    const empty = await reads(true, 'it does not read as emptied')
    await own.update(shape.child, empty, { [shape.text]: ground.words('somebody has written into it again') })
    await reads(undefined, 'it still reads as emptied after a text was written into it')
    return 'as emptied, and as a text again'
  },
}

export const deleting: readonly Check[] = [last, gone, taking, emptied]
