/** A configuration that was read: what the product runs on. */
import type { Configured } from '../connector/connector.ts'
import type { Alias } from './aliases.ts'
import type { CompiledFlow } from './compiled-flow.ts'
import type { Location } from './location.ts'

export interface Config {
  /** Of the file, absolute, as are all paths here. */
  readonly path: string
  /** To be shown: a file, or a URL without its password. */
  readonly store: string
  /** What the files beside the store begin with; of a file, the file itself. */
  readonly beside: string
  /** Null: the store is a file. */
  readonly postgres: Location | null
  readonly sealing: SealingKey
  readonly listen: {
    /** Null: off. */
    readonly webhooks: Address | null
    readonly control: Address | null
    /** How the webhook listener is reached from outside, without a slash at its end; null: it is not told. */
    readonly publicUrl: string | null
    /** In bytes. */
    readonly maxBody: number
    readonly maxPerMinute: number
  }
  readonly pollMs: number
  /** How long the journal keeps what was done; null: for ever. */
  readonly journalMs: number | null
  /** A program and its arguments, told when something begins or ends that a person should know; null: none. */
  readonly notify: readonly [string, ...string[]] | null
  readonly connections: readonly Connection[]
  /** Who is one: each person's refs or e-mails, by connection. */
  readonly people: readonly (readonly { readonly connection: string; readonly ref: string }[])[]
  readonly flows: readonly CompiledFlow[]
  /** Options that variables gave which the file does not name. */
  readonly aliases: readonly Alias[]
  /** Variables of other programs that have no effect here. */
  readonly notices: readonly Notice[]
  /** Every secret value, so that logs can leave them out. */
  readonly secrets: readonly string[]
}

export type SealingKey =
  | { readonly from: 'environment'; readonly value: string }
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'command'; readonly command: readonly [string, ...string[]] }

export interface Address {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

export interface Connection {
  readonly id: string
  readonly title: string
  readonly connector: Configured
  /** What `connector.config` made of the options: handed to the connector as it is. */
  readonly config: unknown
  readonly webhooks: {
    readonly accept: 'signed' | 'unsigned' | 'off'
    /** Those in force, the current one first. */
    readonly secrets: readonly string[]
  }
  /** Where its system is asked to send webhooks; null: nowhere. */
  readonly address: string | null
}

/** A variable of the environment that changes nothing here. */
export interface Notice {
  readonly variable: string
  readonly message: string
  readonly remedy: string
}
