/**
 * Decides whether a Google Chat and a Discourse agree, in a process of its own that knows only their HTTP APIs: it
 * shares no code with the engine and its connectors. Reads a question (demo/judge/case.ts) from standard input, prints
 * the verdict, and exits with 0 where they agree, 1 where they do not, 2 where it could not tell.
 */
import { text } from 'node:stream/consumers'
import { question, type Verdict } from './judge/case.ts'
import { readChat } from './judge/chat.ts'
import { compare } from './judge/compare.ts'
import { readForum } from './judge/forum.ts'

async function judge(): Promise<Verdict> {
  const asked = question.parse(JSON.parse(await text(process.stdin)))
  const [chat, forum] = await Promise.all([readChat(asked), readForum(asked)])
  return compare(chat, forum, asked.excused)
}

try {
  const verdict = await judge()
  console.log(JSON.stringify(verdict))
  process.exitCode = verdict.ok ? 0 : 1
} catch (error) {
  console.error(`The judge could not read both systems: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}
