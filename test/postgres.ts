/** Stores on a real PostgreSQL for tests, each in a schema of its own. */
import { HOW, query, startPostgres } from './postgres-server.ts'

/** `npm test` starts one for all; a file that is run by itself has its own. */
const here = await startPostgres()
if (here === null && process.env['CI'] === 'true') throw new Error(`There is no PostgreSQL: ${HOW}`)
if (here !== null) process.once('exit', here.stop)

/** For the options of a test that needs one. */
export const needsPostgres = here === null ? { skip: `there is no PostgreSQL: ${HOW}` } : {}

let stores = 0

export interface PostgresStore {
  /** As the configuration names it. */
  readonly store: string
  readonly schema: string
  /** What any other program would get. */
  query(text: string): ReturnType<typeof query>
}

/** What has an end, as a test: then all of this is done, in this order. */
export interface Ends {
  after(end: () => unknown): void
}

/** The name of a store that goes away with the test. */
export function postgresStore(t: Ends): PostgresStore {
  if (here === null) throw new Error('this test needs PostgreSQL')
  const { url } = here
  const schema = `test_${process.pid}_${(stores += 1)}`
  t.after(() => query(url, `DROP SCHEMA IF EXISTS ${schema} CASCADE`))
  return {
    store: `${url}${url.includes('?') ? '&' : '?'}schema=${schema}`,
    schema,
    query: (text) => query(url, text.replaceAll('$schema', schema)),
  }
}
