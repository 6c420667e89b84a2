/**
 * Loaded before everything else in the process that is to die (`--import`), in its store's thread too: kills it at one
 * transaction. It changes the text of one source file as that is loaded, so that the product holds nothing of this.
 */
import { registerHooks } from 'node:module'
import { point } from './points.ts'

const asked = point.parse(JSON.parse(new URL(import.meta.url).searchParams.get('point') ?? ''))

const FILE = '/src/store/run.ts'
const FIND = 'export function runVerbs('

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (!url.endsWith(FILE)) return loaded
    const { source } = loaded
    const text = source instanceof Uint8Array ? Buffer.from(source).toString('utf8') : source
    if (typeof text !== 'string') throw new Error(`${FILE} has no text`)
    if (text.split(FIND).length !== 2) throw new Error(`${FILE} has no one place that reads ${FIND}`)
    return { ...loaded, source: `${text.replace(FIND, 'function run(')}\n${killing(JSON.stringify(asked))}` }
  },
})

function killing(asked: string): string {
  return `
const asked = ${asked}
let met = 0
const die = () => { process.kill(process.pid, 'SIGKILL'); for (;;); }
export function runVerbs(db, verbs, calls) {
  if (!calls.some(({ verb }) => verb === asked.verb) || ++met !== asked.nth) return run(db, verbs, calls)
  if (asked.when === 'before') die()
  const own = verbs[asked.verb]
  const last = { ...verbs, [asked.verb]: (statements, input) => { own(statements, input); die() } }
  const results = run(db, asked.when === 'within' ? last : verbs, calls)
  return die() ?? results
}`
}
