/** What stands once for every account: which entries do, the ids that they get, and how their problems are told. */
import { placeOf, type Path, type Problem } from './problem.ts'

/** By its id: the values of an account, each as it is written, its variables not filled in yet. */
export type Accounts = ReadonlyMap<string, ReadonlyMap<string, string>>

/** The sections of the file whose entries may be templates. */
const SECTIONS: readonly string[] = ['connections', 'flows']

/** Whether this is the place of a connection or a flow. */
export function isEntry(path: Path): boolean {
  return path.length === 2 && SECTIONS.includes(String(path[0]))
}

/** The id of what a template is for one account. */
export function idFor(template: string, account: string): string {
  return `${template}/${account}`
}

/** The ids of connections and flows, once templates are written out. */
export const WRITTEN_OUT = /^[a-z][a-z0-9-]{0,39}(\/[a-z][a-z0-9-]{0,39})?$/

/** Null: it stands for itself. */
export function templateOf(id: string): { readonly template: string; readonly account: string } | null {
  const [template = '', account] = id.split('/')
  return account === undefined ? null : { template, account }
}

/** What is wrong with a template is told once, at its place in the file, and of whom, where it is not of all. */
export function toldOnce(
  problems: readonly (Problem & { readonly path: Path })[],
  accounts: Accounts,
): readonly Problem[] {
  const groups = Map.groupBy(problems, (problem) => {
    const { place } = placed(problem.path, accounts)
    return JSON.stringify([place, problem.line, problem.column, problem.message])
  })
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike
    if (first === undefined) return []
    const { path, ...problem } = first
    const { place, account } = placed(path, accounts)
    if (account === null) return [problem]
    const of = alike.map((each) => placed(each.path, accounts).account)
    const whose = of.length === accounts.size ? '' : ` (${of.length === 1 ? 'account' : 'accounts'} ${of.join(', ')})`
    return [{ ...problem, place: problem.place === '' ? '' : place, message: `${problem.message}${whose}` }]
  })
}

function placed(path: Path, accounts: Accounts): { readonly place: string; readonly account: string | null } {
  const [section, id, ...rest] = path
  const own = typeof id === 'string' && isEntry(path.slice(0, 2)) ? templateOf(id) : null
  if (section === undefined || own === null || !accounts.has(own.account))
    return { place: placeOf(path), account: null }
  return { place: placeOf([section, own.template, ...rest]), account: own.account }
}
