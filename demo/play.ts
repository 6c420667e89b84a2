/** What scripted people can do, told on the screen as it happens, and again when it has arrived on the other side. */
import { actorOf, type Who } from './cast.ts'
import type { Act, Expectation, System } from './protocol.ts'
import { quoted, type Screen } from './screen.ts'
import type { Systems } from './systems-process.ts'

/** Something that stands in one of the two systems. */
export interface Item {
  readonly in: System
  readonly ref: string
  readonly parent: string
  readonly text: string
  /** When it is on the other side too. */
  readonly arrived: Promise<number>
}

export interface Play {
  write(who: Who, place: string, text: string): Promise<Item>
  topic(who: Who, place: string, title: string, text: string): Promise<Item>
  reply(who: Who, to: Pick<Item, 'in' | 'parent'>, text: string): Promise<Item>
  edit(who: Who, item: Item, text: string): Promise<Item>
  remove(who: Who, item: Item): Promise<void>
  /** With everything in it. */
  removeTopic(who: Who, first: Item, texts: readonly string[]): Promise<void>
  /** Something that will not travel; `why` says so on the screen. `listed`: Lockstep lists the difference. */
  alone(act: Act, why: string, listed: boolean): Promise<void>
  /** Several acts at the same moment, of which this is expected. */
  together(acts: readonly Act[], expect: readonly Expectation[], told: string, outcome: string): Promise<void>
  find(system: System, text: string): Promise<Item>
  /** The copy of something, once it is there. */
  copyOf(item: Item): Promise<Item>
  invite(space: string): Promise<void>
  /** Lets whoever watches read. */
  beat(): Promise<void>
  /** Until everything that was written has arrived. */
  settled(): Promise<void>
  /** `declared`: differences that Lockstep has to list. `contested`: what two people edited at once. */
  readonly tally: { actions: number; travelled: number; declared: number; contested: string | null }
}

const NAMES = { chat: 'Google Chat', forum: 'Discourse' } as const
const OTHER = { chat: 'forum', forum: 'chat' } as const

export function playOn(systems: Systems, screen: Screen, beat: () => Promise<void>): Play {
  const tally: Play['tally'] = { actions: 0, travelled: 0, declared: 0, contested: null }
  const under = new Set<Promise<number>>()

  const go = async (
    acts: readonly Act[],
    expect: readonly Expectation[],
    told: string,
    outcome: string,
  ): Promise<Item> => {
    await beat()
    const { where, arrived } = await systems.act(acts, expect)
    tally.actions += acts.length
    screen.told(told)
    const [goal] = expect
    if (goal !== undefined) {
      tally.travelled += 1
      under.add(arrived)
      arrived.then(
        (ms) => screen.arrived(`${outcome} in ${NAMES[goal.in]} after ${seconds(ms)}`),
        (error: unknown) => screen.trouble(String(error)),
      )
      arrived.catch(() => undefined)
    }
    const first = acts[0]
    return {
      in: first?.in ?? 'chat',
      ref: where?.ref ?? '',
      parent: where?.parent ?? '',
      text: first !== undefined && 'text' in first ? first.text : '',
      arrived,
    }
  }
  const found = async (system: System, text: string): Promise<Item> => {
    const where = await systems.find(system, text)
    if (where === null) throw new Error(quoted(`nobody finds in ${NAMES[system]} `, text))
    return { in: system, text, arrived: Promise.resolve(0), ...where }
  }
  return {
    tally,
    beat,
    ...people(go),
    async alone(act, why, listed) {
      await go([act], [], sentence(act), '')
      if (listed) tally.declared += 1
      screen.arrived(why)
    },
    async together(acts, expect, told, outcome) {
      await go(acts, expect, told, outcome)
      const [first] = acts
      if (first?.do === 'edit') tally.contested ??= first.ref
    },
    find: found,
    async copyOf(item) {
      await item.arrived
      return found(OTHER[item.in], item.text)
    },
    async invite(space) {
      if ((await systems.invite(space)) === null) throw new Error(`there is no space ${space}`)
      screen.told(`Everybody is invited into the new space ${space}`)
    },
    async settled() {
      await Promise.all(under)
    },
  }
}

type Go = (acts: readonly Act[], expect: readonly Expectation[], told: string, outcome: string) => Promise<Item>

function people(go: Go): Pick<Play, 'write' | 'topic' | 'reply' | 'edit' | 'remove' | 'removeTopic'> {
  const carried = (act: Act, outcome: string): Promise<Item> =>
    go([act], 'text' in act ? [{ in: OTHER[act.in], text: act.text, change: 'more' }] : [], sentence(act), outcome)
  return {
    write: (who, place, text) => carried({ do: 'write', in: 'chat', who, place, text }, 'a new topic'),
    topic: (who, place, title, text) => carried({ do: 'write', in: 'forum', who, place, title, text }, 'a new thread'),
    reply: (who, to, text) => carried({ do: 'reply', in: to.in, who, to: to.parent, text }, 'arrived'),
    async edit(who, item, text) {
      const edited = await carried({ do: 'edit', in: item.in, who, ref: item.ref, text }, 'the edit is')
      return { ...edited, ref: item.ref, parent: item.parent }
    },
    async remove(who, item) {
      const act: Act = { do: 'remove', in: item.in, who, ref: item.ref }
      const gone: Expectation = { in: OTHER[item.in], text: item.text, change: 'fewer' }
      await go([act], [gone], quoted(`${sentence(act)}: `, item.text), 'gone')
    },
    async removeTopic(who, first, texts) {
      const act: Act = { do: 'remove-topic', in: 'forum', who, topic: first.parent }
      const gone = texts.map((text): Expectation => ({ in: 'chat', text, change: 'fewer' }))
      await go([act], gone, sentence(act), 'the whole thread is gone')
    },
  }
}

function sentence(act: Act): string {
  const { name } = actorOf(act.who)
  const where = act.in === 'chat' ? 'Chat' : 'Discourse'
  switch (act.do) {
    case 'write':
      return act.in === 'chat'
        ? quoted(`${name} in ${where}, ${act.place}: `, act.text)
        : quoted(`${name} opens a topic in ${where}, ${act.place}: `, act.title)
    case 'reply':
      return quoted(`${name} replies in ${where}: `, act.text)
    case 'edit':
      return quoted(`${name} edits in ${where}: `, act.text)
    case 'remove':
      return `${name} deletes in ${where}`
    case 'remove-topic':
      return `${name} deletes a whole topic in ${where}`
    case 'retitle':
      return quoted(`${name} renames a topic: `, act.title)
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
}
