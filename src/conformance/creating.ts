/** Creates: made once, asked about after a lost answer, refused where they have no place. */
import type { Change, Item } from '../connector/connector.ts'
import { ConnectorError, failedAs } from '../connector/failure.ts'
import { requiredText } from '../connector/values.ts'
import {
  CannotTry,
  childKind,
  Differs,
  expect,
  kindNamed,
  lagOf,
  seconds,
  until,
  type Check,
  type Ground,
} from './ground.ts'
import { itemIn, listed, make, making, parentOf, read, type Making } from './making.ts'
import type { Trouble } from './trouble.ts'

const TROUBLES: readonly Trouble[] = ['lose-response', 'error-after', 'lose-request', 'error-before']
const SETTLE_SECONDS = 60

/** A text of its own under a new parent, and one beside another: the two ways in which something is made. */
async function bothWays(ground: Ground, text: string): Promise<readonly Making[]> {
  if (ground.shape.parent?.head !== true) return [making(ground, text, await make(ground, ground.words('beside it')))]
  const beside = await make(ground, ground.words('the parent of it all'))
  return [making(ground, `${text}, first`), making(ground, `${text}, beside`, beside)]
}

const lost = TROUBLES.map((trouble): Check => ({
  id: `create: ${trouble}`,
  assumed: `after a create with ${trouble}, asking tells what was made, and there is one at the end`,
  means: 'A lost answer would lead to a second copy.',
  async run(ground) {
    const seen: string[] = []
    for (const { kind, intent } of await bothWays(ground, ground.words('the very text of the create'))) {
      const declared = kindNamed(ground, kind)
      const text = requiredText((intent.head ?? intent).values, ground.shape.text)
      const lasted = trouble === 'lose-response' || trouble === 'error-after'
      ground.trouble(trouble)
      await unanswered(ground, ground.own.create(kind, intent), lasted)
      const settle = (declared.settle ?? SETTLE_SECONDS) * 1000
      const ask = async (): Promise<boolean> => {
        if (declared.find !== undefined) return (await ground.own.find(kind, intent)) !== null
        if (declared.idempotent === true) return (await ground.own.create(kind, intent)).length > 0
        return await isAmongOwn(ground, intent.key, text)
      }
      // A no is final only when the request can have no effect any more; on this side of the wire that is known.
      const took = lasted ? await until(ground, settle, ask) : null
      if (lasted) expect(took !== null, `the ${kind} was not found within ${seconds(settle)}`)
      else if (!(await ask())) await ground.own.create(kind, intent)
      seen.push(lasted ? `the ${kind} was found after ${seconds(took ?? 0)}` : `the ${kind} was made by the second try`)
      await thereAre(ground, 1, text)
    }
    return seen.join('; ')
  },
}))

/** Without a key the engine looks among what this account made, which the feed has told by then. */
async function isAmongOwn(ground: Ground, key: string, text: string): Promise<boolean> {
  const { shape, own, call } = ground
  const made = (await listed(ground)).find(
    (each): each is Change & Item => each.kind === shape.child && 'values' in each && each.values[shape.text] === text,
  )
  if (made === undefined) return false
  expect(made.author?.ref === call.actor.ref, `it is shown as by ${made.author?.ref ?? 'nobody'}`)
  own.adopt(shape.child, made, key)
  return true
}

/** Of what took effect nobody may say that it did not. */
async function unanswered(ground: Ground, create: Promise<unknown>, lasted: boolean): Promise<void> {
  try {
    await create
  } catch (error) {
    if (failedAs(error, 'unavailable')) {
      expect(!lasted || !error.noEffect, 'a lost answer counts as no effect')
      return
    }
    throw error
  } finally {
    ground.trouble(null)
  }
  throw new CannotTry('the create made no request that changes something')
}

/** Counted once the listing can show it; more than so many are too many at any time. */
async function thereAre(ground: Ground, wanted: number, text: string): Promise<void> {
  let count = 0
  await until(ground, lagOf(ground) + 1000, async () => (count = await ground.somebody.count(text)) === wanted)
  expect(count === wanted, `there are ${count} of it`)
}

const equal: Check = {
  id: 'create: equal texts',
  assumed: 'two creates of the same text with two keys are two',
  means: 'Of two people who write the same, one would be left out.',
  async run(ground) {
    const beside = await make(ground, ground.words('the parent of it all'))
    const text = ground.words('exactly the same text')
    const createdAt = new Date(ground.now() - 1000).toISOString()
    for (let time = 0; time < 2; time += 1) {
      const { kind, intent } = making(ground, text, beside)
      await ground.own.create(kind, { ...intent, createdAt })
    }
    await thereAre(ground, 2, text)
    return 'two'
  },
}

const repeated: Check = {
  id: 'create: repeated',
  assumed: 'a create that is repeated with its key has no further effect',
  means: 'A request that is repeated would make a second copy.',
  without: (ground) => (childKind(ground).idempotent === true ? null : 'creates are not repeated there'),
  async run(ground) {
    for (const { kind, intent } of await bothWays(ground, ground.words('a text that is asked for twice'))) {
      const once = await itemIn(ground, await ground.own.create(kind, intent))
      const twice = await itemIn(ground, await ground.own.create(kind, intent))
      expect(once.ref === twice.ref, `the first time ${once.ref} was made, the second time ${twice.ref}`)
    }
    return 'answered what the first one made'
  },
}

const orphan: Check = {
  id: 'create: no parent',
  assumed: 'what is made under a parent that is gone is refused, and makes nothing',
  means: 'Answers to what was deleted meanwhile would turn up elsewhere.',
  without: (ground) =>
    ground.shape.parent === null
      ? 'texts have no parent there'
      : childKind(ground).delete === undefined
        ? 'nothing can be deleted there'
        : null,
  async run(ground) {
    const first = await make(ground, ground.words('a text that will go, and its parent with it'))
    const parent = parentOf(ground, first)
    const kind = ground.shape.parent?.kind ?? ''
    // Where nobody deletes a parent, it goes with its last text.
    const above = kindNamed(ground, kind).delete === undefined ? null : await read(ground, parent, kind)
    await (above === null ? ground.own.delete(ground.shape.child, first) : ground.own.delete(kind, above))
    const gone = await until(ground, lagOf(ground), async () => (await read(ground, parent, kind)) === null)
    if (gone === null) throw new CannotTry(`the ${kind} outlives its last text`)
    const { kind: child, intent } = making(ground, ground.words('an answer that comes too late'), first)
    try {
      await ground.own.create(child, intent)
    } catch (error) {
      if (error instanceof ConnectorError && error.noEffect) return `refused: ${error.message.slice(0, 120)}`
      throw error
    }
    throw new Differs('it was made')
  },
}

export const creating: readonly Check[] = [...lost, equal, repeated, orphan]
