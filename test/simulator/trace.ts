/** Everything that happens in a run, as lines; their hash is what two runs of one seed have in common. */
import { createHash } from 'node:crypto'

export class Trace {
  readonly lines: string[] = []
  private readonly hash = createHash('sha256')
  private readonly keeps: boolean
  private readonly now: () => number

  constructor(now: () => number, keeps: boolean) {
    this.now = now
    this.keeps = keeps
  }

  line(text: string): void {
    const line = `${this.now()} ${text.replaceAll('\n', '⏎')}`
    this.hash.update(line)
    if (this.keeps) this.lines.push(line)
  }

  digest(): string {
    return this.hash.copy().digest('hex').slice(0, 16)
  }
}
