/** Writes of many items in one call: which of them go together, and how each gets its own answer. */
import type { Call } from '../connector/call.ts'
import type { Answers, Create, Delete, Item, Kind, Made, Unread, Update } from '../connector/connector.ts'
import { ConnectorError, type Failure } from '../connector/failure.ts'
import type { Write } from '../core/action.ts'
import type { Turn } from './buckets.ts'
import type { Task } from './task.ts'
import type { World } from './world.ts'

/** Failures of a whole call that may be the fault of one item: nothing was done. */
const OF_ONE: readonly Failure[] = ['rejected', 'forbidden', 'stale', 'missing', 'key-taken']

/** How many writes of a kind one call takes. */
export function mostOf(kind: Kind<unknown>, what: Write['do']): number {
  return what === 'empty' || kind.batch?.[what] === undefined ? 1 : kind.batch.most
}

/** Writes with the same name may go in one call. Null: it goes alone. */
export function togetherOf(world: World, { pair, write, seen }: Task): { name: string; most: number } | null {
  const { connection, kind } = pair.kinds[write.side]
  const most = mostOf(world.model.kind(connection, kind), write.do)
  const scope = write.do === 'create' ? write.scope : (seen[write.side]?.scope ?? '')
  return most > 1 ? { name: [write.do, connection, kind, scope].join(' '), most } : null
}

/** In their order, those that go together in one call: one, or as many as may. */
export function rides<Each extends { readonly task: Task }>(world: World, all: readonly Each[]): Each[][] {
  const filling = new Map<string, Each[]>()
  const found: Each[][] = []
  for (const each of all) {
    const together = togetherOf(world, each.task)
    const open = together === null ? undefined : filling.get(together.name)
    if (open !== undefined && open.length < (together?.most ?? 1)) open.push(each)
    else {
      const ride = [each]
      found.push(ride)
      if (together !== null) filling.set(together.name, ride)
    }
  }
  return found
}

/** The calls of one write, each made when its turn comes. */
export interface Calls {
  create(turn: Turn, intent: Create): Promise<Made>
  update(turn: Turn, intent: Update): Promise<Item | Unread>
  delete(turn: Turn, intent: Delete): Promise<void>
  /** It makes none any more: whoever goes in the same call does not wait for it. */
  leave(): void
}

/** Seats for so many writes: a single one makes its own call, several go in one. */
export function callsFor(count: number, kind: Kind<unknown>, callOf: (turn: Turn) => Call<unknown>): () => Calls {
  const { batch } = kind
  const alone: Calls = {
    create: (turn, intent) => kind.create?.(callOf(turn), intent) ?? impossible('created'),
    update: (turn, intent) => kind.update?.(callOf(turn), intent) ?? impossible('changed'),
    delete: (turn, intent) => kind.delete?.(callOf(turn), intent) ?? impossible('deleted'),
    leave: () => undefined,
  }
  if (count === 1 || batch === undefined) return () => alone
  let awaited = count
  const going: (() => Promise<void>)[] = []
  const gathering = <Intent, Done>(one: One<Intent, Done>, many: Many<Intent, Done>) => {
    const riders: Rider<Intent, Done>[] = []
    going.push(() => send(riders, one, many))
    return (turn: Turn, intent: Intent): Promise<Done> =>
      new Promise((done, fail) => riders.push({ turn, intent, done, fail }))
  }
  const create = gathering(alone.create, (turn, intents) => batch.create?.(callOf(turn), intents))
  const update = gathering(alone.update, (turn, intents) => batch.update?.(callOf(turn), intents))
  const remove = gathering<Delete, null>(
    (turn, intent) => alone.delete(turn, intent).then(() => null),
    (turn, intents) => batch.delete?.(callOf(turn), intents),
  )
  return () => {
    let isAwaited = true
    const arrive = (): void => {
      if (!isAwaited) return
      isAwaited = false
      awaited -= 1
      if (awaited === 0) for (const each of going) void each()
    }
    const arrived = <T>(answer: Promise<T>): Promise<T> => {
      arrive()
      return answer
    }
    return {
      create: (turn, intent) => arrived(create(turn, intent)),
      update: (turn, intent) => arrived(update(turn, intent)),
      delete: (turn, intent) => arrived(remove(turn, intent).then(() => undefined)),
      leave: arrive,
    }
  }
}

type One<Intent, Done> = (turn: Turn, intent: Intent) => Promise<Done>
type Many<Intent, Done> = (turn: Turn, intents: readonly Intent[]) => Promise<Answers<Done>> | undefined

interface Rider<Intent, Done> {
  readonly turn: Turn
  readonly intent: Intent
  readonly done: (stored: Done) => void
  readonly fail: (error: unknown) => void
}

/** Settles each of them; never throws. Whose look before the call shows that it is not to be made is left behind. */
async function send<Intent, Done>(
  riders: readonly Rider<Intent, Done>[],
  one: One<Intent, Done>,
  many: Many<Intent, Done>,
): Promise<void> {
  const [first] = riders
  if (first === undefined) return
  if (riders.length === 1) return one(first.turn, first.intent).then(first.done, first.fail)
  const behind = new Map<Rider<Intent, Done>, unknown>()
  const turn: Turn = {
    isLate: () => riders.some((each) => each.turn.isLate()),
    async renew() {
      await Promise.all(riders.map((each) => each.turn.renew().catch((error: unknown) => behind.set(each, error))))
      if (behind.size > 0) throw new ConnectorError('stale', 'some of them are not to be written any more')
    },
  }
  const intents = riders.map(({ intent }) => intent)
  const answers = await (many(turn, intents) ?? impossible('written')).catch((error: unknown) => ({ error }))
  if (!('error' in answers)) return riders.forEach((each, at) => settle(each, answers[at]))
  for (const [each, error] of behind) each.fail(error)
  const left = riders.filter((each) => !behind.has(each))
  if (behind.size > 0) return send(left, one, many)
  if (!isOfOne(answers.error)) return left.forEach(({ fail }) => fail(answers.error))
  const middle = Math.ceil(left.length / 2)
  await send(left.slice(0, middle), one, many)
  await send(left.slice(middle), one, many)
}

function settle<Intent, Done>({ done, fail }: Rider<Intent, Done>, answer: Done | ConnectorError | undefined): void {
  if (answer === undefined) fail(new ConnectorError('unavailable', 'the system did not say what became of it'))
  else if (answer instanceof ConnectorError) fail(answer)
  else done(answer)
}

function isOfOne(error: unknown): boolean {
  return error instanceof ConnectorError && OF_ONE.includes(error.failure)
}

function impossible(what: string): Promise<never> {
  return Promise.reject(new ConnectorError('rejected', `it cannot be ${what}`))
}
