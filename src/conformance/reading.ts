/** Listings and feeds: nothing is left out, from wherever they are read. */
import type { Change, Page } from '../connector/connector.ts'
import { CannotTry, childKind, expect, kindNamed, lagOf, seconds, until, type Check, type Ground } from './ground.ts'
import { feedOf, make } from './making.ts'

async function pages(from: AsyncIterable<Page>): Promise<readonly Page[]> {
  const all: Page[] = []
  for await (const page of from) all.push(page)
  return all
}

/** The last that is said of each text. */
function told({ shape }: Ground, all: readonly Page[]): Map<string, Change> {
  const found = new Map<string, Change>()
  for (const change of all.flatMap((page) => page.changes))
    if (change.kind === shape.child) found.set(change.ref, change)
  return found
}

async function many(ground: Ground): Promise<readonly string[]> {
  const refs: string[] = []
  for (let at = 0; at < ground.many; at += 1) {
    const text = ground.words(`text number ${at} of many`)
    refs.push(await ground.somebody.say(text, at % 3 === 0 ? undefined : refs.at(-1)))
  }
  return refs
}

function missingIn(found: ReadonlyMap<string, Change>, refs: readonly string[]): readonly string[] {
  return refs.filter((ref) => {
    const change = found.get(ref)
    return change === undefined || !('values' in change)
  })
}

/** A listing once it can show all of these. */
async function wholeListing(ground: Ground, refs: readonly string[]): Promise<readonly Page[]> {
  let all: readonly Page[] = []
  const isThere = async (): Promise<boolean> => {
    all = await pages(feedOf(ground).list(ground.call, null))
    return missingIn(told(ground, all), refs).length === 0
  }
  const took = await until(ground, lagOf(ground), isThere)
  const missing = missingIn(told(ground, all), refs)
  expect(
    took !== null,
    `of ${refs.length} that were made it left out ${missing.length}: ${missing.slice(0, 5).join(', ')}`,
  )
  return all
}

const containers: Check = {
  id: 'containers',
  assumed: 'the listing of containers names the scope',
  means: 'A flow that takes containers by "each" would not find it. Name it by its ref.',
  async run(ground) {
    const { connector, shape, call } = ground
    const feed = Object.values(connector.feeds).find(({ kinds }) => kinds.includes(shape.container))
    if (feed === undefined) throw new CannotTry(`no feed tells of a ${shape.container}`)
    // Where a container is what its items name, there is none without items.
    if (kindNamed(ground, shape.container).blind?.create !== undefined)
      await make(ground, ground.words('one of its own'))
    const all = (await pages(feed.list({ ...call, scope: '' }, null))).flatMap(({ changes }) => changes)
    const found = all.filter(({ kind }) => kind === shape.container)
    expect(
      found.some(({ ref }) => ref === call.scope),
      `it names ${found.length}, and not ${call.scope}`,
    )
    return `one of ${found.length}`
  },
}

const whole: Check = {
  id: 'listing',
  assumed: 'a listing names everything, ties of time at page edges too, and is complete on its last page alone',
  means: 'What listings leave out is not copied at the first sync, and not missed when it is deleted.',
  async run(ground) {
    const refs = await many(ground)
    const all = await wholeListing(ground, refs)
    const complete = all.map((page) => page.complete === true)
    expect(
      complete.indexOf(true) === all.length - 1,
      `of ${all.length} pages, page ${complete.indexOf(true) + 1} says that it is the last`,
    )
    return `${refs.length} of ${refs.length}, on ${all.length === 1 ? 'one page' : `${all.length} pages`}`
  },
}

const resumed: Check = {
  id: 'listing: resumed',
  assumed: 'a listing that is interrupted after any page goes on from there and leaves nothing out',
  means: 'What comes after an interruption would be left out of the first sync.',
  async run(ground) {
    const refs = await many(ground)
    const all = await wholeListing(ground, refs)
    if (all.length === 1) throw new CannotTry('everything stands on one page')
    for (const [index, page] of all.slice(0, -1).entries()) {
      const rest = await pages(feedOf(ground).list(ground.call, page.cursor))
      const both = new Map([...told(ground, all.slice(0, index + 1)), ...told(ground, rest)])
      const missing = missingIn(both, refs)
      expect(missing.length === 0, `after page ${index + 1} it left out ${missing.length} of ${refs.length}`)
      expect(rest.at(-1)?.complete === true, `after page ${index + 1} no page says that it is the last`)
    }
    return `${all.length} pages, each gone on from`
  },
}

/** How long a feed may take to tell of what reads show by now. */
const PATIENCE_MS = 60_000

async function begin(ground: Ground, refs: readonly string[]): Promise<string> {
  await ground.sleep(lagOf(ground))
  const first = await pages(feedOf(ground).pull(ground.call, null))
  const early = refs.filter((ref) => told(ground, first).has(ref))
  expect(early.length === 0, `a feed that begins tells of ${early.length} things that were there before`)
  return first.at(-1)?.cursor ?? ''
}

const changes: Check = {
  id: 'feed',
  assumed: 'what is said, edited and removed after a cursor is reported, or declared blind',
  means: 'Changes would be missed until the next audit, hours later.',
  async run(ground) {
    const { shape, somebody } = ground
    const { blind, update } = childKind(ground)
    const edited = await somebody.say(ground.words('this one will be edited'))
    const removed = await somebody.say(ground.words('this one will be removed'))
    let cursor = await begin(ground, [edited, removed])
    const fresh = await somebody.say(ground.words('this one is new here'))
    const text = ground.words('this one has been edited')
    if (update !== undefined) await somebody.edit(edited, text)
    await somebody.remove(removed)
    const began = ground.now()
    const at = new Map<string, number>()
    const isSeen = { create: false, update: false, delete: false }
    // As the engine reads: each pull begins where the one before ended, so that what shows too late is never told.
    await until(ground, lagOf(ground) * 2 + PATIENCE_MS, async () => {
      const all = await pages(feedOf(ground).pull(ground.call, cursor))
      cursor = all.at(-1)?.cursor ?? cursor
      const found = told(ground, all)
      const edit = found.get(edited)
      const grave = found.get(removed)
      isSeen.create ||= found.has(fresh)
      isSeen.update ||= edit !== undefined && 'values' in edit && edit.values[shape.text] === text
      isSeen.delete ||= grave !== undefined && !('values' in grave)
      for (const [what, is] of Object.entries(isSeen)) if (is && !at.has(what)) at.set(what, ground.now() - began)
      return (['create', 'update', 'delete'] as const).every((what) => isSeen[what] || blind?.[what] !== undefined)
    })
    const missed = (['create', 'update', 'delete'] as const).filter((what) => !isSeen[what])
    const late = missed.filter((what) => blind?.[what] === undefined)
    expect(
      late.length === 0,
      `not told within ${seconds(ground.now() - began)}: ${late.map((what) => WORDS[what]).join(', ')}`,
    )
    const seen = [...at].map(([what, ms]) => `${WORDS[what as keyof typeof WORDS]} after ${seconds(ms)}`)
    const unseen = missed.map((what) => `${WORDS[what]} is not, as declared`)
    return [...seen, ...unseen].join('; ')
  },
}

const WORDS = { create: 'what is new', update: 'the edit', delete: 'the removal' } as const

/** Where nothing is new, a pull makes a handful of calls. */
const MOST_CALLS = 5

const again: Check = {
  id: 'feed: again',
  assumed: 'pulling twice from one cursor tells the same, and from the last one nothing new',
  means: 'After an interruption changes would be missed, or a poll where nothing is new would be dear.',
  async run(ground) {
    const feed = feedOf(ground)
    const cursor = await begin(ground, [])
    const refs: string[] = []
    for (let at = 0; at < ground.many / 2; at += 1)
      refs.push(await ground.somebody.say(ground.words(`new text number ${at}`)))
    let once: readonly Page[] = []
    const isTold = async (): Promise<boolean> => {
      once = await pages(feed.pull(ground.call, cursor))
      return refs.every((ref) => told(ground, once).has(ref))
    }
    const took = await until(ground, lagOf(ground) * 2 + PATIENCE_MS, isTold)
    expect(
      took !== null,
      `of ${refs.length} that were made it told ${refs.filter((ref) => told(ground, once).has(ref)).length}`,
    )
    const twice = told(ground, await pages(feed.pull(ground.call, cursor)))
    expect(
      refs.every((ref) => twice.has(ref)),
      'the second time it told less',
    )
    for (const [index, page] of once.entries()) {
      const rest = told(ground, await pages(feed.pull(ground.call, page.cursor)))
      const after = told(ground, once.slice(index + 1))
      const lost = refs.filter((ref) => after.has(ref) && !rest.has(ref))
      expect(lost.length === 0, `${lost.join(', ')} is lost after page ${index + 1}`)
    }
    const calls = await quietCalls(ground, once.at(-1)?.cursor ?? '')
    expect(calls <= MOST_CALLS, `${calls} calls where nothing changed`)
    return `${refs.length} told twice; ${calls} calls where nothing changed`
  },
}

/** What a pull takes once the overlap of reads is behind it. */
async function quietCalls(ground: Ground, from: string): Promise<number> {
  let cursor = from
  let calls = 0
  for (let pull = 0; pull < 3; pull += 1) {
    await ground.sleep(lagOf(ground) + 1000)
    const before = ground.sent()
    cursor = (await pages(feedOf(ground).pull(ground.call, cursor))).at(-1)?.cursor ?? cursor
    calls = ground.sent() - before
    if (calls <= MOST_CALLS) break
  }
  return calls
}

export const reading: readonly Check[] = [containers, changes, whole, resumed, again]
