/** A driver runs verbs against one database. Only drivers differ between service, simulation and databases. */

/** One verb with its input; both are plain data, which crosses to a worker thread and back as JSON. */
export interface VerbCall {
  readonly verb: string
  readonly input: unknown
  /** Why its input could not cross: the verb is not run, and this is its error. Only what has crossed bears it. */
  readonly unfit?: string
}

export type VerbResult = { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly error: Error }

export interface Driver {
  /**
   * Runs the calls in order in ONE transaction; a verb that throws undoes only itself. A verb may be run twice.
   * Resolves after the commit is durable. Rejects when the transaction as a whole failed: then nothing was written.
   */
  run(calls: readonly VerbCall[]): Promise<readonly VerbResult[]>
  close(): Promise<void>
}
