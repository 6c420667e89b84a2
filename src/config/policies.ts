/** What the configuration says about conflicts: a word, a connection, or a file with a function. */
import type { Policy } from '../core/flow.ts'
import { merging } from '../mappings/index.ts'
import { isFile, resolverOf, type Loader } from './functions.ts'
import type { Path } from './problem.ts'
import { policyOf } from './sides.ts'

/** Undefined: none is set. Null: a finding was reported. */
export function readPolicy(
  setting: { readonly conflict?: string | undefined },
  path: Path,
  loader: Loader,
): Policy | null | undefined {
  if (setting.conflict === undefined) return undefined
  const { between, report } = loader
  if (setting.conflict === 'merge') return merging
  if (isFile(setting.conflict)) return resolverOf(setting.conflict, [...path, 'conflict'], loader)
  const policy = policyOf(setting.conflict, between)
  if (policy === null)
    report({
      code: 'bad-policy',
      path: [...path, 'conflict'],
      message: 'this is no conflict policy',
      remedy: `write newest, ask, merge, ${between[0]}, ${between[1]}, or a file with a function such as ./resolve.ts`,
    })
  return policy
}
