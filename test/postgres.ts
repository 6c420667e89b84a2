/** Stores on PostgreSQL for tests, each in a schema of its own. */
import { HOW, hasOneSession, query, startPostgres } from './postgres-server.ts'

/** `npm test` starts one for all; a file that is run by itself has its own. */
const here = await startPostgres()
process.once('exit', here.stop)
const oneSession = hasOneSession(here)
if (oneSession && process.env['CI'] === 'true') throw new Error(`There is no PostgreSQL: ${HOW}`)

/** For the options of a test that needs several sessions at once, or one that another can end or see. */
export const needsSessions = oneSession ? { skip: 'needs a PostgreSQL of more than one session' } : {}

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
  const { url } = here
  const schema = `test_${process.pid}_${(stores += 1)}`
  t.after(() => query(url, `DROP SCHEMA IF EXISTS ${schema} CASCADE`))
  return {
    store: `${url}${url.includes('?') ? '&' : '?'}schema=${schema}`,
    schema,
    query: (text) => query(url, text.replaceAll('$schema', schema)),
  }
}
