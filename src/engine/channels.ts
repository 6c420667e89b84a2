/**
 * Keeps channels open: where a system can be asked to send webhooks, it is asked, in time before each ends and again
 * until it does. A message by a channel makes the engine look, as any webhook; without one, polls find all there is.
 */
import type { Channels as Declared } from '../connector/webhooks.ts'
import { ConnectorError } from '../connector/failure.ts'
import { channelSecret } from '../core/key.ts'
import type { Channel } from '../store/verbs/channels.ts'
import { CATCH_UP } from './buckets.ts'
import { scopesOf } from './feeds.ts'
import { backoffMs, failureOf, sessionOf, type World } from './world.ts'

/** Scopes come and go without a ring. */
const LOOK_MS = 60_000
/** Renewed after this share of its life. */
const RENEWED_AT = 0.8
/** Of two that overlap the old one goes after this long: messages of its own may be under way. */
const OVERLAP_MS = 60_000

interface Keeping {
  readonly world: World
  readonly connection: string
  readonly declared: Declared<unknown>
}

/** One turn for a connection; answers when the next one is due. Null: its system opens none. */
export function createChannelKeeper(world: World, connection: string): (() => Promise<number>) | null {
  const { connector } = sessionOf(world, connection).setup
  const { channels: declared } = connector
  return declared === undefined ? null : () => keep({ world, connection, declared })
}

async function keep(keeping: Keeping): Promise<number> {
  const { world, connection } = keeping
  const { actor, dead } = sessionOf(world, connection)
  if (actor === null || dead !== null) return world.clock.now() + LOOK_MS
  const wanted = await wantedScopes(keeping)
  for (const scope of wanted) await ensure(keeping, scope, await known(keeping, scope))
  const left = await world.store.channels({ connection })
  for (const each of left) await closeIfOver(keeping, each, wanted, left)
  return nextTurn(world, await world.store.channels({ connection }))
}

function wantedScopes({ world, connection, declared }: Keeping): Promise<readonly string[]> {
  if ((sessionOf(world, connection).setup.address ?? null) === null) return Promise.resolve([])
  return declared.per === 'scope' ? scopesOf(world, connection) : Promise.resolve([''])
}

async function known({ world, connection }: Keeping, scope: string): Promise<readonly Channel[]> {
  return (await world.store.channels({ connection })).filter((each) => each.scope === scope)
}

/** The one that is open and stays, if any: the newest at the address that is configured now. */
function currentOf({ world, connection }: Pick<Keeping, 'world' | 'connection'>, of: readonly Channel[]) {
  const prefix = `${sessionOf(world, connection).setup.address ?? ''}/`
  return of.findLast(
    ({ state, address, expiresAt }) =>
      state === 'open' && address.startsWith(prefix) && (expiresAt === null || expiresAt > world.clock.now()),
  )
}

async function ensure(keeping: Keeping, scope: string, of: readonly Channel[]): Promise<void> {
  const { world, declared } = keeping
  const now = world.clock.now()
  const current = currentOf(keeping, of)
  if (current !== undefined && (current.renewAt === null || current.renewAt > now)) return
  const trying = of.find(({ state }) => state === 'opening')
  if (declared.renew !== undefined && current !== undefined) await renew(keeping, current, declared.renew)
  else if (trying === undefined || trying.notBefore <= now) await open(keeping, scope, trying ?? null)
}

/** Written down before it is asked for: what comes by it before the answer is known as its own. */
async function open(keeping: Keeping, scope: string, before: Channel | null): Promise<void> {
  const { world, connection, declared } = keeping
  const session = sessionOf(world, connection)
  const now = world.clock.now()
  const id = world.random.hex(16)
  const wanted: Channel = {
    id,
    connection,
    scope,
    address: `${session.setup.address ?? ''}/${id}`,
    handle: null,
    state: 'opening',
    openedAt: now,
    expiresAt: null,
    renewAt: null,
    heardAt: null,
    ...afterTry(world, before),
    why: before?.why ?? '',
    failingSince: before?.failingSince ?? null,
  }
  await world.store.putChannel({ channel: wanted, instead: before?.id ?? null })
  await attempt(keeping, wanted, async () => {
    const secret = channelSecret(world.markerKey, connection, id)
    const { handle, expiresAt } = await declared.open(session.call(scope, CATCH_UP, [scope]), {
      id,
      address: wanted.address,
      secret,
    })
    await world.store.putChannel({ channel: { ...wanted, ...WELL, handle, state: 'open', ...lifeOf(now, expiresAt) } })
    world.events({ is: 'renewed', connection, of: 'channel' })
  })
}

async function renew(
  keeping: Keeping,
  channel: Channel,
  prolong: NonNullable<Declared<unknown>['renew']>,
): Promise<void> {
  const { world, connection } = keeping
  const now = world.clock.now()
  if (channel.notBefore > now) return
  const trying = { ...channel, ...afterTry(world, channel) }
  await attempt(keeping, trying, async () => {
    const call = sessionOf(world, connection).call(channel.scope, CATCH_UP, [channel.scope])
    const { expiresAt } = await prolong(call, { id: channel.id, handle: channel.handle ?? '' })
    await world.store.putChannel({ channel: { ...channel, ...WELL, ...lifeOf(now, expiresAt) } })
    world.events({ is: 'renewed', connection, of: 'channel' })
  })
}

/** A channel goes where nobody wants it, where another one has taken its place, and where it has ended. */
async function closeIfOver(
  keeping: Keeping,
  channel: Channel,
  wanted: readonly string[],
  all: readonly Channel[],
): Promise<void> {
  const { world, connection, declared } = keeping
  const { id, scope, state, handle, expiresAt, notBefore } = channel
  const now = world.clock.now()
  const isWanted = wanted.includes(scope) && state !== 'closing'
  const current = currentOf(
    keeping,
    all.filter((each) => each.scope === scope),
  )
  const hasEnded = expiresAt !== null && expiresAt <= now
  const isReplaced = current !== undefined && current.id !== id && current.openedAt + OVERLAP_MS <= now
  if (!hasEnded && isWanted && !isReplaced) return
  if (hasEnded || handle === null) {
    await world.store.dropChannel({ id })
    return
  }
  if (notBefore > now) return
  await attempt(keeping, { ...channel, state: 'closing', ...afterTry(world, channel) }, async () => {
    const call = sessionOf(world, connection).call(scope, CATCH_UP, [scope])
    await declared.close(call, { id, handle }).catch((error: unknown) => {
      if (!(error instanceof ConnectorError) || error.failure !== 'missing') throw error
    })
    await world.store.dropChannel({ id })
  })
}

/** What fails is told, and tried again later, however often. */
async function attempt({ world, connection }: Keeping, trying: Channel, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const { failure, message } = failureOf(error)
    if (world.buckets.isClosed) return
    const failingSince = trying.failingSince ?? world.clock.now()
    await world.store.putChannel({ channel: { ...trying, failingSince, why: message } })
    const what = trying.state === 'closing' ? 'cannot be closed' : 'cannot be opened'
    const where = `${connection} channel ${trying.scope}`
    world.events({ is: 'trouble', where, failure, message: `a channel ${what}: ${message}`, next: 'tries again later' })
  }
}

const WELL = { tries: 0, notBefore: 0, failingSince: null, why: '' } as const

function afterTry(world: World, before: Channel | null): Pick<Channel, 'tries' | 'notBefore'> {
  const tries = (before?.tries ?? 0) + 1
  return { tries, notBefore: world.clock.now() + backoffMs(tries, () => world.random.next()) }
}

function lifeOf(now: number, expiresAt: number | null): Pick<Channel, 'expiresAt' | 'renewAt'> {
  return { expiresAt, renewAt: expiresAt === null ? null : Math.round(now + (expiresAt - now) * RENEWED_AT) }
}

function nextTurn(world: World, channels: readonly Channel[]): number {
  const now = world.clock.now()
  const times = channels.flatMap(({ notBefore, renewAt, expiresAt }) => [notBefore, renewAt, expiresAt])
  return Math.min(now + LOOK_MS, ...times.filter((time) => time !== null && time > now).map(Number))
}
