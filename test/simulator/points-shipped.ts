/** The operations between Google Chat and Discourse: the connectors that are shipped, against their emulators. */
import { isDeepStrictEqual } from 'node:util'
import type { Discourse } from '../../src/emulators/discourse/discourse.ts'
import { pairOf, SPACE, type Pair, type PairOptions } from '../engine/pair.ts'
import { chatThreads, done, forumThreads, messageWith, postWith, topicWith, writes } from '../engine/views.ts'
import type { Outcome, PointKind, Trial } from './points.ts'

const MINUTE = 60_000
/** Longer than any settle time and what is tried again after it. */
const PATIENCE = 4 * MINUTE

interface Operation {
  readonly operation: string
  readonly from: 'Google Chat' | 'Discourse'
  readonly options?: PairOptions
  act(pair: Pair): void
  /** Whether both sides show what was done. */
  isDone(view: View): boolean
}

/** What people see on both sides. */
interface View {
  readonly chat: readonly (readonly string[])[]
  readonly forum: readonly (readonly string[])[]
  readonly spaces: readonly string[]
  readonly categories: readonly string[]
}

const EACH: PairOptions = { flow: { scopes: [], each: { from: 'chat', under: 2 } } }

const OPERATIONS: readonly Operation[] = [
  {
    operation: 'create parent + child',
    from: 'Google Chat',
    act: ({ chat }) => void chat.as('101').post(SPACE, 'another question'),
    isDone: both('another question'),
  },
  {
    operation: 'create parent + child',
    from: 'Discourse',
    act: ({ discourse }) =>
      void done(
        discourse.as('cyd').topic({ title: 'A topic of today', raw: 'Another text of Cyd, long enough', category: 2 }),
      ),
    isDone: both('Another text of Cyd'),
  },
  {
    operation: 'create',
    from: 'Google Chat',
    act: (pair) => {
      const { thread } = pair.chat.as('101').message(messageWith(pair, 'a question of Ann'))
      pair.chat.as('102').post(SPACE, 'ok then', { thread: thread?.name ?? '' })
    },
    isDone: both('ok then'),
  },
  {
    operation: 'create',
    from: 'Discourse',
    act: (pair) =>
      void done(
        pair.discourse.as('dan').reply(topicWith(pair, 'a question of Ann'), 'Dan answers this one, long enough'),
      ),
    isDone: both('Dan answers this one, long enough'),
  },
  {
    operation: 'update',
    from: 'Google Chat',
    act: (pair) => void pair.chat.as('102').edit(messageWith(pair, 'an answer of Bob'), 'a better one of Bob'),
    isDone: both('a better one of Bob'),
  },
  {
    operation: 'update',
    from: 'Discourse',
    act: (pair) =>
      void done(pair.discourse.as('dan').edit(postWith(pair, 'An answer of Dan'), 'A better one of Dan, long enough')),
    isDone: both('A better one of Dan'),
  },
  {
    operation: 'delete',
    from: 'Google Chat',
    act: (pair) => pair.chat.as('102').remove(messageWith(pair, 'an answer of Bob')),
    isDone: neither('an answer of Bob'),
  },
  {
    operation: 'delete',
    from: 'Discourse',
    act: (pair) => void done(pair.discourse.as('mod').remove(postWith(pair, 'An answer of Dan'))),
    isDone: neither('An answer of Dan'),
  },
  {
    operation: 'delete parent + children',
    from: 'Google Chat',
    act: (pair) => pair.chat.as('101').remove(messageWith(pair, 'a question of Ann'), { force: true }),
    isDone: neither('a question of Ann'),
  },
  {
    operation: 'delete parent + children',
    from: 'Discourse',
    act: (pair) => void done(pair.discourse.as('mod').removeTopic(topicWith(pair, 'A text of Cyd'))),
    isDone: neither('A text of Cyd'),
  },
  {
    operation: 'create container',
    from: 'Google Chat',
    options: EACH,
    act: ({ chat }) => {
      const { name } = chat.as('100').createSpace('Later', ['101'])
      chat.as('101').post(name, 'in the later one')
    },
    isDone: ({ categories }) => categories.filter((each) => each === 'Later').length === 1,
  },
  {
    operation: 'update container',
    from: 'Google Chat',
    act: ({ chat }) => void chat.as('100').rename(SPACE, 'Team of the North'),
    isDone: named('Team of the North'),
  },
  {
    operation: 'update container',
    from: 'Discourse',
    act: ({ discourse }) => renameCategory(discourse, 'Team of the South'),
    isDone: named('Team of the South'),
  },
]

export function shippedTrials(): Trial[] {
  return OPERATIONS.map((each) => ({
    connectors: 'Google Chat ↔ Discourse',
    operation: each.operation,
    from: each.from,
    run: runOf(each),
  }))
}

function both(text: string): (view: View) => boolean {
  return ({ chat, forum }) =>
    [chat, forum].every((side) => side.flat().filter((each) => each.includes(text)).length === 1)
}

function neither(text: string): (view: View) => boolean {
  return ({ chat, forum }) => [chat, forum].every((side) => side.flat().every((each) => !each.includes(text)))
}

function named(name: string): (view: View) => boolean {
  return ({ spaces, categories }) => spaces.includes(name) && categories.includes(name)
}

function viewOf(pair: Pair): View {
  const { chat, discourse } = pair
  const categories = [...discourse.state().categories.values()]
  const spaces = chat.as('101').spaces()
  return {
    chat: spaces.flatMap(({ name }) => chatThreads(pair, name)),
    forum: categories.flatMap(({ id }) => forumThreads(pair, id)),
    spaces: spaces.map(({ displayName }) => displayName ?? '').sort(),
    categories: categories.map(({ name }) => name).sort(),
  }
}

/** Threads and topics with answers, so that no brake holds a single delete. */
function furnish({ chat, discourse }: Pair): void {
  const { name, thread } = chat.as('101').post(SPACE, 'a question of Ann')
  chat.as('102').post(SPACE, 'an answer of Bob', { thread: thread?.name ?? name })
  for (const text of ['one', 'two', 'three']) chat.as('102').post(SPACE, `thread ${text}`)
  const about = { title: 'Something of the forum', raw: 'A text of Cyd, long enough', category: 2 }
  const { topicId } = done(discourse.as('cyd').topic(about))
  done(discourse.as('dan').reply(topicId, 'An answer of Dan, long enough'))
}

function renameCategory(discourse: Discourse, name: string): void {
  discourse.handle({
    method: 'PUT',
    path: '/categories/2.json',
    query: new URLSearchParams(),
    headers: { 'api-key': 'api-key', 'api-username': 'sync_bot', 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ name })),
    address: '10.0.0.9',
  })
}

function runOf(operation: Operation): Trial['run'] {
  let calm: View | null = null
  return async (crashAt) => {
    const { view, ...outcome } = await run(operation, crashAt)
    calm ??= view
    const wrong = isDeepStrictEqual(view, calm) ? [] : [`${JSON.stringify(view)} instead of ${JSON.stringify(calm)}`]
    return { ...outcome, wrong: [...outcome.wrong, ...wrong] }
  }
}

async function run(operation: Operation, crashAt: number | null): Promise<Outcome & { readonly view: View }> {
  const points: PointKind[] = []
  let begun = false
  const pair = await pairOf({
    webhooks: true,
    ...operation.options,
    crash: (point) => {
      if (!begun || point.at === 'committing') return false
      if (point.at === 'committed' && (!point.wrote || point.verb === 'keepLevels')) return false
      points.push(point.at === 'committed' ? 'commit' : 'call')
      return points.length === crashAt
    },
  })
  furnish(pair)
  await pair.sync()
  await pair.run(2 * MINUTE)
  begun = true
  operation.act(pair)
  await pair.sync()
  begun = false
  const crashed = !pair.alive
  if (crashed) await pair.restart()
  await pair.run(PATIENCE)
  const view = viewOf(pair)
  const wrong = operation.isDone(view) ? [] : [`it is not done: ${JSON.stringify(view)}`]
  const held = await pair.store.heldList({ flow: null })
  wrong.push(...held.map(({ reason, detail }) => `held: ${reason} ${detail}`))
  const written = writes(pair).length
  await pair.run(PATIENCE)
  if (writes(pair).length > written) wrong.push(`${writes(pair).length - written} writes for no change`)
  return { points, crashed, wrong, view }
}
