/** Loaded before everything else in a process of its own: changes the text of one source file as it is loaded. */
import { registerHooks } from 'node:module'
import { MUTANTS } from './mutants.ts'

const name = process.env['SIMULATOR_MUTANT']
const mutant = MUTANTS.find((each) => each.name === name)
if (mutant === undefined) throw new Error(`no mutant is called ${name ?? ''}`)
const edits = mutant.also === undefined ? [mutant] : [mutant, mutant.also]
const applied = new Set<string>()

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const own = edits.filter(({ file }) => url.endsWith(`/${file}`))
    if (own.length === 0) return loaded
    let text = textOf(loaded.source)
    for (const edit of own) {
      if (text.split(edit.find).length !== 2)
        throw new Error(`${mutant.name}: its place in ${edit.file} is gone, or is not the only one`)
      text = text.replace(edit.find, () => edit.replace)
      applied.add(edit.file)
    }
    return { ...loaded, source: text }
  },
})

process.on('exit', () => {
  const missing = edits.filter(({ file }) => !applied.has(file))
  if (missing.length === 0) return
  console.error(`${mutant.name}: ${missing.map(({ file }) => file).join(', ')} was not loaded`)
  process.exitCode = 3
})

function textOf(source: unknown): string {
  if (typeof source === 'string') return source
  if (source instanceof Uint8Array) return Buffer.from(source).toString('utf8')
  throw new Error('a module without source text')
}
