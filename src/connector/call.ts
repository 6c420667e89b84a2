/** What each call of a connector is handed, and what it names. */
import type { Ref } from './values.ts'

/** Where an item is. `scope`: the ref of its container; '' is the connection itself. */
export interface Place {
  readonly scope: Ref
  readonly ref: Ref
}

export interface Person {
  readonly ref: Ref
  readonly name?: string | undefined
  /** Only an address that the system itself has verified: equal ones are one person. */
  readonly email?: string | undefined
}

/**
 * How a call is made, and as whom. `scope` is the container concerned; `scopes` are all containers that flows read (for
 * feeds).
 */
export interface Call<Api> {
  readonly api: Api
  /** Whose credential it is, as `probe` found. */
  readonly actor: Person
  readonly scope: Ref
  readonly scopes: readonly Ref[]
}
