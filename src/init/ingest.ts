/** Teamwork and Missive into tables that people query. */
import { noAddress, noDatabase, noPublicAddress } from './answers.ts'
import { quote } from './yaml.ts'
import { ConnectorError } from '../connector/failure.ts'
import { configured } from '../connector/connector.ts'
import { aloneOf } from '../connector/runtime.ts'
import { askedForWebhooks, type Answering } from './webhooks.ts'
import { EXIT, UserError } from '../words/errors.ts'
import { BACKEND } from '../config/index.ts'
import { HEAD, type Draft, type InitPorts, type Template, type Variable } from './template.ts'

const NONE = 'none'

interface Teamwork {
  readonly site: string
  readonly key: string
  readonly tried: Answering | null
}

interface Missive {
  readonly token: string
  /** Rules that somebody makes by hand send webhooks too, under a secret. */
  readonly rules: boolean
  readonly tried: Answering | null
}

interface Destination {
  readonly url: string
  readonly schema: string | null
  readonly readers: readonly string[]
  /** Where attachments are kept; null: they are not. */
  readonly folder: string | null
}

export const ingest: Template = {
  id: 'ingest',
  about: 'Teamwork and Missive into tables of PostgreSQL or SQLite that people query',
  async draft(ports): Promise<Draft> {
    const { asking } = ports
    const sources = await asking.choose({
      id: 'sources',
      words: 'What is to be copied into tables?',
      options: [
        { value: 'both', words: 'Teamwork and Missive' },
        { value: 'teamwork', words: 'Teamwork alone' },
        { value: 'missive', words: 'Missive alone' },
      ],
    })
    const teamwork = sources === 'missive' ? null : await teamworkFrom(ports)
    const missive = sources === 'teamwork' ? null : await missiveFrom(ports)
    const destination = await destinationFrom(ports, missive !== null)
    const publicUrl = await asking.text({
      id: 'public_url',
      words:
        'How is this machine reached from outside, so that changes come at once? https://…, or none: then it asks every minute',
      proposed: NONE,
      refused: (answer) => (answer === NONE ? null : noPublicAddress(answer)),
    })
    if (publicUrl !== NONE)
      for (const each of [teamwork?.tried, missive?.tried]) if (each) await askedForWebhooks(ports, each, publicUrl)
    return {
      text: textOf({ teamwork, missive, destination, publicUrl: publicUrl === NONE ? null : publicUrl }),
      variables: variablesOf(teamwork, missive, destination),
      next: [
        ['lockstep tables create warehouse', 'shows the SQL of the tables, asks, runs it'],
        ['lockstep check', 'is it right, can the accounts do what is needed?'],
        ['lockstep plan', 'what the first sync would write; what stands in new projects is not known yet'],
        ['lockstep sync', 'shows the plan again and asks: the first sync needs a yes'],
        ['lockstep run', 'from then on'],
      ],
      shown: null,
    }
  },
}

async function teamworkFrom(ports: InitPorts): Promise<Teamwork> {
  const site = await ports.asking.text({
    id: 'teamwork',
    words: 'Where is the Teamwork site?',
    example: 'https://yourcompany.teamwork.com',
    refused: noAddress,
  })
  const key = await secretFrom(ports, 'teamwork_key', 'TEAMWORK_API_KEY', 'An API key? Edit my details → API & Mobile')
  return { site, key, tried: await tried(ports, 'teamwork', { baseUrl: site, apiKey: key }) }
}

async function missiveFrom(ports: InitPorts): Promise<Missive> {
  const token = await secretFrom(ports, 'missive_token', 'MISSIVE_TOKEN', 'A token of Missive? Preferences → API')
  const works = await tried(ports, 'missive', { token })
  const rules = await ports.asking.choose({
    id: 'missive_webhooks',
    words:
      'Missive is asked to tell of mails and comments. Will a rule by hand (Settings → Rules) tell of labels, assignees and closing too?',
    options: [
      { value: 'no', words: 'No, these are polled' },
      { value: 'yes', words: 'Yes', hint: 'with a secret that is written there and here' },
    ],
  })
  return { token, rules: rules === 'yes', tried: works }
}

/** One that the environment knows already is not asked for. */
function secretFrom({ asking, variable }: InitPorts, id: string, name: string, words: string): Promise<string> {
  const known = variable(name)
  return asking.text({ id, words, secret: true, ...(known === undefined ? {} : { proposed: known, assumed: true }) })
}

async function destinationFrom({ asking, variable }: InitPorts, hasFiles: boolean): Promise<Destination> {
  const backend = variable(BACKEND)?.trim().toLowerCase() ?? ''
  if (!['', 'postgres', 'postgresql', 'sqlite'].includes(backend))
    await asking.note(
      BACKEND,
      `is "${backend}": these questions are about PostgreSQL or SQLite\n→ docs/guide/ingest.md shows the configuration for Airtable`,
    )
  const proposed = variable('WAREHOUSE_URL') ?? (backend.startsWith('postgres') ? undefined : 'sqlite:./ingest.db')
  const url = await asking.text({
    id: 'url',
    words: 'Into which database? postgres://user:password@host:5432/name, or sqlite:./ingest.db',
    ...(proposed === undefined ? {} : { proposed }),
    refused: noDatabase,
  })
  const isPostgres = !url.startsWith('sqlite:')
  const schema = !isPostgres
    ? null
    : await asking.text({
        id: 'schema',
        words: 'In which schema? It is made where it is not there',
        proposed: 'ingest',
        refused: (answer) => (/^[a-z_][a-z0-9_]{0,50}$/.test(answer) ? null : 'small letters, digits and _'),
      })
  const readers = !isPostgres
    ? NONE
    : await asking.text({
        id: 'readers',
        words: 'Which roles may read the tables? Names with commas, or none',
        proposed: NONE,
      })
  const folder = !hasFiles
    ? NONE
    : await asking.text({
        id: 'attachments',
        words: 'Where are the attachments of mails kept? A folder, or none: then only their names are',
        proposed: './attachments',
      })
  return {
    url,
    schema,
    readers: readers === NONE ? [] : readers.split(',').map((each) => each.trim()),
    folder: folder === NONE ? null : folder,
  }
}

/** Asks the system whose key that is; what it refuses is told in its own words, and so is what stands in the way. */
async function tried(ports: InitPorts, name: string, options: object): Promise<Answering | null> {
  const found = ports.connectors.get(name)
  if (found === undefined) throw new TypeError(`there is no connector ${name}`)
  const { title } = found
  try {
    const config: unknown = found.config.parse(options)
    const connector = configured(found, config)
    const api: unknown = connector.connect(config, aloneOf(ports))
    const { actor, problems } = await connector.probe(api)
    const told = problems.map(({ message, remedy }) => `${message}\n→ ${remedy}`)
    await ports.asking.note(title, [`works, as ${actor.name ?? actor.ref}`, ...told].join('\n'))
    return { connector, api, actor }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    if (error.failure === 'unauthorized' || error.failure === 'forbidden')
      throw new UserError({
        code: 'key-refused',
        message: `${title} does not take this key: ${error.message}`,
        remedy: `Make another one, as docs/connectors/${name}.md says, and begin again.`,
        exit: EXIT.configuration,
        cause: error,
      })
    await ports.asking.note(title, `could not be asked: ${error.message}\n→ "lockstep check" asks again`)
    return null
  }
}

interface Parts {
  readonly teamwork: Teamwork | null
  readonly missive: Missive | null
  readonly destination: Destination
  readonly publicUrl: string | null
}

function textOf({ teamwork, missive, destination, publicUrl }: Parts): string {
  const { url, schema, readers, folder } = destination
  const options = [
    ...(schema === null ? [] : [`schema: ${schema}`]),
    ...(readers.length === 0 ? [] : [`readers: [${readers.map(quote).join(', ')}]`]),
  ]
  const flow = (id: string, from: string, scopes: string, about: string): string => `  ${id}:
    between: [${from}, warehouse]
    direction: ${from}->warehouse
${scopes}    each: { from: ${from} } # ${about}
    start: all # or a date: what was made since then alone
    brake: { writes: { at_least: 100000 } } # a copy: many changes at once are nothing to be asked about
`
  return `${HEAD}
listen:
${
  publicUrl === null
    ? '  # public_url: https://sync.example.org # systems send there what changes; without it changes are polled'
    : `  public_url: ${publicUrl} # systems send there what changes\n  webhooks: 127.0.0.1:8484`
}

connections:
${
  teamwork === null
    ? ''
    : `  teamwork:
    connector: teamwork
    base_url: ${teamwork.site}
    api_key: \${TEAMWORK_API_KEY}
`
}${
    missive === null
      ? ''
      : `  missive:
    connector: missive
    token: \${MISSIVE_TOKEN}
${missive.rules ? '    webhook_secret: ${MISSIVE_WEBHOOK_SECRET} # as in the rule that somebody makes by hand\n' : ''}`
  }  warehouse:
    connector: database
    url: ${url.startsWith('sqlite:') ? JSON.stringify(url) : '${WAREHOUSE_URL}'}
    capture: off # nobody else writes these tables
    ingest: ${options.length === 0 ? '{}' : `{ ${options.join(', ')} }`} # the tables that docs/guide/ingest.md tells
${folder === null ? '' : `    files: { folder: ${JSON.stringify(folder)} } # attachments, each under its SHA-256\n`}
flows:
${teamwork === null ? '' : flow('work', 'teamwork', '    scopes: [[site, site]] # people, tags and projects\n', 'the tasks of every project')}${
    missive === null ? '' : flow('mail', 'missive', '', "every organization of the token's user")
  }`
}

function variablesOf(teamwork: Teamwork | null, missive: Missive | null, { url }: Destination): readonly Variable[] {
  return [
    ...(teamwork === null ? [] : [{ name: 'TEAMWORK_API_KEY', value: teamwork.key, about: 'of Teamwork' }]),
    ...(missive === null ? [] : [{ name: 'MISSIVE_TOKEN', value: missive.token, about: 'of Missive' }]),
    ...(missive?.rules === true
      ? [{ name: 'MISSIVE_WEBHOOK_SECRET', value: null, about: 'as in the rule of Missive; any long random text' }]
      : []),
    ...(url.startsWith('sqlite:') ? [] : [{ name: 'WAREHOUSE_URL', value: url, about: 'the database of the tables' }]),
  ]
}
