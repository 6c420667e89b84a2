/** What `lockstep init` begins a configuration from. */
import type { Connectors } from '../connectors/index.ts'
import type { Clock, Http, Random } from '../connector/ports.ts'
import type { Folders } from '../connector/blobs.ts'
import type { Databases } from '../connector/sql.ts'
import type { Asking } from './asking.ts'

export interface InitPorts {
  readonly asking: Asking
  readonly connectors: Connectors
  readonly databases: Databases
  readonly http: Http
  readonly folders: Folders
  readonly clock: Clock
  readonly random: Random
  /** The zone of this machine, which is proposed. */
  readonly zone: string
  /** A variable of the environment. */
  readonly variable: (name: string) => string | undefined
}

/** A value that belongs into the environment, and not into the file. */
export interface Variable {
  readonly name: string
  /** Null: only its owner knows it. */
  readonly value: string | null
  readonly about: string
}

export interface Draft {
  readonly text: string
  readonly variables: readonly Variable[]
  /** What to do next, in order: a command, and what it is for. */
  readonly next: readonly (readonly [command: string, about: string])[]
  /** What a person should see before the file is written. */
  readonly shown: string | null
}

export interface Template {
  readonly id: string
  readonly about: string
  draft(ports: InitPorts): Promise<Draft>
}

export const HEAD = `# yaml-language-server: $schema=./lockstep.schema.json
# (for editors: lockstep config schema > lockstep.schema.json)
# A configuration of Lockstep, begun by "lockstep init". Every option: docs/guide/configuration.md.
# Secrets come from the environment, or from a .env beside this file.
store: ./lockstep.db
`
