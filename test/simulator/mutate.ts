/** Loaded before everything else in a process of its own: changes the text of one source file as it is loaded. */
import { registerHooks } from 'node:module'
import { MUTANTS } from './mutants.ts'

const name = process.env['SIMULATOR_MUTANT']
const mutant = MUTANTS.find((each) => each.name === name)
if (mutant === undefined) throw new Error(`no mutant is called ${name ?? ''}`)
let applied = false

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (!url.endsWith(`/${mutant.file}`)) return loaded
    const text = textOf(loaded.source)
    if (text.split(mutant.find).length !== 2)
      throw new Error(`${mutant.name}: its place in ${mutant.file} is gone, or is not the only one`)
    applied = true
    return { ...loaded, source: text.replace(mutant.find, () => mutant.replace) }
  },
})

process.on('exit', () => {
  if (applied) return
  console.error(`${mutant.name}: ${mutant.file} was not loaded`)
  process.exitCode = 3
})

function textOf(source: unknown): string {
  if (typeof source === 'string') return source
  if (source instanceof Uint8Array) return Buffer.from(source).toString('utf8')
  throw new Error('a module without source text')
}
