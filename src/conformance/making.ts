/** How checks make and read items. */
import type { Change, Create, Item, Made } from '../connector/connector.ts'
import { failedAs } from '../connector/failure.ts'
import { CannotTry, kindNamed, lagOf, until, type Ground } from './ground.ts'
import { valuesFor } from './shape.ts'

export interface Making {
  readonly kind: string
  readonly intent: Create
}

/** What makes a text under a new parent, or under the parent of another text. */
export function making(ground: Ground, text: string, beside: Item | null = null): Making {
  const { connector, shape, call } = ground
  const { parent, child } = shape
  const own = valuesFor(connector, child, call.scope, text)
  const when = { since: ground.now(), createdAt: new Date(ground.now()).toISOString() }
  if (parent !== null && parent.head && beside === null) {
    const key = ground.newKey()
    const head: Create = { key: `${key}h`, values: { ...own, [shape.text]: text }, ...when }
    const title = text.split('\n')[0]?.slice(0, 200) ?? ''
    const values = valuesFor(connector, parent.kind, call.scope, title === '' ? 'untitled' : title)
    return { kind: parent.kind, intent: { key, values, head, ...when } }
  }
  const place = parent === null || beside === null ? {} : { [parent.field]: beside.values[parent.field] ?? null }
  return { kind: child, intent: { key: ground.newKey(), values: { ...own, ...place, [shape.text]: text }, ...when } }
}

/** Makes a text and answers it as it stands. */
export async function make(ground: Ground, text: string, beside: Item | null = null): Promise<Item> {
  const { kind, intent } = making(ground, text, beside ?? (await placeholder(ground)))
  try {
    return await itemIn(ground, await ground.own.create(kind, intent))
  } catch (error) {
    if (!failedAs(error, 'rejected')) throw error
    throw new CannotTry(`no ${kind} can be made with values that are made up: ${error.message}`)
  }
}

/** Stands for a text under a new parent, where that is made by a call of its own; null: it comes with its first text. */
export async function placeholder(ground: Ground): Promise<Item | null> {
  const { connector, call, shape, own } = ground
  const { parent } = shape
  if (parent === null || parent.head) return null
  const values = valuesFor(connector, parent.kind, call.scope, ground.words('a parent'))
  const [above] = await own.create(parent.kind, { key: ground.newKey(), values, since: ground.now() })
  if (above === undefined) throw new CannotTry(`nothing was answered for a new ${parent.kind}`)
  return { scope: above.scope, ref: above.ref, values: { [parent.field]: above.ref } }
}

/** The text among what a create answered, read where the answer does not show it. */
export async function itemIn(ground: Ground, changes: Made | readonly Change[]): Promise<Item> {
  const { child } = ground.shape
  const change = changes.find(({ kind }) => kind === child)
  if (change === undefined) throw new CannotTry(`the answer to a create tells of no ${child}`)
  if ('values' in change) return change
  let found: Item | null = null
  await until(ground, lagOf(ground), async () => (found = await read(ground, change.ref)) !== null)
  if (found === null) throw new CannotTry(`what was just made cannot be read`)
  return found
}

/** Null: it is gone. */
export async function read(ground: Ground, ref: string, kind = ground.shape.child): Promise<Item | null> {
  const { get } = kindNamed(ground, kind)
  if (get === undefined) throw new CannotTry(`a ${kind} cannot be read by itself`)
  try {
    const now = await get(ground.call, ref)
    return 'values' in now ? now : null
  } catch (error) {
    if (failedAs(error, 'missing')) return null
    throw error
  }
}

/** The ref of the parent of a text. */
export function parentOf({ shape }: Ground, item: Item): string {
  const ref = shape.parent === null ? null : item.values[shape.parent.field]
  if (typeof ref !== 'string') throw new CannotTry('it has no parent')
  return ref
}

/** The account itself, in the part of somebody who works in the scope. */
export function selfAsSomebody(ground: () => Ground): Ground['somebody'] {
  const known = new Map<string, Item>()
  const item = (ref: string): Item => {
    const found = known.get(ref)
    if (found === undefined) throw new Error(`${ref} was not said here`)
    return found
  }
  return {
    async say(text, beside) {
      const made = await make(ground(), text, beside === undefined ? null : item(beside))
      known.set(made.ref, made)
      return made.ref
    },
    async edit(ref, text) {
      const { shape, own } = ground()
      const stored = await own.update(shape.child, item(ref), { [shape.text]: text })
      if ('values' in stored) known.set(ref, stored)
    },
    remove: (ref) => ground().own.delete(ground().shape.child, item(ref)),
    async count(text) {
      const { shape } = ground()
      const found = new Set<string>()
      for (const change of await listed(ground()))
        if (change.kind === shape.child && 'values' in change && change.values[shape.text] === text)
          found.add(change.ref)
      return found.size
    },
  }
}

/** Everything that one listing of the scope names. */
export async function listed(ground: Ground): Promise<readonly Change[]> {
  const changes: Change[] = []
  for await (const page of feedOf(ground).list(ground.call, null)) changes.push(...page.changes)
  return changes
}

export function feedOf({ connector, shape }: Ground) {
  const feed = Object.values(connector.feeds).find(({ kinds }) => kinds.includes(shape.child))
  if (feed === undefined) throw new Error(`no feed of ${connector.name} tells of a ${shape.child}`)
  return feed
}
