/** What is laid out in the system itself so that flows can write there: tables, and what is missing in them. */
export interface Layout<Config, Api> {
  /** The statements that make all of it, for people to read; none: this configuration asks for nothing. */
  whole(config: Config): readonly string[]
  /** Those that make what is missing. They take nothing away that holds anything. */
  missing(api: Api): Promise<readonly string[]>
  /** Runs statements of `missing`: all of them, or none; or in their order, where the system has no way to do that. */
  carry(api: Api, statements: readonly string[]): Promise<void>
  /** How much stands in the tables of `whole`; absent: the system would have to be read whole for that. */
  counts?(api: Api): Promise<readonly RowCount[]>
}

export interface RowCount {
  readonly table: string
  /** The system that the rows come from; null: there are none. */
  readonly source: string | null
  /** Those that are there, and those that are marked as deleted. */
  readonly rows: number
  readonly deleted: number
}
