/** What a list brings along where it is asked to, by id. */
import { leftOut } from './answers.ts'
import type { Query } from './query.ts'

/** Answers nothing for a name that is not asked for. */
export function sideloadsOf(
  query: Query,
  known: readonly string[],
): <T>(name: string, ids: readonly number[], json: (id: number) => T) => Readonly<Record<string, Record<string, T>>> {
  const wanted = (query.text('include') ?? '').split(',').filter((name) => name !== '')
  const unknown = wanted.find((name) => !known.includes(name))
  if (unknown !== undefined) throw leftOut(`the sideload ${unknown}`)
  return (name, ids, json) =>
    wanted.includes(name) ? { [name]: Object.fromEntries([...new Set(ids)].map((id) => [String(id), json(id)])) } : {}
}
