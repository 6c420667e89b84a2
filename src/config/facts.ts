/** What planning needs to know of a connector's kind. */
import type { Configured, Files } from '../connector/connector.ts'
import type { KindFacts } from '../core/flow.ts'

export function factsOf(connection: string, connector: Configured, kind: string): KindFacts | null {
  if (!Object.hasOwn(connector.kinds, kind)) return null
  const declared = connector.kinds[kind]
  if (declared === undefined) return null
  const field = declared.siblings ?? declared.under
  const to = field === undefined ? undefined : declared.fields[field]?.to
  return {
    connection,
    kind,
    fields: declared.fields,
    container: declared.is === 'container',
    parent: field === undefined || to === undefined ? null : { field, kind: to },
    siblings: declared.siblings !== undefined,
    head: declared.head ?? null,
    takes: declared.takes ?? [],
    unique: declared.unique ?? [],
    scopeField: declared.scopeField ?? null,
    ...(declared.untold === undefined ? {} : { untold: declared.untold }),
    ...(connector.files === undefined ? {} : { files: filesOf(connector.files) }),
    can: {
      create: declared.create !== undefined,
      update: declared.update !== undefined,
      delete: declared.delete !== undefined,
      empty: declared.empty !== undefined,
    },
  }
}

function filesOf({ open, upload, mostBytes }: Files<unknown>): NonNullable<KindFacts['files']> {
  return { opens: open !== undefined, uploads: upload !== undefined, mostBytes: mostBytes ?? null }
}
