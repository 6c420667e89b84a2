/** Everything that happens in a run, as lines; their hash is what two runs of one seed have in common. */
import { createHash } from 'node:crypto'

export class Trace {
  readonly lines: string[] = []
  /** What a person would tell of it. */
  readonly told: string[] = []
  private readonly hash = createHash('sha256')
  /** Not yet part of the hash: one update for many lines. */
  private waiting = ''
  private lastTold = ''
  private times = 0
  private readonly keeps: boolean
  private readonly now: () => number

  constructor(now: () => number, keeps: boolean) {
    this.now = now
    this.keeps = keeps
  }

  line(text: string): void {
    const line = `${this.now()} ${text.includes('\n') ? text.replaceAll('\n', '⏎') : text}`
    this.waiting += line
    if (this.waiting.length > 65_536) this.take()
    if (this.keeps) this.lines.push(line)
  }

  /** Part of the story too. */
  tell(text: string): void {
    this.line(text)
    const again = this.lastTold === text
    this.times = again ? this.times + 1 : 1
    this.lastTold = text
    if (again) this.told.pop()
    const times = again ? ` (${this.times} times)` : ''
    this.told.push(`${clockFace(this.now())} ${text.replaceAll('\n', '⏎')}${times}`)
  }

  private take(): void {
    this.hash.update(this.waiting)
    this.waiting = ''
  }

  digest(): string {
    this.take()
    return this.hash.copy().digest('hex').slice(0, 16)
  }
}

/** Minutes and seconds after the first sync. */
function clockFace(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1000)
  const two = (each: number): string => String(each).padStart(2, '0')
  return `${ms < 0 ? '-' : ' '}${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
}
