/** What the engine does, as it is told to people. */
import type { Config } from '../config/index.ts'
import type { Side } from '../core/flow.ts'
import type { Conflict } from '../core/state.ts'
import type { EngineEvent } from '../engine/world.ts'
import { counted, duration } from './numbers.ts'
import { plain } from './text.ts'

const DONE: { readonly [action: string]: string } = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  empty: 'emptied',
  link: 'linked',
  unlink: 'unlinked',
  sleep: 'left as it is',
  wake: 'joined again',
  correct: 'told a difference in',
  mark: 'marked a difference in',
}

export function actionDone(action: string): string {
  return DONE[action] ?? action
}

/** The kind and the connection of a side of a pair. */
export function placeOf(config: Config, flow: string, pair: string, side: Side): { kind: string; connection: string } {
  const found = config.flows.find((each) => each.flow.id === flow)?.flow
  const pairs = found === undefined ? [] : [found.containers, ...found.pairs]
  const facts = pairs.find((each) => each.id === pair)?.kinds[side]
  return { kind: facts?.kind ?? pair, connection: facts?.connection ?? side }
}

/** A reason, in which a side is called by its connection. */
export function withSidesNamed(why: string, config: Config, flow: string, pair: string): string {
  return why.replaceAll(
    /\bside (a|b)\b/g,
    (_, side) => placeOf(config, flow, pair, side === 'a' ? 'a' : 'b').connection,
  )
}

/** How it stands with a conflict; 'over': it ended by itself, and its reason says how. */
export function conflictState(config: Config, { winner, resolvedAt, flow, pair }: Conflict): string {
  if (resolvedAt === null) return 'open'
  if (winner === null) return 'over'
  return winner === 'accept' ? 'accepted' : `${placeOf(config, flow, pair, winner).connection} stands`
}

/** One event in one line; null: nothing that a person needs to know. */
export function eventWords(event: EngineEvent, config: Config): string | null {
  switch (event.is) {
    case 'read':
      return event.changed === 0 ? null : `${event.connection}: ${counted(event.changed, 'change')} read`
    case 'listed': {
      const where = event.scope === '' ? 'its containers' : event.scope
      return event.complete ? `${event.connection}: ${where} read whole, ${counted(event.items, 'item')}` : null
    }
    case 'wrote': {
      const { flow, pair, side } = event
      const to = placeOf(config, flow, pair, side)
      const from = placeOf(config, flow, pair, side === 'a' ? 'b' : 'a')
      const waited = event.waitedMs === null ? 'found after a lost answer' : duration(event.waitedMs)
      const article = /^[aeiou]/.test(to.kind) ? 'an' : 'a'
      const done = `${actionDone(event.action)} ${article} ${to.kind} in ${to.connection}`
      return `${flow}: ${done} for the ${from.kind} ${plain(event.ref)} of ${from.connection} (${waited})`
    }
    case 'held':
      return `${event.flow}: held ${event.pair} ${plain(event.ref)}: ${event.reason}: ${plain(event.detail, 200)}`
    case 'trouble':
      return `${plain(event.where)}: ${event.failure}: ${plain(event.message, 200)}; ${event.next}`
    case 'renewed':
      return null
    case 'live':
      return `${event.flow}: ${event.a} and ${event.b} are joined and read`
  }
}

export function eventLevel(event: EngineEvent): 'debug' | 'info' | 'warn' {
  if (event.is === 'trouble' || event.is === 'held') return 'warn'
  return event.is === 'read' && event.changed === 0 ? 'debug' : 'info'
}
