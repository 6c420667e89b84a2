/** Files that stay where they are: nothing on the other side stands for them, so nobody there is answered by them. */
import type { FileValue, Json } from '../../connector/values.ts'
import { filesIn, sameValue } from '../../connector/values.ts'
import type { Side } from '../../core/flow.ts'
import type { Link, Observation } from '../../core/state.ts'
import { stayingFiles } from './files.ts'
import type { SideSpec } from './subjects.ts'
import type { Sql } from './rows.ts'

/** Whether files of a field came that travel, or any went, since the two sides agreed. */
export function areOtherFiles(
  sql: Sql,
  { flow, pair }: Pick<Link, 'flow' | 'pair'>,
  { side, spec, item }: { readonly side: Side; readonly spec: SideSpec; readonly item: Observation },
  { now, was }: { readonly now: Json | undefined; readonly was: Json | undefined },
): boolean {
  const before = filesIn(was)
  const tried = stayingFiles(sql, flow, pair, side, item)
  const most = spec.files?.most ?? 0
  const isIn = (files: readonly FileValue[], file: FileValue): boolean => files.some((each) => sameValue(each, file))
  const goes = (file: FileValue): boolean =>
    (file.size ?? 0) <= most && !tried.some((each) => sameValue(each.file, file))
  const after = filesIn(now).filter((file) => isIn(before, file) || goes(file))
  return after.length !== before.length || before.some((file) => !isIn(after, file))
}
