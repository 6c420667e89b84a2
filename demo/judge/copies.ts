/** Reads the line by which a copy names its author. The judge's own reading, apart from what the engine writes with. */
import type { System, Text } from './case.ts'

export interface Copy {
  readonly author: string
  readonly text: string
}

const IN_FORUM = /^\*\*(.+?)\*\* in Google Chat:(?:\n\n|$)([\s\S]*)$/
const IN_CHAT = /^(?:\*[^*\n]+\*\n)?\*([^*\n]+)\*:(?: |$)([\s\S]*)$/

/** Null: it names nobody, so it is no copy. */
export function copyIn(system: System, text: string): Copy | null {
  const found = (system === 'forum' ? IN_FORUM : IN_CHAT).exec(text)
  return found === null ? null : { author: nameKey(found[1] ?? ''), text: found[2] ?? '' }
}

/** One name for all the ways in which the two systems can show it. */
export function nameKey(name: string): string {
  return name
    .replace(/\\(.)/g, '$1')
    .replaceAll('∗', '*')
    .replaceAll('´', '`')
    .replaceAll('‹', '<')
    .replaceAll('›', '>')
    .replace(/\s+/g, ' ')
    .trim()
}

export function keyOfOriginal({ author, text }: Text): string {
  return `${nameKey(author)}\n${text}`
}

/** Null: not a copy of anything. */
export function keyOfCopy(system: System, { text }: Text): string | null {
  const copy = copyIn(system, text)
  return copy === null ? null : `${copy.author}\n${copy.text}`
}
