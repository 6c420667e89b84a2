/** Brings the files that a write copies to its side: read, kept meanwhile, sent, and noted before the write is made. */
import { TooLarge, type Blob, type Bytes } from '../connector/blobs.ts'
import { ConnectorError } from '../connector/failure.ts'
import { sameValue, type FileValue } from '../connector/values.ts'
import type { Write } from '../core/action.ts'
import { copiesOf, mostBytes, tooLarge, withCopies } from '../core/files.ts'
import { other, type Pair } from '../core/flow.ts'
import { fileKey } from '../core/key.ts'
import type { Intent, Observation } from '../core/state.ts'
import type { KnownFile } from '../store/verbs/files.ts'
import { FIRST_SYNC, HINT, type Priority } from './buckets.ts'
import { look } from './feeds.ts'
import type { FlowModel } from './model.ts'
import type { Task } from './task.ts'
import { failureOf, noteConnection, sessionOf, type World } from './world.ts'

/** Of bytes of which nothing is known. */
const ANY_TYPE = 'application/octet-stream'

/** One item whose files a write copies. */
interface Carrying {
  readonly world: World
  readonly model: FlowModel
  readonly intent: Intent
  readonly pair: Pair
  readonly item: Observation
  readonly priority: Priority
}

/** The write with its files as they are on its side by now. It is the same one where it copies none. */
export async function withFiles<Of extends Write>(world: World, task: Task, intent: Intent, write: Of): Promise<Of> {
  const copies = copiesOf(write, task.pair.id, intent.sourceRef)
  if (copies.length === 0) return write
  const { model, first } = task
  const from = other(write.side)
  const made = new Map<string, FileValue>()
  for (const { pair: id, source, file } of copies) {
    const pair = model.pairs.get(id)
    const item = [task.seen[from], task.also].find(
      (each) => each?.ref === source && each.kind === pair?.kinds[from].kind,
    )
    if (pair === undefined || item == null) throw new ConnectorError('stale', 'what it copies from is not known')
    const carrying: Carrying = { world, model, intent, pair, item, priority: first ? FIRST_SYNC : HINT }
    made.set(nameOf(id, file), await carried(carrying, file))
  }
  // Only what follows may take effect.
  await world.store.noteTurn({ key: intent.key, now: world.clock.now() })
  return withCopies(write, task.pair.id, (pair, file) => made.get(nameOf(pair, file)) ?? null) ?? write
}

/** The write as it was sent; null: it was not, since its files had not all been made. */
export async function asSent<Of extends Write>(world: World, intent: Intent, write: Of): Promise<Of | null> {
  const copies = copiesOf(write, intent.pair, intent.sourceRef)
  if (copies.length === 0) return write
  const made = new Map<string, FileValue>()
  for (const source of new Set(copies.map((each) => each.source)))
    for (const pair of new Set(copies.map((each) => each.pair)))
      for (const known of await world.store.files({ flow: intent.flow, pair, side: intent.side, source }))
        if (known.made !== null) made.set(nameOf(pair, known.file), known.made)
  return withCopies(write, intent.pair, (pair, file) => made.get(nameOf(pair, file)) ?? null)
}

function nameOf(pair: string, file: FileValue): string {
  return `${pair} ${JSON.stringify(file)}`
}

/** What was made before a crash, or for an earlier try, is used again. */
async function carried(carrying: Carrying, file: FileValue): Promise<FileValue> {
  const { world, intent, pair, item } = carrying
  const source = { flow: intent.flow, pair: pair.id, side: intent.side, source: item.ref }
  const known = (await world.store.files(source)).find((each) => sameValue(each.file, file))
  if (known?.made != null) return known.made
  const kept = known?.blob != null && (await world.blobs.get(known.blob.digest)) !== null ? known.blob : null
  const blob = kept ?? (await fetched(carrying, file))
  await note(carrying, { file, state: 'sending', blob, made: null, why: '' })
  const made = await sent(carrying, file, blob)
  await note(carrying, { file, state: 'made', blob, made, why: '' })
  return made
}

async function note({ world, intent, pair, item }: Carrying, known: KnownFile): Promise<void> {
  const { flow, side, connection } = intent
  const blobs = await world.store.noteFile({ flow, pair: pair.id, side, source: item.ref, connection, ...known })
  await dropBlobs(world, blobs)
}

/** It stays where it is: the rest of the item goes on without it. */
async function leave(carrying: Carrying, file: FileValue, why: string): Promise<never> {
  await note(carrying, { file, state: 'stays', blob: null, made: null, why })
  throw new ConnectorError('stale', `"${file.name}" stays where it is: ${why}`)
}

/** Reads it into the blobs. What cannot be read is tried once more after its item was: its address may have expired. */
async function fetched(carrying: Carrying, file: FileValue): Promise<Blob> {
  const { world, model, intent, pair, item } = carrying
  const { kind, connection, ref, scope } = item
  const most = mostBytes(model.flow, pair, intent.side)
  try {
    return await opened(carrying, file, most)
  } catch (error) {
    if (error instanceof TooLarge) return leave(carrying, file, tooLarge(most))
    if (!isUnreadable(error)) return atSource(world, connection, error)
  }
  const at = { feed: model.feedOf(other(intent.side), kind), kind, ref, scope }
  await look(world, connection, at, HINT, null).catch((error: unknown) => atSource(world, connection, error))
  const now = await world.store.item(item)
  if (now?.rev !== item.rev) throw new ConnectorError('stale', 'what it copies changed meanwhile')
  try {
    return await opened(carrying, file, most)
  } catch (error) {
    if (error instanceof TooLarge) return leave(carrying, file, tooLarge(most))
    if (!isUnreadable(error)) return atSource(world, connection, error)
    const { lag = 0 } = world.model.kind(connection, kind)
    // A read that lags may not show yet what its item shows already.
    if (world.clock.now() - now.acceptedAt < lag * 1000) throw later(failureOf(error).message)
    return leave(carrying, file, `it cannot be read there: ${failureOf(error).message}`)
  }
}

/** In pieces, as it is told to be: a file that breaks off, or is another one by now, is not taken for it. */
async function opened({ world, item, pair, priority }: Carrying, file: FileValue, most: number): Promise<Blob> {
  const { kind, connection, ref, scope } = item
  const session = sessionOf(world, connection)
  const { open } = session.setup.connector.files ?? {}
  if (open === undefined) throw new ConnectorError('rejected', `${pair.id} hands out no files`)
  const bytes = await open(session.call(scope, priority, [scope]), { kind, ref, scope, file })
  const blob = await world.blobs.put(untilTheEnd(world, bytes), most)
  if (file.size !== undefined && blob.size !== file.size)
    throw new ConnectorError('rejected', `it is told to have ${file.size} bytes, and ${blob.size} came`)
  if (file.digest !== undefined && blob.digest !== file.digest)
    throw new ConnectorError('rejected', 'its bytes have another digest than is told')
  return blob
}

/** A large file does not keep a process from ending. */
async function* untilTheEnd(world: World, bytes: Bytes): Bytes {
  for await (const piece of bytes) {
    if (world.buckets.isClosed) throw later('the process ends')
    yield piece
  }
}

async function sent(carrying: Carrying, file: FileValue, { digest, size }: Blob): Promise<FileValue> {
  const { world, model, intent, pair, item, priority } = carrying
  const session = sessionOf(world, intent.connection)
  const { upload } = session.setup.connector.files ?? {}
  if (upload === undefined) throw new ConnectorError('rejected', `${intent.connection} takes no files`)
  const { connection, kind } = item
  const key = fileKey(world.markerKey, model.flow.id, { connection, kind, ref: item.ref }, file.ref)
  const bytes = async function* (): Bytes {
    const kept = await world.blobs.get(digest)
    if (kept === null) throw later('its bytes are not kept any more')
    yield* untilTheEnd(world, kept)
  }
  const { kind: to } = pair.kinds[intent.side]
  const { name, type = ANY_TYPE } = file
  try {
    return await upload(session.call(intent.scope, priority, [intent.scope]), {
      key,
      kind: to,
      name,
      type,
      size,
      digest,
      bytes,
    })
  } catch (error) {
    const { failure, message } = failureOf(error)
    if (failure === 'rejected') return leave(carrying, file, `the other side does not take it: ${message}`)
    // The write itself was not sent: at most the upload stands there unused.
    throw failure === 'unavailable' ? later(message) : error
  }
}

function isUnreadable(error: unknown): boolean {
  return ['missing', 'forbidden', 'rejected'].includes(failureOf(error).failure)
}

/** What is wrong at the source is no trouble of the side that is written to. */
async function atSource(world: World, connection: string, error: unknown): Promise<never> {
  const { failure, message } = failureOf(error)
  if (failure === 'unauthorized') await noteConnection(world, connection, message)
  throw later(`${connection}: ${message}`)
}

function later(message: string): ConnectorError {
  return new ConnectorError('unavailable', message, { noEffect: true })
}

/** What nothing names any more. What cannot be dropped now is dropped at a start. */
export async function dropBlobs({ blobs, log }: World, digests: readonly string[]): Promise<void> {
  for (const digest of digests)
    await blobs.drop(digest).catch((error: unknown) => log('warn', failureOf(error).message, { digest }))
}

/** At a start: a process that died may have left bytes that nothing names. */
export async function sweepBlobs(world: World): Promise<void> {
  const found: string[] = []
  for await (const digest of world.blobs.digests()) found.push(digest)
  if (found.length === 0) return
  const flows = world.model.flows.flatMap(({ flow, pairs }) =>
    [...pairs.values()].map(({ id: pair, kinds }) => ({
      flow: flow.id,
      pair,
      connections: flow.connections,
      kinds: { a: kinds.a.kind, b: kinds.b.kind },
    })),
  )
  const kept = new Set(await world.store.keptBlobs({ flows }))
  await dropBlobs(
    world,
    found.filter((digest) => !kept.has(digest)),
  )
}
