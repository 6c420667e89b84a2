/** What commands are handed: the only ways in which they reach anything. */
import type { Config, Problem } from '../config/index.ts'
import type { Folders } from '../connector/blobs.ts'
import type { OpenDatabases } from '../adapters/databases.ts'
import type { HttpClient } from '../adapters/http.ts'
import type { Clock, Random } from '../connector/ports.ts'
import type { Prompts } from '../init/asking.ts'
import type { InitPorts } from '../init/template.ts'
import type { EngineEvent } from '../engine/world.ts'
import type { Operations, Status } from '../service/operations.ts'
import type { Output } from './output.ts'

export interface Shell {
  readonly out: Output
  readonly clock: Clock
  readonly random: Random
  readonly http: HttpClient
  readonly databases: OpenDatabases
  readonly folders: Folders
  readonly files: Files
  /** Of every system that is known. */
  readonly connectors: InitPorts['connectors']
  /** Null where nobody sits at a terminal. */
  readonly prompts: Prompts | null
  readonly variable: (name: string) => string | undefined
  /** The time zone of this machine. */
  readonly zone: string
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  /** Reads the configuration, or answers all that is wrong with it. */
  readConfig(): { readonly config: Config } | { readonly config: null; readonly problems: readonly Problem[] }
  /** Reads the configuration; throws where anything is wrong with it. */
  config(): Config
  /**
   * Runs `work` against the process that owns the store, or owns it meanwhile. `create`: the store is made where there
   * is none; else an empty one in memory stands in for it.
   */
  operate<T>(config: Config, create: boolean, work: (operations: Operations) => Promise<T>): Promise<T>
  /** Copies the store while it is in use. */
  backUp(config: Config, to: string): void
  /** Puts a backup in its place. Answers where the store is that was there. */
  restore(config: Config, from: string): Promise<string | null>
  serve(config: Config, options: ServeOptions): Promise<void>
  /** While `work` is under way, the first signal aborts `signal` instead of ending the process. */
  busy<T>(work: () => Promise<T>): Promise<T>
  /** What is typed or piped in, line by line, until `signal` aborts. */
  lines(signal: AbortSignal): AsyncIterable<string>
  /** Keeps a secret out of everything that is written from now on. */
  learned(secret: string): void
}

export interface Files {
  /** Null: there is no such file. */
  read(path: string): string | null
  /** For this user alone. */
  write(path: string, text: string): void
}

export interface ServeOptions {
  readonly approve: boolean
  readonly ready: (listeners: Status['listeners']) => void
  readonly event: (event: EngineEvent) => void
}

/** A command's work; answers its exit code. */
export type Run<Options> = (shell: Shell, options: Options) => Promise<number>
