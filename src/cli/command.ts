/** What each command is added and run with. */
import type { Command } from 'commander'
import type { ConfigTexts } from './config.ts'
import type { Emulation } from './emulate.ts'
import type { Shell } from './shell.ts'

export interface Common {
  readonly config: string
  readonly json: boolean
  readonly verbose: boolean
  /** The command's name, 'sync'. */
  readonly command: string
}

export interface ProgramOptions {
  readonly version: string
  /** Runs a command in the shell that its common options call for; answers its exit code. */
  readonly start: (common: Common, work: (shell: Shell) => Promise<number>) => Promise<number>
  readonly emulation: Emulation
  readonly texts: ConfigTexts
  readonly write: { readonly out: (text: string) => void; readonly err: (text: string) => void }
  /** How wide help is; absent: as the terminal. */
  readonly help?: { readonly getOutHelpWidth: () => number }
}

export type Add = (name: string, about: string, examples: string, under?: Command) => Command
export type Does = (command: Command, work: (shell: Shell) => Promise<number>) => void
