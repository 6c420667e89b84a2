/** The network between the engine and the made-up systems, in virtual time and under faults. */
import { z } from 'zod'
import type { Bytes } from '../../src/connector/blobs.ts'
import type { Http, HttpRequest, HttpResponse } from '../../src/connector/ports.ts'
import { inPieces } from '../../src/testing/memory-blobs.ts'
import type { VirtualTime } from '../../src/testing/virtual-time.ts'
import { between, type Chance } from './chance.ts'
import type { FaultPlan, RequestFault, Spell, Strikes } from './faults.ts'
import { Ask, type Answer, type One } from './ask.ts'
import { PLACES, type Place } from './shape.ts'
import type { Systems } from './system.ts'
import type { Trace } from './trace.ts'

export interface WireOptions {
  readonly time: VirtualTime
  readonly systems: Systems
  readonly plan: FaultPlan
  readonly strikes: Strikes
  /** How long requests and answers are under way. */
  readonly chance: Chance
  readonly trace: Trace
  readonly start: number
  /** Until when faults strike. */
  readonly healAt: number
  readonly counts: Map<string, number>
  /** Whom the writes meet. */
  readonly meetings: Chance
  /** Somebody acts on what a write to this side is about. */
  readonly meet: (side: Place, write: One) => void
}

/** Where a process may end, as a story tells it. */
export type Point =
  | 'before it sends a request'
  | 'before it takes an answer'
  | 'in the middle of a file'
  | `after it committed ${string}`

/** A process as its ports see it. `step` counts a point at which it may be ended, and answers whether it lives on. */
export interface Life {
  readonly alive: boolean
  step(point: Point): boolean
}

type Arriving = HttpResponse & Pick<Answer, 'arrives'>

const WRITES: ReadonlySet<Ask['op']> = new Set(['create', 'update', 'delete', 'empty', 'upload'])

export function httpOf(options: WireOptions, life: Life): Http {
  const { time, chance } = options
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        if (!life.alive || !life.step('before it sends a request')) return
        const side = PLACES.find((place) => request.url.startsWith(`http://${place}.`)) ?? 'a'
        const ask = askOf(request)
        const sentAt = time.now()
        const isWrite = WRITES.has(ask.op) && ask.op !== 'upload'
        const fault = time.now() < options.healAt ? options.strikes.next(isWrite) : null
        if (fault !== null) note(options, fault)
        const { meets: often, crowds } = options.plan
        const met = fault === 'limited' ? Math.max(often, crowds) : often
        const meets = time.now() < options.healAt && isWrite && options.meetings.chance(met)
        const there = fault === 'slow' || meets ? between(chance, 2000, 9000) : between(chance, 5, 120)
        if (meets) meet(options, side, ask, fault === 'limited' ? there + 5000 : there)
        const back = between(chance, 5, 120)
        const late = lateness(options, side, fault)
        const ends = (response: Arriving | null): void => {
          if (!life.alive || !life.step('before it takes an answer')) return
          if (fault !== 'truncated') response?.arrives?.()
          if (response?.status === 200 && fault !== 'truncated')
            options.systems[side].watch?.answered(side, () => `${textsOf(ask)} ${textsIn(ask, response.body)}`)
          if (response === null) reject(new Error('connection lost'))
          else if (ask.op !== 'open' || response.status !== 200) resolve(response)
          else resolve({ ...response, body: '', bytes: streamed(options, life, response.body, fault) })
        }
        if (late > 0) {
          if (request.sends === undefined) time.after(late, () => answer(options, side, ask, sentAt, null))
          time.after(there + back, () => ends(null))
          return
        }
        const go = (whole: Ask): void => {
          time.after(there, () => {
            const response = answer(options, side, whole, sentAt, fault)
            const made =
              ask.op === 'upload' ? [{ text: whole.headText }] : ask.op === 'create' ? (ask.many ?? [ask]) : []
            for (const { text = '' } of made) options.systems[side].watch?.sending(side, text, fault)
            time.after(back, () => ends(response))
          })
        }
        if (request.sends === undefined) return go(ask)
        collected(options, life, request.sends.bytes()).then((headText) => go({ ...ask, headText }), reject)
      }),
  }
}

/** Bytes go by other ways than JSON. */
function askOf({ url, body }: HttpRequest): Ask {
  const { pathname, searchParams } = new URL(url)
  const [, op, ref = ''] = pathname.split('/')
  if (op === 'open') return { op, ref }
  return op === 'upload' ? { op, text: searchParams.get('name') ?? '' } : Ask.parse(JSON.parse(body ?? '{}'))
}

const PIECE_MS = 20

/** A process may end between two pieces of what it sends. */
async function collected({ time }: WireOptions, life: Life, bytes: Bytes): Promise<string> {
  let text = ''
  for await (const piece of bytes) {
    await new Promise<void>((next) => time.after(PIECE_MS, next))
    if (!life.alive || (text === '' && !life.step('in the middle of a file'))) await new Promise(() => undefined)
    text += Buffer.from(piece).toString()
  }
  return text
}

async function* streamed({ time }: WireOptions, life: Life, text: string, fault: RequestFault | null): Bytes {
  let isFirst = true
  for await (const piece of inPieces(Buffer.from(text))) {
    await new Promise<void>((next) => time.after(PIECE_MS, next))
    if (!life.alive || (isFirst && !life.step('in the middle of a file'))) await new Promise(() => undefined)
    if (fault === 'truncated' && !isFirst) throw new Error('connection lost')
    isFirst = false
    yield piece
  }
}

/** While it is under way, or, where it is refused for now, until its next turn. */
function meet({ time, meetings, ...options }: WireOptions, side: Place, ask: Ask, within: number): void {
  const write = meetings.pick(ask.many ?? [ask])
  time.after(meetings.int(within), () => options.meet(side, write))
}

function tellOne({ ref, room, text = '', headText = '' }: One): string {
  return `${ref ?? room ?? ''} ${text} ${headText}`.trimEnd()
}

function textsOf({ many, ...one }: Ask): string {
  return (many ?? [one]).map(({ text = '' }) => text).join(' ')
}

const Titled = z.object({ kind: z.literal('thread') })

/** What an answer shows, without what threads are called: that is made of a post's text, and tells nothing of the post. */
function textsIn({ op }: Ask, body: string): string {
  if (op === 'open') return body
  const shown: unknown = JSON.parse(body, (_, value: unknown) => (Titled.safeParse(value).success ? null : value))
  return JSON.stringify(shown)
}

/** An effect that comes after the connection broke, but within the declared settle time, read lag included. */
function lateness({ systems, chance }: WireOptions, side: Place, fault: RequestFault | null): number {
  if (fault !== 'late-effect') return 0
  const { settleS, lagMs } = systems[side].shape
  return between(chance, 1000, Math.max(1000, settleS * 1000 - lagMs - 1000))
}

function answer(
  options: WireOptions,
  side: Place,
  ask: Ask,
  sentAt: number,
  fault: RequestFault | null,
): Arriving | null {
  const response = underFault(options, side, ask, sentAt, fault)
  const what =
    `the engine asks ${side} to ${ask.op} ${ask.kind ?? ''} ${(ask.many ?? [ask]).map(tellOne).join(', ')}`.trimEnd()
  const line = `${what} → ${response?.status ?? 'no answer'}${fault === null ? '' : ` (${fault})`}`
  if (fault === null && !WRITES.has(ask.op)) options.trace.line(line)
  else options.trace.tell(line)
  return response
}

function underFault(
  options: WireOptions,
  side: Place,
  ask: Ask,
  sentAt: number,
  fault: RequestFault | null,
): Arriving | null {
  const spell = spellAt(options, side, ask)
  const { board } = options.systems[side]
  if (ask.op === 'changes') board.pulls += 1
  if (board.revoked) return said(401, 'who are you')
  if (spell?.what === 'outage') return said(503, 'out of order')
  if (spell?.what === 'permission-lost') return said(404, 'not found')
  if (spell?.what === 'forbidden') return said(403, 'forbidden')
  const carry = (asked = ask): Arriving => {
    const { status, body, arrives } = options.systems[side].handle(asked, sentAt)
    if (status === 200 && ask.op === 'update')
      for (const { text = '' } of ask.many ?? [ask]) options.systems[side].watch?.took(side, text)
    return {
      ...said(status, ask.op === 'open' && status === 200 ? String(body) : JSON.stringify(body)),
      ...(arrives === undefined ? {} : { arrives }),
    }
  }
  switch (fault) {
    case 'lost-request':
      return null
    case 'lost-response':
      carry(part(options, side, ask))
      return null
    case 'error-before':
      return said(500, 'broken')
    case 'error-after':
      carry(part(options, side, ask))
      return said(502, 'broken after all')
    case 'limited':
      return said(429, 'too many', { 'retry-after': '5' })
    case 'unauthorized':
      return said(401, 'who are you')
    case 'truncated': {
      const whole = carry()
      if (ask.op === 'open') return whole
      return { ...whole, body: whole.body.slice(0, Math.max(1, whole.body.length - 3)) }
    }
    default:
      return carry()
  }
}

/** Where each of a batch is done for itself, some of it may be all that was done. */
function part({ systems, chance }: WireOptions, side: Place, ask: Ask): Ask {
  if (ask.many === undefined || systems[side].shape.batch?.refused !== 'alone') return ask
  return { ...ask, many: ask.many.slice(0, between(chance, 1, ask.many.length)) }
}

function said(status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status, body, headers }
}

function spellAt({ time, plan, start, healAt, counts }: WireOptions, side: Place, ask: Ask): Spell | null {
  if (time.now() >= healAt) return null
  const now = time.now() - start
  const spell = plan.spells.find((each) => each.side === side && each.from <= now && now < each.until)
  // Where even the rooms are hidden from somebody who is known, nothing could tell an outage from an absence.
  const spared = ask.op === 'me' || (ask.op === 'find' && ask.kind === 'room')
  if (spell === undefined || (spared && spell.probe)) return null
  counts.set(spell.what, (counts.get(spell.what) ?? 0) + 1)
  return spell
}

function note({ counts }: WireOptions, fault: string): void {
  counts.set(fault, (counts.get(fault) ?? 0) + 1)
}
