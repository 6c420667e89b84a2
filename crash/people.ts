/** People who write, answer, edit and delete on both sides all the while, each only what is their own. */
import { setTimeout as pause } from 'node:timers/promises'
import { actorOf, CAST, isWho, type Who } from '../demo/cast.ts'
import type { Act, System } from '../demo/protocol.ts'
import type { Systems } from '../demo/systems-process.ts'
import type { Chance } from './points.ts'

interface Own {
  readonly in: System
  readonly who: Who
  readonly ref: string
  readonly parent: string
  /** The head of a thread: it is not deleted, since its answers live on. */
  readonly head: boolean
}

export interface People {
  /** Until told to stop. */
  work(signal: AbortSignal): Promise<void>
  readonly deeds: () => number
}

const PLACES = ['Engineering', 'Support desk', 'Product', 'Office'] as const
const EVERY_MS = 200
/** A forum allows each of its people twenty topics a day. */
const TOPICS = 60

export function peopleOf(systems: Systems, chance: Chance): People {
  const own: Own[] = []
  let deeds = 0
  let topics = 0
  const one = <T>(all: readonly T[]): T | undefined => all[Math.floor(chance() * all.length)]
  const someone = (system: System): Who =>
    one(
      Object.keys(CAST)
        .filter(isWho)
        .filter((who) => actorOf(who)[system] !== undefined),
    ) ?? (system === 'chat' ? 'mira' : 'lena')
  const text = (what: string): string => `${what} number ${deeds}, and a few words more about docks, rain and helmets.`

  const begin = async (system: System): Promise<void> => {
    const who = someone(system)
    const place = one(PLACES) ?? 'Office'
    const title = `What we learned about dock number ${deeds}`
    const act: Act =
      system === 'chat'
        ? { do: 'write', in: 'chat', who, place, text: text('Thread') }
        : { do: 'write', in: 'forum', who, place, title, text: text('Topic') }
    if (system === 'forum') topics += 1
    await keep(act, { in: system, who, head: true })
  }
  const keep = async (act: Act, made: Pick<Own, 'in' | 'who' | 'head'>): Promise<void> => {
    const { where } = await systems.act([act], [])
    if (where !== null) own.push({ ...made, ...where })
  }
  const answer = async ({ in: system, parent }: Own): Promise<void> => {
    const who = someone(system)
    await keep({ do: 'reply', in: system, who, to: parent, text: text('Answer') }, { in: system, who, head: false })
  }
  const edit = async ({ in: system, who, ref }: Own): Promise<void> =>
    void (await systems.act([{ do: 'edit', in: system, who, ref, text: text('Edited') }], []))
  const remove = async (item: Own): Promise<void> => {
    own.splice(own.indexOf(item), 1)
    await systems.act([{ do: 'remove', in: item.in, who: item.who, ref: item.ref }], [])
  }

  const deed = async (): Promise<void> => {
    deeds += 1
    const system = one(['chat', 'forum'] as const) ?? 'chat'
    const mine = own.filter((each) => each.in === system)
    const item = one(mine)
    const what = chance()
    const may = system === 'chat' || topics < TOPICS
    if (item === undefined || (what < 0.15 && may)) return begin(system)
    if (what < 0.65) return answer(item)
    return what < 0.9 || item.head ? edit(item) : remove(item)
  }
  return {
    deeds: () => deeds,
    async work(signal) {
      while (!signal.aborted) {
        await deed()
        await pause(Math.floor(chance() * 2 * EVERY_MS), undefined, { signal }).catch(() => undefined)
      }
    },
  }
}
