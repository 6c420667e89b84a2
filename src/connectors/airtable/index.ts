/** Airtable: records of tables of one base, with a personal access token. */
import { defineConnector } from '../../connector/index.ts'
import { connect, type Api } from './api.ts'
import { calls } from './calls.ts'
import { channels, webhook } from './channels.ts'
import { BASE, configuration, limitsOf, type Config } from './config.ts'
import { feedsOf } from './feed.ts'
import { files } from './files.ts'
import { kindsOf } from './kinds.ts'
import { layout } from './layout.ts'
import { probe } from './probe.ts'
import { isTableId } from './table.ts'

export const airtable = defineConnector<Config, Api>({
  name: 'airtable',
  title: 'Airtable',
  config: configuration,
  limits: limitsOf,
  calls,
  connect,
  probe,
  kinds: kindsOf,
  feeds: feedsOf,
  files,
  people: { areEmails: true },
  layout,
  webhook,
  channels,
  unconfirmed: {
    'read-lag': {
      fact: 'Reads show at once what was written.',
      remedy: 'report it: how far reads lag is fixed in the connector',
    },
    feed: {
      fact: 'The list of a webhook tells of a change within seconds.',
      remedy: 'nothing is lost: changes arrive as late as that',
    },
  },
  link({ base, tables }, kind, { ref }) {
    const table = tables[kind]?.table ?? kind
    if (kind === BASE) return `https://airtable.com/${base}`
    return isTableId(table) ? `https://airtable.com/${base}/${table}/${ref}` : null
  },
})
