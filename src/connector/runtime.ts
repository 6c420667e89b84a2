/** What a connector is handed, made of the ways to the world that a process has. */
import { ConnectorError } from './failure.ts'
import type { Limits, Runtime, Tokens } from './ports.ts'

type Own = Pick<Runtime, 'tokens' | 'limits' | 'installation'>

/** Tokens and limits are a connection's own. */
export type Outside = Omit<Runtime, keyof Own>

/** Those ways and nothing else, whatever stands beside them. */
export function runtimeOf({ clock, random, http, databases, folders, log }: Outside, own: Own): Runtime {
  return { clock, random, http, databases, folders, log, ...own }
}

/** For a question of a person's own, of a system without a sign-in: nothing is logged, and no limit is shared. */
export function aloneOf(outside: Omit<Outside, 'log'>, limits: Limits = UNLIMITED): Runtime {
  return runtimeOf({ ...outside, log: () => undefined }, { tokens: NO_TOKENS, limits })
}

/** For connections without OAuth. */
export const NO_TOKENS: Tokens = {
  bearer: () => Promise.reject(new ConnectorError('unauthorized', 'this connection has no OAuth client')),
  refused: () => undefined,
}

const UNLIMITED: Limits = { within: (_draws, call) => call() }
