/** Asks the judge, which is a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { jsonIn } from '../service.ts'
import { verdict, type Question, type Verdict } from './question.ts'

export async function judge(question: Question): Promise<Verdict> {
  const script = fileURLToPath(new URL('./judge.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(question))
  const [answer] = await Promise.all([text(child.stdout), once(child, 'close')])
  return verdict.parse(jsonIn(answer))
}
