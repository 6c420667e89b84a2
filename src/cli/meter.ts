/** Shows how far a command is, on stderr: a bar on a terminal, a line now and then elsewhere. */
import type { Config } from '../config/index.ts'
import type { Progress, Say } from '../service/operations.ts'
import type { Shell } from './shell.ts'
import { counted, duration, number } from '../words/numbers.ts'
import { eventWords } from '../words/events.ts'

const BAR = 24
/** How often a line is written where there is no terminal. */
const LINE_MS = 5000
/** So many troubles are told one by one. */
const MOST_NOTES = 10
const RATE_WINDOW_MS = 10_000
/** A command that takes longer tells at once what keeps it waiting. */
const SOON_MS = 10_000

export interface Meter {
  readonly say: Say
  end(): void
}

export function createMeter({ out, clock }: Pick<Shell, 'out' | 'clock'>, config: Config): Meter {
  let items = 0
  let told = 0
  const began = clock.now()
  let lastLine = began
  const samples: { at: number; done: number }[] = []

  const rateOf = (done: number): number => {
    const at = clock.now()
    samples.push({ at, done })
    while (samples.length > 2 && at - (samples[0]?.at ?? at) > RATE_WINDOW_MS) samples.shift()
    const first = samples[0]
    return first === undefined || at === first.at ? 0 : ((done - first.done) * 1000) / (at - first.at)
  }

  const show = (text: string): void => {
    if (out.live) out.bar(text)
    else if (clock.now() - lastLine >= LINE_MS) {
      lastLine = clock.now()
      out.note(text)
    }
  }

  const hear = (progress: Progress): void => {
    if (progress.is === 'phase') {
      show(progress.phase === 'reading' ? 'Reading both sides …' : 'Bringing them together …')
      return
    }
    if (progress.is === 'count') {
      show(countWords(progress, rateOf(progress.done)))
      return
    }
    if (progress.is !== 'event') return
    const { event } = progress
    if (event.is === 'listed') {
      if (event.complete) items += event.items
      show(`Reading both sides … ${counted(items, 'item')}`)
    }
    if (event.is !== 'held' && event.is !== 'trouble') return
    // The verdict tells of a connection that fails; meanwhile only what takes long needs to.
    if (
      event.is === 'trouble' &&
      config.connections.some(({ id }) => id === event.where) &&
      clock.now() - began < SOON_MS
    )
      return
    told += 1
    if (told <= MOST_NOTES) out.note(`  ! ${eventWords(event, config) ?? ''}`)
    else if (told === MOST_NOTES + 1) out.note('  ! and more; "lockstep held" and "lockstep status" tell')
  }
  return { say: hear, end: () => out.bar('') }
}

function countWords({ done, left, etaMs, limitMs }: Extract<Progress, { is: 'count' }>, rate: number): string {
  const share = done + left === 0 ? 1 : done / (done + left)
  const full = Math.round(share * BAR)
  const bar = `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`
  const eta = left === 0 || etaMs === null ? '' : `, ${duration(etaMs)} to go`
  const pace =
    rate > 0 || limitMs === null
      ? `${rate > 0 && rate < 1 ? `${Math.max(1, Math.round(rate * 60))}/min` : `${rate.toFixed(1)}/s`}${eta}`
      : `a limit lets the next call through in ${duration(limitMs)}`
  return `${bar} ${number(done)} written, ${number(left)} left, ${pace}`
}
