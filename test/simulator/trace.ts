/** Everything that happens in a run, as lines; their hash is what two runs of one seed have in common. */
import { createHash } from 'node:crypto'

export class Trace {
  readonly lines: string[] = []
  private readonly hash = createHash('sha256')
  /** Not yet part of the hash: one update for many lines. */
  private waiting = ''
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

  private take(): void {
    this.hash.update(this.waiting)
    this.waiting = ''
  }

  digest(): string {
    this.take()
    return this.hash.copy().digest('hex').slice(0, 16)
  }
}
