/** Files, of one field on each side: one or several. What is new on a side is copied to the other. */
import type { Lens, Policy, Way } from '../core/flow.ts'
import { direct } from './direct.ts'

export interface FilesOptions {
  readonly id: string
  readonly a: string
  readonly b: string
  readonly way?: Way
  readonly policy?: Policy
}

export function files(options: FilesOptions): Lens {
  return { ...direct(options), files: true }
}
