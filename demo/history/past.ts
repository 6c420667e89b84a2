/** How the history is written down: threads of lines, a few minutes apart, some days ago. */
import type { Who } from '../cast.ts'

export interface Line {
  readonly who: Who
  readonly text: string
  /** Minutes after the line before. */
  readonly after?: number
  /** What became of it later: its text is the newest one. */
  readonly later?: 'edited' | 'deleted'
}

export interface Conversation {
  readonly daysAgo: number
  /** In UTC, as 09:15. */
  readonly at: string
  /** A topic's; a thread has none. */
  readonly title?: string
  readonly lines: readonly Line[]
}

export interface Place {
  /** The space's or category's name. */
  readonly name: string
  readonly conversations: readonly Conversation[]
}

export function line(who: Who, text: string, more: Pick<Line, 'after' | 'later'> = {}): Line {
  return { who, text, ...more }
}

export interface DatedLine extends Line {
  readonly time: number
}

/** The lines with their moments, in milliseconds since 1970. */
export function dated({ daysAgo, at, lines }: Conversation, now: number): DatedLine[] {
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  let time = new Date(now - daysAgo * 86_400_000).setUTCHours(hours, minutes, 0, 0)
  return lines.map((each, index) => {
    if (index > 0) time += (each.after ?? 4) * 60_000
    return { ...each, time }
  })
}
