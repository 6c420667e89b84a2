/** Numbers, times and events as people say them. */
import type { Config } from '../config/index.ts'
import type { Side } from '../core/flow.ts'
import type { EngineEvent } from '../engine/world.ts'
import { plain } from './table.ts'

export function ago(at: number | null, now: number): string {
  return at === null ? 'never' : `${duration(Math.max(0, now - at))} ago`
}

export function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}

export function moment(at: number): string {
  const date = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

export function number(value: number): string {
  return value.toLocaleString('en-US')
}

export function counted(count: number, noun: string, many = `${noun}s`): string {
  return `${number(count)} ${count === 1 ? noun : many}`
}

export function bytes(count: number): string {
  if (count < 1000) return counted(count, 'byte')
  const [unit, by] =
    count < 1e6 ? (['kB', 1e3] as const) : count < 1e9 ? (['MB', 1e6] as const) : (['GB', 1e9] as const)
  return `${Number((count / by).toFixed(1))} ${unit}`
}

/** '90m' ago, or an instant; null: neither. A date alone begins at midnight here. */
export function instantOf(text: string, now: number): number | null {
  const span = spanOf(text)
  if (span !== null) return now - span
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(date) : Number.NaN
  return Number.isNaN(at) ? null : at
}

/** '90m' in milliseconds; null: it is no length of time. */
export function spanOf(text: string): number | null {
  const span = /^(\d{1,6})([smhd])$/.exec(text)
  return span === null ? null : Number(span[1]) * (SPANS[span[2] ?? ''] ?? 0)
}

const SPANS: { readonly [unit: string]: number } = { s: 1000, m: 60_000, h: 3600_000, d: 86_400_000 }

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

/** As a shell takes it for one word. */
export function shellWord(text: string): string {
  return /^[\w:@.,/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
